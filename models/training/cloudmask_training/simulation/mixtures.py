"""Images that no satellite took, made of those that it took, with the teachers' word on each.

Labelled imagery is scarce and a teacher is not: what it says of many pictures near the real ones tells more of it than
its word on a few dozen real ones (Beyer et al. 2022, Knowledge distillation: a good teacher is patient and consistent).
"""

import numpy as np

from cloudmask_training.imagery import universal as u
from cloudmask_training.imagery.pseudo_labels import pseudo_target
from cloudmask_training.imagery.scenes import Scene
from cloudmask_training.imagery.target import NOTHING_THERE, certain
from cloudmask_training.imagery.teachers import TILE_INNER, Teachers
from cloudmask_training.imagery.universal import FloatArray
from cloudmask_training.simulation.fields import FieldBank
from cloudmask_training.simulation.surfaces import real_surface

Random = np.random.Generator

SIDE = TILE_INNER
_SCALES = (0.5, 1.6)
_KINDS = {"alone": 0.4, "veiled": 0.3, "joined": 0.3}


def taught_mixtures(scenes: list[Scene], teachers: Teachers, count: int, seed: int) -> list[Scene]:
    """`count` scenes of 192 × 192 pixels from the scenes that are fine enough for the teachers."""
    random = np.random.default_rng([seed, count])
    fields = FieldBank(random, count=12)
    fine = [scene for scene in scenes if not scene.is_coarse]
    return [_taught(f"mixture-{i}", _mixture(random, fields, fine), teachers) for i in range(count)]


def _mixture(random: Random, fields: FieldBank, scenes: list[Scene]) -> FloatArray:
    """One scene, the weighted mean of two, or two side by side with a wavy border; brightened or darkened."""
    kind = str(random.choice(list(_KINDS), p=list(_KINDS.values())))
    bands = _crop(random, scenes)
    if kind == "veiled":
        share = np.float32(random.uniform(0.1, 0.5))
        bands = _joined(bands, _crop(random, scenes), np.full(bands.shape[1:], share))
    elif kind == "joined":
        border = 1 / (1 + np.exp(-random.uniform(2, 20) * (fields.draw(random, SIDE) - random.uniform(-0.7, 0.7))))
        bands = _joined(bands, _crop(random, scenes), border.astype(np.float32))
    gain = np.exp(random.normal(0, 0.12, u.BAND_COUNT) * 0.3 + random.normal(0, 0.12)).astype(np.float32)
    bands[u.REFLECTIVE] *= gain[u.REFLECTIVE, None, None]
    return bands


def _crop(random: Random, scenes: list[Scene]) -> FloatArray:
    return real_surface(random, scenes[random.integers(len(scenes))], SIDE, _SCALES)[0]


def _joined(one: FloatArray, other: FloatArray, share: FloatArray) -> FloatArray:
    """`one · (1 − share) + other · share` where both have data; elsewhere the one that has."""
    share = np.where(_has_data(one), share, 1)
    share = np.where(_has_data(other), share, 0).astype(np.float32)
    return one * (1 - share) + other * share


def _has_data(bands: FloatArray) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    return np.asarray((bands[: u.PANCHROMATIC] != 0).any(0))


def _taught(name: str, bands: FloatArray, teachers: Teachers) -> Scene:
    target = pseudo_target(teachers.look_at(bands), bands)
    has_data = _has_data(bands)
    if not has_data.all():
        empty = certain(np.where(has_data, 0, NOTHING_THERE).astype(np.uint8))
        target.sets[:, ~has_data] = empty.sets[:, ~has_data]
        target.weights[:, ~has_data] = empty.weights[:, ~has_data]
    return Scene(name, bands, target)
