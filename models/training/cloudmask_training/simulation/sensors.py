"""Sensors: real ones, and invented ones with bands anywhere between those that are known."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cloudmask_training.imagery import universal as u
from cloudmask_training.network.descriptors import Band, Quantity

Random = np.random.Generator

_S2 = {
    u.COASTAL: (425, 461), u.BLUE: (446, 542), u.GREEN: (537.5, 582.5), u.RED: (645.5, 684.5),
    u.EDGE_1: (694, 714), u.EDGE_2: (731, 749), u.EDGE_3: (767, 795), u.NIR_WIDE: (763.5, 904.5),
    u.NIR: (847.5, 880.5), u.VAPOUR: (930.5, 957.5), u.CIRRUS: (1337, 1413),
    u.SWIR_1: (1541, 1683), u.SWIR_2: (2074, 2314),
}  # fmt: skip
_LANDSAT_8 = {
    u.COASTAL: (435, 451), u.BLUE: (452, 512), u.GREEN: (533.5, 590.5), u.RED: (636.5, 673.5),
    u.NIR: (851, 879), u.SWIR_1: (1566.5, 1651.5), u.SWIR_2: (2114.5, 2287.5),
    u.PANCHROMATIC: (496.5, 683.5), u.CIRRUS: (1363.5, 1384.5),
    u.THERMAL_1: (10600, 11190), u.THERMAL_2: (11500, 12510),
}  # fmt: skip
_LANDSAT_7 = {
    u.BLUE: (441, 514), u.GREEN: (519, 601), u.RED: (631, 692), u.NIR_WIDE: (772, 898),
    u.SWIR_1: (1547, 1749), u.SWIR_2: (2064, 2345),
}  # fmt: skip


@dataclass(frozen=True)
class SensedBand:
    """A band, and between which two universal bands its values lie (`share` of the second)."""

    band: Band
    first: int
    second: int
    share: float = 0

    @property
    def is_thermal(self) -> bool:
        """Whether it holds temperatures."""
        return self.band.quantity is Quantity.TEMPERATURE


@dataclass(frozen=True)
class Sensor:
    """Bands in the order of delivery."""

    name: str
    bands: tuple[SensedBand, ...]
    is_corrected: bool = False
    """Whether values are those of the ground, without air (L2A, SR)."""


def _sensor(name: str, limits: Mapping[int, tuple[float, float]], *, is_corrected: bool = False) -> Sensor:
    bands = tuple(
        SensedBand(Band(*nm, Quantity.TEMPERATURE if index >= u.THERMAL_1 else Quantity.REFLECTANCE), index, index)
        for index, nm in limits.items()
    )
    return Sensor(name, bands, is_corrected)


SENSORS = {
    sensor.name: sensor
    for sensor in (
        _sensor("sentinel2-l1c", _S2),
        _sensor("sentinel2-l2a", {k: v for k, v in _S2.items() if k != u.CIRRUS}, is_corrected=True),
        _sensor("landsat89", _LANDSAT_8),
        _sensor("landsat7", _LANDSAT_7),
    )
}

_HOW_OFTEN = {"sentinel2-l1c": 0.33, "sentinel2-l2a": 0.15, "landsat89": 0.27, "landsat7": 0.07, "invented": 0.18}
_INVENTED_RANGES = ((443, 944, 0.75), (1612, 2194, 0.25))
_VISIBLE = (440, 690)


def draw_sensor(random: Random) -> Sensor:
    """A sensor with all of its bands, or with some 3 or more of them, in any order."""
    name = str(random.choice(list(_HOW_OFTEN), p=list(_HOW_OFTEN.values())))
    sensor = SENSORS[name] if name in SENSORS else _invented(random)
    kind = random.choice(["all", "visible and near infrared", "some"], p=[0.4, 0.15, 0.45])
    if kind == "all":
        return sensor
    if kind == "some":
        return _some_bands(random, sensor)
    usual = [b for b in sensor.bands if b.first in (u.BLUE, u.GREEN, u.RED, u.NIR, u.NIR_WIDE)]
    return Sensor(sensor.name, tuple(usual[:4]), sensor.is_corrected) if len(usual) >= 3 else sensor


def _some_bands(random: Random, sensor: Sensor) -> Sensor:
    """Three or more bands, one of them visible in all but few cases: without one even people see little."""
    count = int(random.integers(3, len(sensor.bands) + 1))
    needs_visible = random.random() < 0.95
    while True:
        chosen = [sensor.bands[i] for i in random.permutation(len(sensor.bands))[:count]]
        centres = [(b.band.shortest + b.band.longest) / 2 for b in chosen]
        if not needs_visible or any(_VISIBLE[0] <= nm <= _VISIBLE[1] for nm in centres):
            return Sensor(sensor.name, tuple(chosen), sensor.is_corrected)


def _invented(random: Random) -> Sensor:
    """3 to 10 bands of any width; a value is interpolated between the two known bands around it."""
    count = int(random.integers(3, 11))
    bands = [_invented_band(random) for _ in range(count - 1)]
    bands.append(_band_at(random, random.uniform(*_VISIBLE)))
    if random.random() < 0.25:
        bands.append(SENSORS["landsat89"].bands[9])
    return Sensor("invented", tuple(bands), is_corrected=bool(random.random() < 0.3))


def _invented_band(random: Random) -> SensedBand:
    shares = [share for _, _, share in _INVENTED_RANGES]
    shortest, longest, _ = _INVENTED_RANGES[random.choice(len(shares), p=shares)]
    return _band_at(random, random.uniform(shortest, longest))


def _band_at(random: Random, centre: float) -> SensedBand:
    known = np.array([i for i in range(u.PANCHROMATIC) if i != u.CIRRUS])
    order = known[np.argsort(u.WAVELENGTHS[known])]
    wavelengths = u.WAVELENGTHS[order]
    upper = int(np.clip(np.searchsorted(wavelengths, centre), 1, len(order) - 1))
    low, high = wavelengths[upper - 1], wavelengths[upper]
    share = float(np.clip((centre - low) / (high - low), 0, 1))
    half_width = centre * random.uniform(0.01, 0.06)
    band = Band(round(centre - half_width, 1), round(centre + half_width, 1))
    return SensedBand(band, int(order[upper - 1]), int(order[upper]), share)
