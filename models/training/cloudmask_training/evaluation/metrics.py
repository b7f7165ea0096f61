"""Counts and the figures made of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cloudmask_training.classes import CLEAR, CLOUD, NO_DATA, SHADOW, THICK, THIN, bits
from cloudmask_training.imagery.target import BoolArray, ByteArray
from cloudmask_training.imagery.universal import FloatArray

CLASSES = {
    "cloud": CLOUD,
    "clear": CLEAR,
    "thin": bits(THIN),
    "thick": bits(THICK),
    "shadow": bits(SHADOW),
}
"""What is counted, as sets: cloud against the rest, then each of the four classes against the others."""

_FOUR = ("clear", "thick", "thin", "shadow")


@dataclass(frozen=True)
class Tally:
    """Pixels found rightly, found wrongly, missed and rightly left out; and the scenes with pixels of the class."""

    hits: int = 0
    false_alarms: int = 0
    misses: int = 0
    rejections: int = 0
    scenes: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Pools pixels."""
        ours, theirs = vars(self).values(), vars(other).values()
        return Tally(*(a + b for a, b in zip(ours, theirs, strict=True)))

    @property
    def accuracy(self) -> float:
        """Share of pixels that are right."""
        return _share(self.hits + self.rejections, self.false_alarms + self.misses)

    @property
    def recall(self) -> float:
        """Share of the class that is found."""
        return _share(self.hits, self.misses)

    @property
    def specificity(self) -> float:
        """Share of the others that is left out."""
        return _share(self.rejections, self.false_alarms)

    @property
    def balanced_accuracy(self) -> float:
        """Mean of recall and specificity."""
        return (self.recall + self.specificity) / 2

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _share(2 * self.hits, self.false_alarms + self.misses)

    @property
    def iou(self) -> float:
        """Intersection over union."""
        return _share(self.hits, self.false_alarms + self.misses)


def _share(part: int, rest: int) -> float:
    return part / (part + rest) if part + rest > 0 else float("nan")


def predicted(probabilities: FloatArray) -> dict[str, BoolArray]:
    """What probabilities `[7, height, width]` say, by the service's rule: summed first, then the largest wins."""
    land, water, snow, thin, thick, shadow, _ = probabilities
    largest = np.argmax([land + water + snow, thick, thin, shadow], axis=0)
    found = {name: largest == i for i, name in enumerate(_FOUR)}
    return found | {"cloud": thin + thick > 0.5}


def tallies(found: dict[str, BoolArray], sets: ByteArray) -> dict[str, Tally]:
    """Counts for each class; pixels count where their set of possible classes decides."""
    result = {}
    is_known = (sets != 0) & (sets != bits(NO_DATA))
    for name, members in CLASSES.items():
        is_in = is_known & (sets & ~np.uint8(members) == 0)
        is_out = is_known & (sets & np.uint8(members) == 0)
        result[name] = _tally(found[name], is_in, is_out)
    return result


def _tally(found: BoolArray, is_in: BoolArray, is_out: BoolArray) -> Tally:
    def count(mask: npt.NDArray[np.bool_]) -> int:
        return int(mask.sum())

    return Tally(
        hits=count(found & is_in),
        false_alarms=count(found & is_out),
        misses=count(~found & is_in),
        rejections=count(~found & is_out),
        scenes=int(is_in.any()),
    )


def pooled(parts: list[dict[str, Tally]]) -> dict[str, Tally]:
    """Sums tallies of scenes."""
    return {name: sum((part[name] for part in parts), Tally()) for name in CLASSES}
