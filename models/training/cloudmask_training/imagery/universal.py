"""The common set of 16 bands on which all imagery is kept: 13 of Sentinel-2, a panchromatic and two thermal ones.

Reflective values are TOA reflectance, thermal ones brightness temperature normalised as the network wants it.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

COASTAL, BLUE, GREEN, RED, EDGE_1, EDGE_2, EDGE_3, NIR_WIDE, NIR, VAPOUR, CIRRUS, SWIR_1, SWIR_2 = range(13)
PANCHROMATIC, THERMAL_1, THERMAL_2 = 13, 14, 15
BAND_COUNT: Final = 16
REFLECTIVE: Final = slice(0, 14)
THERMAL: Final = slice(14, 16)

WAVELENGTHS: Final[FloatArray] = np.array(
    [443, 494, 560, 665, 704, 740, 781, 834, 864, 944, 1375, 1612, 2194, 590, 10900, 12000], np.float32
)
"""Central wavelength in nm."""

_LIMITS = {THERMAL_1: (132.0, 249.0), THERMAL_2: (127.0, 239.0)}
_PANCHROMATIC_WEIGHTS = {BLUE: 0.25, GREEN: 0.4, RED: 0.35}


def normalised_temperature(kelvin: FloatArray, band: int) -> FloatArray:
    """Brightness temperature as the network gets it: (T − least) / (most − least), not clipped."""
    least, most = _LIMITS[band]
    return ((kelvin - least) / (most - least)).astype(np.float32)


def fill_panchromatic(bands: FloatArray) -> None:
    """Sets the panchromatic band from the visible ones."""
    bands[PANCHROMATIC] = sum(weight * bands[i] for i, weight in _PANCHROMATIC_WEIGHTS.items())


def fill_thermal(bands: FloatArray, kelvin: FloatArray, difference: float = 1.2) -> None:
    """Sets both thermal bands from one temperature; the second is `difference` kelvin colder, as it mostly is."""
    bands[THERMAL_1] = normalised_temperature(kelvin, THERMAL_1)
    bands[THERMAL_2] = normalised_temperature(kelvin - np.float32(difference), THERMAL_2)
