"""The sensors and band subsets that accuracy is told for."""

from cloudmask_training.imagery import universal as u
from cloudmask_training.simulation.sensors import SENSORS, Sensor


def _subset(name: str, sensor: str, indices: tuple[int, ...]) -> Sensor:
    whole = SENSORS[sensor]
    bands = tuple(b for i in indices for b in whole.bands if b.first == i)
    return Sensor(name, bands, whole.is_corrected)


_MEASURED = (u.BLUE, u.GREEN, u.RED, u.NIR, u.SWIR_1, u.SWIR_2, u.CIRRUS, u.THERMAL_1)
"""Bands that the Biome patches really have; the others are estimated from them."""

_MEASURED_SUBSETS = {
    "8 measured bands": _MEASURED,
    "reflective, without thermal": _MEASURED[:7],
    "without cirrus and thermal": _MEASURED[:6],
    "blue, green, red, NIR": _MEASURED[:4],
    "green, red, NIR, SWIR 1": (u.GREEN, u.RED, u.NIR, u.SWIR_1),
    "blue, red, SWIR 1, SWIR 2": (u.BLUE, u.RED, u.SWIR_1, u.SWIR_2),
    "red, NIR, SWIR 1, SWIR 2, cirrus": (u.RED, u.NIR, u.SWIR_1, u.SWIR_2, u.CIRRUS),
    "blue, green, red": _MEASURED[:3],
}
_SENTINEL_VISIBLE = (u.BLUE, u.GREEN, u.RED, u.NIR_WIDE)
_SENSORS = ("landsat89", "sentinel2-l1c", "sentinel2-l2a", "landsat7")

VIEWS: dict[str, Sensor] = (
    {name: _subset(name, "landsat89", indices) for name, indices in _MEASURED_SUBSETS.items()}
    | {name: SENSORS[name] for name in _SENSORS}
    | {"sentinel2-l1c, 10 m bands": _subset("sentinel2", "sentinel2-l1c", _SENTINEL_VISIBLE)}
)

BIOME_VIEWS = (*_MEASURED_SUBSETS, "landsat89", "sentinel2-l1c", "landsat7")
"""For Landsat patches; bands beyond the measured ones are estimated from them."""

SIMULATED_VIEWS = (*_SENSORS, "sentinel2-l1c, 10 m bands")
