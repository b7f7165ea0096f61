"""Batches of simulated observations, each given by seed and step alone: a stopped run goes on as if it had not been.

Making a scene costs more than observing it: each serves several times, with other crops, sensors and errors. Steps are
dealt to lanes; a lane draws from a window of its scenes that slides on from batch to batch. A loader process that
serves a lane keeps the scenes of its window, and one that starts anew makes them again.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cloudmask_training.imagery.scenes import Scene
from cloudmask_training.imagery.spectra import SpectralLibrary
from cloudmask_training.imagery.target import Target
from cloudmask_training.imagery.universal import FloatArray
from cloudmask_training.simulation.clouds import LONGEST_SHADOW, add_clouds
from cloudmask_training.simulation.fields import FieldBank
from cloudmask_training.simulation.observation import Observation, observe
from cloudmask_training.simulation.sensors import draw_sensor
from cloudmask_training.simulation.surfaces import real_surface, synthetic_surface, turned

Random = np.random.Generator

_REAL_SCALES = (0.6, 1.9)
_KINDS_WITHOUT_MIXTURES = {"labelled": 0.42, "other": 0.13, "synthetic": 0.45}
_KINDS = {"labelled": 0.32, "mixture": 0.28, "other": 0.08, "synthetic": 0.32}
_CLOUDS_ADDED = {"labelled": 0.45, "mixture": 0.25, "other": 0.5, "synthetic": 0.8}
"""How often simulated clouds are put over a surface of a kind."""
_STATISTICS_STEP = 4  # every 4th pixel along both axes is enough for the quantiles of training
_WINDOW = 24  # scenes of a lane that may be drawn
_BANK, _SCENE, _BATCH = range(3)  # streams of random numbers


@dataclass(frozen=True)
class BatchPlan:
    """Size of the batch of a step."""

    images: int
    side: int
    """Height and width in pixels."""


@dataclass(frozen=True)
class Batch:
    """Bands of all images stand one after the other; `counts` says how many each image has."""

    bands: Tensor
    descriptors: Tensor
    samples: Tensor
    """`[bands, pixels]` for the quantiles."""
    counts: list[int]
    sets: Tensor
    """`[images, 3, height, width]`, bits of classes."""
    weights: Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        tensors = (self.bands, self.descriptors, self.samples)
        bands, descriptors, samples = (t.to(device, non_blocking=True) for t in tensors)
        sets, weights = (t.to(device, non_blocking=True) for t in (self.sets, self.weights))
        return Batch(bands, descriptors, samples, self.counts, sets, weights)


def batch_of(observations: list[Observation]) -> Batch:
    """Joins observations of one size."""
    bands = torch.from_numpy(np.concatenate([o.bands for o in observations]))
    first = _STATISTICS_STEP // 2
    sampled = bands[:, first::_STATISTICS_STEP, first::_STATISTICS_STEP]
    return Batch(
        bands=bands,
        descriptors=torch.from_numpy(np.concatenate([o.descriptors for o in observations])),
        samples=sampled.flatten(1).contiguous(),
        counts=[len(o.bands) for o in observations],
        sets=torch.from_numpy(np.stack([o.target.sets for o in observations])),
        weights=torch.from_numpy(np.stack([o.target.weights for o in observations])),
    )


class Simulator:
    """Makes scenes from real ones, spectra and random fields."""

    def __init__(
        self, scenes: list[Scene], library: SpectralLibrary, seed: int, mixtures: list[Scene] | None = None
    ) -> None:
        """`mixtures` come from `simulation/mixtures.py`."""
        self._seed = seed
        self._library = library
        self._fields = FieldBank(np.random.default_rng([seed, _BANK]))
        self._labelled = [s for s in scenes if not s.name.startswith(("slovenia", "s2-"))]
        self._shadowy = [s for s in scenes if s.has_shadow]
        self._others = [s for s in scenes if s not in self._labelled]
        self._mixtures = mixtures or []
        self._kinds = _KINDS if self._mixtures else _KINDS_WITHOUT_MIXTURES

    def scene(self, side: int, *key: int) -> tuple[FloatArray, Target]:
        """Scene number `key`, `[16, side, side]`."""
        random = np.random.default_rng([self._seed, _SCENE, side, *key])
        kind = str(random.choice(list(self._kinds), p=list(self._kinds.values())))
        has_clouds = random.random() < _CLOUDS_ADDED[kind]
        margin = LONGEST_SHADOW if has_clouds else 0
        surface = self._surface(random, kind, side + 2 * margin)
        if not has_clouds:
            return surface
        bands, target = add_clouds(random, self._fields, self._library, surface)
        inner = (slice(None), slice(margin, -margin), slice(margin, -margin))
        return np.ascontiguousarray(bands[inner]), target.mapped(inner)

    def _surface(self, random: Random, kind: str, side: int) -> tuple[FloatArray, Target]:
        if kind == "synthetic" or not self._labelled:
            return synthetic_surface(random, self._fields, self._library, side)
        pool = self._labelled
        if kind == "mixture":
            pool = self._mixtures
        elif kind == "other" and self._others:
            pool = self._others
        elif self._shadowy and random.random() < 0.25:
            pool = self._shadowy
        return real_surface(random, pool[random.integers(len(pool))], side, _REAL_SCALES)


class Batches(torch.utils.data.Dataset[Batch]):
    """`batches[step]` for a loader whose number of processes divides `lanes`."""

    def __init__(self, simulator: Simulator, plans: list[BatchPlan], *, seed: int, lanes: int, uses: int) -> None:
        """`plans` has one entry for each step; `uses`: how often each scene is seen."""
        self._simulator = simulator
        self._plans = plans
        self._seed, self._lanes, self._uses = seed, lanes, uses
        self._kept: dict[tuple[int, int, int], tuple[FloatArray, Target]] = {}

    def __len__(self) -> int:
        """Number of steps."""
        return len(self._plans)

    def __getitem__(self, step: int) -> Batch:
        """The batch of a step."""
        plan, lane = self._plans[step], step % self._lanes
        newest = _WINDOW + (step // self._lanes) * max(1, plan.images // self._uses)
        random = np.random.default_rng([self._seed, _BATCH, step])
        numbers = random.integers(newest - _WINDOW, newest, plan.images)
        scene_side = plan.side + plan.side // 4
        self._forget(lane, newest - _WINDOW)
        return batch_of(
            [self._observed(random, self._scene(scene_side, lane, int(number)), plan.side) for number in numbers]
        )

    def _observed(self, random: Random, scene: tuple[FloatArray, Target], side: int) -> Observation:
        bands, target = scene
        y, x = random.integers(0, bands.shape[1] - side + 1, 2)
        crop = (slice(None), slice(y, y + side), slice(x, x + side))
        part = turned(random, bands[crop], target.mapped(crop))
        return observe(random, part, draw_sensor(random))

    def _scene(self, side: int, lane: int, number: int) -> tuple[FloatArray, Target]:
        key = (side, lane, number)
        if key not in self._kept:
            self._kept[key] = self._simulator.scene(side, lane, number)
        return self._kept[key]

    def _forget(self, lane: int, oldest: int) -> None:
        for key in [k for k in self._kept if k[1] == lane and k[2] < oldest]:
            del self._kept[key]
