"""Ground without simulated clouds: crops of real scenes, and patchworks of real spectra."""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from cloudmask_training.classes import LAND, SNOW, WATER
from cloudmask_training.imagery import universal as u
from cloudmask_training.imagery.scenes import Scene
from cloudmask_training.imagery.spectra import SpectralLibrary
from cloudmask_training.imagery.target import NOTHING_THERE, SETS, Target, certain
from cloudmask_training.imagery.universal import FloatArray
from cloudmask_training.simulation.fields import FieldBank

Random = np.random.Generator
_MOST_EMPTY = 0.6
"""Share of a crop that may be without data; looked for `_TRIES` times."""
_TRIES = 5
_KINDS = np.array([LAND, WATER, SNOW])
_LANDSCAPES = (
    # how often, then shares of land, water and snow
    (0.58, (0.97, 0.03, 0.0)),
    (0.16, (0.66, 0.29, 0.05)),
    (0.14, (0.25, 0.75, 0.0)),
    (0.12, (0.25, 0.05, 0.7)),
)


def real_surface(random: Random, scene: Scene, side: int, scales: tuple[float, float]) -> tuple[FloatArray, Target]:
    """A crop of a scene, turned and flipped, whose pixels are `scales[0]` to `scales[1]` times as large."""
    height, width = scene.bands.shape[1:]
    scale = np.exp(random.uniform(*np.log(scales)))
    size = int(min(max(side * scale, 8), 2 * min(height, width) - 2))
    for _ in range(_TRIES):
        rows, columns = (_sampled(random, side, size, n) for n in (height, width))
        nearest = np.ix_(range(SETS), np.round(rows).astype(int), np.round(columns).astype(int))
        target = scene.target.mapped(nearest)
        if (target.sets[0] == NOTHING_THERE).mean() < _MOST_EMPTY:
            break
    bands = scene.bands
    if size > 1.5 * side:
        bands = gaussian_filter(bands, (0, 0.6, 0.6), truncate=2)
    bands = _interpolated(_interpolated(bands, rows, 1), columns, 2)
    has_data = target.sets[0] != NOTHING_THERE
    # At the edge of the data nothing is known: values there are mixed with zeros.
    is_whole = _interpolated(_interpolated(_data_mask(scene), rows, 1), columns, 2)[0] > 1 - 1e-3
    target.weights[:, has_data & ~is_whole] = 0
    bands[:, ~has_data] = 0
    return turned(random, bands, target)


def _data_mask(scene: Scene) -> FloatArray:
    """1 where there is data, `[1, height, width]`."""
    return np.asarray(scene.target.sets[:1] != NOTHING_THERE, np.float32)


def turned(random: Random, bands: FloatArray, target: Target) -> tuple[FloatArray, Target]:
    """One of the eight symmetries of the square."""
    vertical, horizontal = random.choice((-1, 1), 2)
    flip = (slice(None), slice(None, None, vertical), slice(None, None, horizontal))
    bands, target = bands[flip], target.mapped(flip)
    if random.random() < 0.5:
        bands = bands.transpose(0, 2, 1)
        target = Target(target.sets.transpose(0, 2, 1), target.weights.transpose(0, 2, 1))
    return bands, target


def synthetic_surface(
    random: Random, fields: FieldBank, library: SpectralLibrary, side: int
) -> tuple[FloatArray, Target]:
    """A patchwork of regions, each a mixture of spectra of its kind, with texture."""
    shares = [share for share, _ in _LANDSCAPES]
    landscape = _LANDSCAPES[random.choice(len(_LANDSCAPES), p=shares)][1]
    regions, count = _regions(random, fields, side)
    kinds = random.choice(_KINDS, count, p=landscape)
    first, second = _region_spectra(random, library, kinds)
    share = 1 / (1 + np.exp(-2 * fields.draw(random, side)))[..., None]
    mixed = first[regions] * (1 - share) + second[regions] * share
    bands = np.ascontiguousarray(mixed.transpose(2, 0, 1)).astype(np.float32)
    kind = kinds[regions]
    roughness = random.uniform(0.02, 0.22) * np.where(kind == WATER, 0.15, 1)
    bands[u.REFLECTIVE] *= 1 + roughness * fields.draw(random, side)
    if random.random() < 0.3 and (kinds == LAND).any():
        _add_buildings(random, bands, kind)
    if random.random() < 0.7:
        bands = gaussian_filter(bands, (0, *2 * [random.uniform(0.3, 1.4)]), truncate=2)
    bands[u.REFLECTIVE] = np.clip(bands[u.REFLECTIVE], 1e-3, None)
    return bands.astype(np.float32), certain((1 << kind).astype(np.uint8))


