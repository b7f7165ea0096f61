"""What is known of each pixel: up to three sets of classes, each with a weight.

A pixel of class c is ({c}: 1); one that is clear or shadow ({land, water, snow, shadow}: 1); a teacher that gives cloud
70 % makes ({thin, thick}: 0.7), (clear: 0.25), ({shadow}: 0.05). The loss is in `optimisation/loss.py`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cloudmask_training.classes import CLEAR, CLOUD, LAND, NO_DATA, SHADOW, SNOW, WATER, bits
from cloudmask_training.imagery.universal import GREEN, NIR, RED, SWIR_1, FloatArray

SETS = 3
ByteArray = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Target:
    """`sets` [3, height, width] of class bits and their `weights`, whose sum is 1, or 0 where nothing is known."""

    sets: ByteArray
    weights: FloatArray

    def replaced(self, where: BoolArray, set_: int) -> "Target":
        """The same with one set, for certain, in some pixels."""
        sets, weights = self.sets.copy(), self.weights.copy()
        sets[:, where] = set_
        weights[0, where], weights[1:, where] = 1, 0
        return Target(sets, weights)

    def hardened(self) -> ByteArray:
        """One set for each pixel [height, width]: the union of those that weigh at least 0.2."""
        union = np.bitwise_or.reduce(np.where(self.weights >= 0.2, self.sets, 0), axis=0)
        return np.asarray(union, np.uint8)

    def mapped(self, change: tuple[Any, ...]) -> "Target":
        """A crop, flip or other indexing of both arrays."""
        return Target(self.sets[change], self.weights[change])


def certain(sets: ByteArray) -> Target:
    """A target of one set for each pixel [height, width]."""
    all_sets = np.zeros((SETS, *sets.shape), np.uint8)
    all_sets[0] = sets
    weights = np.zeros(all_sets.shape, np.float32)
    weights[0] = sets != 0
    return Target(all_sets, weights)


def probable(clear_sets: ByteArray, cloud: FloatArray, shadow: FloatArray) -> Target:
    """A teacher's word: probabilities of cloud and shadow; the rest is `clear_sets`."""
    sets = np.empty((SETS, *cloud.shape), np.uint8)
    sets[0], sets[1], sets[2] = clear_sets, CLOUD, bits(SHADOW)
    weights = np.stack([1 - cloud - shadow, cloud, shadow]).clip(0, 1).astype(np.float32)
    return Target(sets, weights)


def narrowed_clear(bands: FloatArray, clear_set: int = CLEAR) -> ByteArray:
    """Land, water or snow where the spectrum leaves no doubt, else `clear_set`, for `bands` on the universal set.

    Conservative thresholds on the usual indices: vegetation is land, bright and dark in SWIR is snow, dark and
    bluer than green in NIR is water.
    """
    green, red, nir, swir = (bands[i] for i in (GREEN, RED, NIR, SWIR_1))
    tiny = np.float32(1e-4)
    vegetation = (nir - red) / (nir + red + tiny)
    snow = (green - swir) / (green + swir + tiny)
    water = (green - nir) / (green + nir + tiny)
    sets = np.full(green.shape, clear_set, np.uint8)
    sets[(vegetation > 0.35) & (nir > 0.12)] = bits(LAND)
    sets[(water > 0.2) & (nir < 0.1) & (swir < 0.05)] = bits(WATER)
    sets[(snow > 0.6) & (green > 0.45) & (nir > 0.35)] = bits(SNOW)
    return sets


NOTHING_THERE = bits(NO_DATA)
