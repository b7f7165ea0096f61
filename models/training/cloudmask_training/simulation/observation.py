"""What a sensor makes of a scene: its bands, blur, errors of calibration, noise and the edge of its swath."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, uniform_filter

from cloudmask_training.imagery import universal as u
from cloudmask_training.imagery.target import NOTHING_THERE, BoolArray, Target
from cloudmask_training.imagery.universal import FloatArray
from cloudmask_training.network.descriptors import descriptor_vector
from cloudmask_training.simulation.clouds import AIR
from cloudmask_training.simulation.sensors import Sensor

Random = np.random.Generator

_20_METRES = (u.EDGE_1, u.EDGE_2, u.EDGE_3, u.NIR, u.SWIR_1, u.SWIR_2)
_60_METRES = (u.COASTAL, u.VAPOUR, u.CIRRUS)


@dataclass(frozen=True)
class Observation:
    """`bands` [n, height, width], `descriptors` [n, 74], and the target of the pixels."""

    bands: FloatArray
    descriptors: FloatArray
    target: Target


def observe(random: Random, scene: tuple[FloatArray, Target], sensor: Sensor, *, is_clean: bool = False) -> Observation:
    """A scene `[16, height, width]` as a sensor sees it; `is_clean` leaves out all errors."""
    universal, target = scene
    values = np.stack(
        [
            universal[b.first] * np.float32(1 - b.share) + universal[b.second] * np.float32(b.share)
            if b.share > 0
            else universal[b.first]
            for b in sensor.bands
        ]
    )
    is_empty = target.sets[0] == NOTHING_THERE
    if sensor.is_corrected or (not is_clean and random.random() < 0.08):
        _correct(random, values, sensor)
    if not is_clean:
        _blur(random, values, sensor)
        _disturb(random, values, sensor)
        if random.random() < 0.12:
            is_empty = is_empty | _edge(random, is_empty.shape)
    if is_empty.any():
        # Sentinel-2's digital number 0 is -0.1 after the offset, Landsat's stays 0.
        values[:, is_empty] = -0.1 if random.random() < 0.5 else 0
        target = target.replaced(is_empty, NOTHING_THERE)
    descriptors = np.stack([descriptor_vector(b.band) for b in sensor.bands])
    return Observation(values, descriptors, target)


def _correct(random: Random, values: FloatArray, sensor: Sensor) -> None:
    """Roughly what atmospheric correction does: takes the air's light away and brightens."""
    share, gain = random.uniform(0.4, 0.95), random.uniform(1, 1.15)
    for value, b in zip(values, sensor.bands, strict=True):
        if not b.is_thermal:
            air = AIR[b.first] * (1 - b.share) + AIR[b.second] * b.share
            np.clip((value - share * air) * gain, 5e-4, None, out=value)


def _blur(random: Random, values: FloatArray, sensor: Sensor) -> None:
    """Coarser bands on the grid of the finest."""
    if sensor.name.startswith("sentinel2") and random.random() < 0.6:
        for value, b in zip(values, sensor.bands, strict=True):
            if b.first in _60_METRES:
                value[:] = uniform_filter(uniform_filter(value, 5), 3)
            elif b.first in _20_METRES:
                value[:] = uniform_filter(value, 2)
    elif random.random() < 0.7:
        width = random.uniform(0.8, 1.6)
        for value, b in zip(values, sensor.bands, strict=True):
            if b.is_thermal:
                value[:] = gaussian_filter(value, width, truncate=2)


def _disturb(random: Random, values: FloatArray, sensor: Sensor) -> None:
    """Gain and offset of all bands and of each, and noise; less in the cirrus band, where little is signal."""
    common_gain, common_offset = random.normal(0, 0.09), random.normal(0, 0.004)
    common_warmth = random.normal(0, 0.025)
    noise = random.uniform(0.0005, 0.006)
    for value, b in zip(values, sensor.bands, strict=True):
        is_cirrus = b.first == u.CIRRUS
        if b.is_thermal:
            gain, offset = 1 + random.normal(0, 0.004), common_warmth
        else:
            gain = np.exp(common_gain + random.normal(0, 0.03))
            offset = random.normal(0, 0.0006) if is_cirrus else common_offset + random.normal(0, 0.004)
        strength = np.float32(noise * (0.15 if is_cirrus else 1))
        value[:] = value * np.float32(gain) + np.float32(offset)
        value[:] += strength * random.standard_normal(value.shape, dtype=np.float32)


def _edge(random: Random, shape: tuple[int, ...]) -> BoolArray:
    """The side of a straight line: the end of a swath or of a tile."""
    height, width = shape
    y, x = np.mgrid[:height, :width]
    is_slanted = random.random() < 0.6
    angle = random.uniform(0, 2 * np.pi) if is_slanted else np.pi / 2 * random.integers(4)
    distance = (y - height / 2) * np.cos(angle) + (x - width / 2) * np.sin(angle)
    return np.asarray(distance > random.uniform(-0.2, 0.6) * width)
