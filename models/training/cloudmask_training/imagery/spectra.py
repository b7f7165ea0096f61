"""Pixel spectra: a library for the simulator, and a regression that gives a Landsat pixel the bands that it lacks."""

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from cloudmask_training.classes import LAND, SNOW, WATER
from cloudmask_training.imagery import universal as u
from cloudmask_training.imagery.universal import FloatArray

_S2_COLUMNS = (
    *("coastal", "blue", "green", "red", "vre1", "vre2", "vre3"),
    *("wnir", "nir", "wv", "cirrus", "swir1", "swir2"),
)
_L8_COLUMNS = ("blue", "green", "red", "nir", "swir1", "swir2", "cirrus")
COMMON_BANDS = (u.BLUE, u.GREEN, u.RED, u.NIR, u.SWIR_1, u.SWIR_2, u.CIRRUS)
"""Bands that both sensors have, in the order of `_L8_COLUMNS`."""
_LACKING = (u.COASTAL, u.EDGE_1, u.EDGE_2, u.EDGE_3, u.NIR_WIDE, u.VAPOUR)
_KELVIN = 273.15


class BandRegression:
    """Ridge regression on products and roots of the seven common bands."""

    def __init__(self, spectra: FloatArray) -> None:
        """Fits on spectra `[pixels, 16]` that have all reflective bands."""
        features = _features(spectra[:, COMMON_BANDS])
        ridge = 1e-2 * np.eye(features.shape[1])
        wanted = spectra[:, _LACKING]
        self._matrix = np.linalg.solve(features.T @ features + ridge, features.T @ wanted)

    def universal(self, common: FloatArray) -> FloatArray:
        """`[pixels, 7]` → `[pixels, 16]`, thermal bands left at zero."""
        bands = np.zeros((len(common), u.BAND_COUNT), np.float32)
        bands[:, COMMON_BANDS] = common
        bands[:, _LACKING] = np.clip(_features(common) @ self._matrix, 5e-4, 1.6)
        u.fill_panchromatic(bands.T)
        return bands


@dataclass(frozen=True)
class SpectralLibrary:
    """Spectra `[n, 16]`."""

    clear: dict[int, FloatArray]
    """By class: land, water, snow."""
    low_clouds: FloatArray
    """Opaque, without a signal in the cirrus band."""
    high_clouds: FloatArray


def read_spectra(folder: Path) -> tuple[SpectralLibrary, BandRegression]:
    """Reads the labelled samples `samples_s2.csv.gz` and `samples_l8.csv.gz`."""
    s2, s2_is_cloud = _read_sentinel(folder / "samples_s2.csv.gz")
    regression = BandRegression(s2)
    l8, l8_is_cloud = _read_landsat(folder / "samples_l8.csv.gz", regression)
    _lend_temperatures(s2, s2_is_cloud, l8, l8_is_cloud)
    return _library(np.concatenate([s2, l8]), np.concatenate([s2_is_cloud, l8_is_cloud])), regression


def _features(common: FloatArray) -> npt.NDArray[np.float64]:
    x = np.clip(common.astype(np.float64), 0, 1.5)
    first, second = np.triu_indices(x.shape[1])
    return np.hstack([np.ones((len(x), 1)), x, np.sqrt(x), x[:, first] * x[:, second]])


def _read_sentinel(path: Path) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    values, is_cloud = _read(path, _S2_COLUMNS)
    bands = np.zeros((len(values), u.BAND_COUNT), np.float32)
    bands[:, : len(_S2_COLUMNS)] = values
    u.fill_panchromatic(bands.T)
    return bands, is_cloud


def _read_landsat(path: Path, regression: BandRegression) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    values, is_cloud = _read(path, (*_L8_COLUMNS, "coastal", "tirs1", "tirs2"))
    bands = regression.universal(values[:, :7])
    bands[:, u.COASTAL] = values[:, 7]
    for column, band in ((8, u.THERMAL_1), (9, u.THERMAL_2)):
        bands[:, band] = u.normalised_temperature(values[:, column] + _KELVIN, band)
    return bands, is_cloud


def _read(path: Path, columns: tuple[str, ...]) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    with gzip.open(path, "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    values = np.array([[float(row[name]) for name in columns] for row in rows], np.float32)
    return values, np.array([row["label"] == "1" for row in rows])


def _lend_temperatures(
    s2: FloatArray,
    s2_is_cloud: npt.NDArray[np.bool_],
    l8: FloatArray,
    l8_is_cloud: npt.NDArray[np.bool_],
) -> None:
    """Gives each Sentinel-2 spectrum the temperatures of the most similar Landsat spectrum of its kind."""
    scale = np.array([1, 1, 1, 1, 1, 1, 4], np.float32)  # the cirrus band is small and tells most of height
    for kind in (False, True):
        own, others = s2_is_cloud == kind, l8_is_cloud == kind
        tree = cKDTree(l8[others][:, COMMON_BANDS] * scale)
        nearest = tree.query(s2[own][:, COMMON_BANDS] * scale)[1]
        s2[own, u.THERMAL] = l8[others][nearest, u.THERMAL]


def _library(spectra: FloatArray, is_cloud: npt.NDArray[np.bool_]) -> SpectralLibrary:
    """Sorts spectra. Dark land is left out: much of it is shadow that the samples call clear."""
    usable = np.isfinite(spectra).all(1) & (spectra[:, u.REFLECTIVE].min(1) > -0.02)
    spectra, is_cloud = spectra[usable], is_cloud[usable]
    green, nir, swir = (spectra[:, i] for i in (u.GREEN, u.NIR, u.SWIR_1))
    snow_index = (green - swir) / (green + swir + 1e-4)
    is_snow = (snow_index > 0.5) & (green > 0.3)
    is_water = ~is_snow & (nir < 0.11) & (green >= 0.95 * nir) & (swir < 0.07)
    is_land = ~is_snow & ~is_water & (nir >= 0.1)
    opaque = spectra[is_cloud & (spectra[:, u.BLUE] > 0.3)]
    is_high = opaque[:, u.CIRRUS] > 0.03
    return SpectralLibrary(
        clear={
            LAND: spectra[~is_cloud & is_land],
            WATER: spectra[~is_cloud & is_water],
            SNOW: spectra[~is_cloud & is_snow],
        },
        low_clouds=opaque[~is_high],
        high_clouds=opaque[is_high],
    )
