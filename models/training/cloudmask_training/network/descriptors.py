"""Descriptor vectors: what the network is told of a band."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from cloudmask_training.network.configuration import DESCRIPTOR_SIZE, EMBEDDINGS_PER_WAVELENGTH

FloatArray = npt.NDArray[np.float32]


class Quantity(Enum):
    """What the values of a band are."""

    REFLECTANCE = "TOA Reflectance"
    TEMPERATURE = "TOA Normalised Brightness Temperature"


@dataclass(frozen=True)
class Band:
    """A band of a sensor: its limits in nm and what it measures."""

    shortest: float
    longest: float
    quantity: Quantity = Quantity.REFLECTANCE


_IS_OPTICAL_OR_THERMAL = 64
_IS_TEMPERATURE = 67


def descriptor_vector(band: Band) -> FloatArray:
    """The 74 numbers of a band: codes of both wavelengths, then flags."""
    vector = np.zeros(DESCRIPTOR_SIZE, np.float32)
    n = EMBEDDINGS_PER_WAVELENGTH
    vector[:n] = _wavelength_code(band.shortest)
    vector[n : 2 * n] = _wavelength_code(band.longest)
    vector[_IS_OPTICAL_OR_THERMAL] = 1
    vector[_IS_TEMPERATURE] = band.quantity is Quantity.TEMPERATURE
    return vector


def _wavelength_code(nanometres: float) -> FloatArray:
    """Sines at even and cosines at odd places, of wavelengths that grow geometrically; in float64, kept as float32."""
    place = np.arange(EMBEDDINGS_PER_WAVELENGTH)
    angle = nanometres / 10000.0 ** (2 * place / EMBEDDINGS_PER_WAVELENGTH)
    return np.where(place % 2 == 0, np.sin(angle), np.cos(angle)).astype(np.float32)