def _sampled(random: Random, count: int, size: int, available: int) -> npt.NDArray[np.float64]:
    """`count` positions over `size` pixels, mirrored where the scene ends."""
    start = random.integers(0, max(1, available - size + 1))
    position = start + (np.arange(count) + 0.5) * size / count - 0.5
    last = available - 1
    return last - np.abs(last - np.abs(position) % (2 * last))


def _interpolated(image: FloatArray, positions: npt.NDArray[np.float64], axis: int) -> FloatArray:
    below = np.floor(positions).astype(int)
    above = np.minimum(below + 1, image.shape[axis] - 1)
    shape = [1, 1, 1]
    shape[axis] = -1
    share = (positions - below).astype(np.float32).reshape(shape)
    return np.asarray(image.take(below, axis) * (1 - share) + image.take(above, axis) * share, np.float32)


def _regions(random: Random, fields: FieldBank, side: int) -> tuple[npt.NDArray[np.intp], int]:
    """Number of the region of each pixel: nearest of some points, with wavy or stepped borders."""
    count = int(random.integers(1, 14))
    y, x = np.mgrid[:side, :side].astype(np.float32)
    if random.random() < 0.55:
        waviness = np.float32(random.uniform(2, 25))
        y, x = y + waviness * fields.draw(random, side), x + waviness * fields.draw(random, side)
    elif random.random() < 0.5:
        step = np.float32(random.integers(3, 14))
        y, x = np.round(y / step) * step, np.round(x / step) * step
    stretch = np.float32(random.uniform(0.4, 2.5))
    centres = random.uniform(-0.2 * side, 1.2 * side, (count, 2)).astype(np.float32)
    distances = [(y - cy) ** 2 + stretch * (x - cx) ** 2 for cy, cx in centres]
    return np.argmin(distances, axis=0), count


def _region_spectra(
    random: Random, library: SpectralLibrary, kinds: npt.NDArray[np.int_]
) -> tuple[FloatArray, FloatArray]:
    """Two spectra for each region, related to those of other regions of the scene, as a landscape's are."""

    def pick(kind: int) -> FloatArray:
        spectra = library.clear[kind]
        return np.asarray(spectra[random.integers(len(spectra))])

    anchors = {int(kind): pick(int(kind)) for kind in _KINDS}
    first = np.empty((len(kinds), u.BAND_COUNT), np.float32)
    second = np.empty_like(first)
    brightening = random.uniform(1, 1.6) if random.random() < 0.25 else 1.0  # deserts, bare soils
    for i, kind in enumerate(kinds.tolist()):
        share = np.float32(random.uniform(0.3, 1))
        first[i] = anchors[kind] * (1 - share) + pick(kind) * share
        second[i] = (first[i] + pick(kind)) / 2
        if kind == LAND:
            for spectrum in (first[i], second[i]):
                cirrus = min(spectrum[u.CIRRUS], 0.02)
                spectrum[u.REFLECTIVE] *= brightening
                spectrum[u.CIRRUS] = cirrus
    return first, second


def _add_buildings(random: Random, bands: FloatArray, kind: npt.NDArray[np.int_]) -> None:
    """Small bright rectangles of any colour: roofs, greenhouses, quarries."""
    side = kind.shape[0]
    for _ in range(int(random.integers(3, 60))):
        height, width = random.integers(1, 9, 2)
        y, x = random.integers(0, side - 9, 2)
        brightness = random.uniform(0.15, 0.75)
        slope = np.linspace(random.uniform(0.6, 1), random.uniform(0.8, 1.3), u.PANCHROMATIC)
        spectrum = (brightness * slope).astype(np.float32)
        spectrum[u.CIRRUS] = 0.003
        area = (slice(y, y + height), slice(x, x + width))
        bands[: u.PANCHROMATIC, *area] = spectrum[:, None, None]
        bands[u.PANCHROMATIC, *area] = brightness
        kind[area] = LAND
