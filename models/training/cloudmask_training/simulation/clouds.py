"""Clouds over a surface: layers of varied optical thickness, haze and cirrus, with displaced soft shadows.

A layer covers a pixel with opacity a in 0–1 (1 − exp(−optical thickness), times what the kind of cloud can reach). The
surface below is seen through the product of all 1 − a. Labels follow the opacity: below 0.04 clear, thin up to about a
half, thick above 0.65, weighted softly between.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from cloudmask_training.classes import CLEAR, CLOUD, SHADOW, THICK, THIN, WATER, bits
from cloudmask_training.imagery import universal as u
from cloudmask_training.imagery.spectra import SpectralLibrary
from cloudmask_training.imagery.target import NOTHING_THERE, ByteArray, Target
from cloudmask_training.imagery.universal import FloatArray
from cloudmask_training.simulation.fields import FieldBank

Random = np.random.Generator

LONGEST_SHADOW = 32
"""Largest displacement of a shadow in pixels: scenes are simulated with that margin."""

# Reflectance that clear air adds, by Rayleigh's law with some aerosol; none in the cirrus band.
AIR = np.clip(0.115 * (u.WAVELENGTHS / 443) ** -3.2, 0, 1).astype(np.float32)
AIR[[u.CIRRUS, u.THERMAL_1, u.THERMAL_2]] = 0


@dataclass(frozen=True)
class Kind:
    """Ranges from which a layer of a kind is drawn."""

    cover: tuple[float, float]
    """Share of the scene."""
    softness: tuple[float, float]
    """Field units from the edge to an optical thickness of 1."""
    densest: tuple[float, float]
    """Largest opacity."""
    growth: tuple[float, float]
    """How fast optical thickness grows inwards."""
    high: float
    """How often it lies high: cold, with a signal in the cirrus band."""
    haze: tuple[float, float]
    """Exponent by which opacity falls with wavelength."""
    relief: float
    """Largest strength of light and shade on its top."""


KINDS = {
    "cumulus": Kind((0.03, 0.5), (0.1, 0.5), (0.8, 1), (1, 3.5), 0.1, (0, 0), 0.5),
    "thick": Kind((0.05, 0.9), (0.2, 1), (1, 1), (1, 3.5), 0.4, (0, 0), 0.5),
    "mixed": Kind((0.05, 0.8), (0.4, 2), (0.7, 1), (1, 3), 0.35, (0, 0), 0.5),
    "haze": Kind((0.1, 1), (0.7, 2.5), (0.15, 0.6), (0.5, 1.5), 0.05, (0.2, 1.1), 0),
    "cirrus": Kind((0.1, 0.9), (0.5, 2.5), (0.1, 0.6), (1, 3), 1, (0, 0.25), 0.1),
}


@dataclass(frozen=True)
class Layer:
    """One cloud layer over the scene."""

    opacity: FloatArray
    spectrum: FloatArray
    light: FloatArray
    """Brightness over that of the spectrum, from relief and texture."""
    haze: float
    is_high: bool


def add_clouds(
    random: Random,
    fields: FieldBank,
    library: SpectralLibrary,
    surface: tuple[FloatArray, Target],
) -> tuple[FloatArray, Target]:
    """Puts one or two layers and their shadows over a surface `[16, side, side]`."""
    bands, target = surface
    names = random.choice(list(KINDS), size=random.choice([1, 2], p=[0.7, 0.3]))
    sun = random.uniform(0, 2 * np.pi)
    sized = _Sized(fields, bands.shape[1])
    layers = [_layer(random, sized, library, KINDS[name], sun) for name in names]
    shade = np.zeros(bands.shape[1:], np.float32)
    for layer in layers:
        shade = np.maximum(shade, _shadow(random, layer, sun))
    clouded = _darkened(random, bands, shade)
    clear = np.ones_like(shade)
    for layer in layers:
        opacity = _opacity_by_band(random, layer)
        bright = layer.spectrum[:, None, None] * layer.light
        bright[u.THERMAL] = layer.spectrum[u.THERMAL, None, None]
        clouded = clouded * (1 - opacity) + opacity * bright
        clear *= 1 - layer.opacity
    has_data = target.sets[0] != NOTHING_THERE
    clouded = np.where(has_data, clouded, bands).astype(np.float32)
    return clouded, labelled(target, 1 - clear, shade)


class _Sized:
    """Fields of one size."""

    def __init__(self, fields: FieldBank, side: int) -> None:
        self._fields, self._side = fields, side

    def draw(self, random: Random) -> FloatArray:
        return self._fields.draw(random, self._side)


def _layer(random: Random, fields: _Sized, library: SpectralLibrary, kind: Kind, sun: float) -> Layer:
    field = fields.draw(random)
    cover = random.uniform(*kind.cover)
    edge = np.quantile(field[::4, ::4], 1 - cover)
    depth = np.clip((field - edge) / random.uniform(*kind.softness), 0, None)
    opacity = random.uniform(*kind.densest) * (1 - np.exp(-random.uniform(*kind.growth) * depth))
    if random.random() < 0.7:
        opacity = gaussian_filter(opacity, random.uniform(0.4, 1.1), truncate=2)
    light = 1 + random.uniform(0.03, 0.22) * fields.draw(random)
    if kind.relief > 0:
        slope = np.gradient(gaussian_filter(6 * opacity + 0.4 * field, 1.2))
        towards_sun = np.cos(sun) * slope[0] + np.sin(sun) * slope[1]
        light = light + np.clip(random.uniform(0, kind.relief) * towards_sun, -0.35, 0.35)
    is_high = bool(random.random() < kind.high)
    return Layer(
        opacity=opacity.astype(np.float32),
        spectrum=_cloud_spectrum(random, library, is_high=is_high, is_veil=kind.densest[1] < 0.7),
        light=np.clip(light, 0.35, 1.5).astype(np.float32),
        haze=random.uniform(*kind.haze),
        is_high=is_high,
    )


def _cloud_spectrum(random: Random, library: SpectralLibrary, *, is_high: bool, is_veil: bool) -> FloatArray:
    """A mixture of two real spectra of opaque cloud, at the height wanted."""
    spectra = library.high_clouds if is_high else library.low_clouds
    share = random.uniform(0.3, 0.7)
    one, other = spectra[random.integers(len(spectra), size=2)]
    spectrum: FloatArray = (share * one + (1 - share) * other).astype(np.float32)
    if is_veil:
        spectrum[u.REFLECTIVE] *= random.uniform(0.7, 1.1)
        spectrum[: u.CIRRUS] = np.maximum(spectrum[: u.CIRRUS], 0.3)
    if is_high:
        spectrum[u.CIRRUS] = max(float(spectrum[u.CIRRUS]), random.uniform(0.1, 0.6))
    else:
        spectrum[u.CIRRUS] = min(float(spectrum[u.CIRRUS]), 0.012)
    return spectrum


def _opacity_by_band(random: Random, layer: Layer) -> FloatArray:
    factor = np.clip((u.WAVELENGTHS / 560) ** -layer.haze, 0, 1.15)[:, None, None]
    opacity = np.clip(layer.opacity * factor, 0, 1).astype(np.float32)
    opacity[u.THERMAL] = layer.opacity ** random.uniform(0.8, 1.3)
    if layer.is_high:
        # Water vapour hides the ground in this band: what is seen of a high cloud is all cloud.
        opacity[u.CIRRUS] = np.clip(layer.opacity * random.uniform(1, 1.4), 0, 1)
    return opacity


def _shadow(random: Random, layer: Layer, sun: float) -> FloatArray:
    """Opacity displaced away from the sun and blurred, 0–1."""
    distance = random.uniform(3, LONGEST_SHADOW)
    direction = sun + np.pi if random.random() < 0.8 else random.uniform(0, 2 * np.pi)
    shift = (round(distance * np.cos(direction)), round(distance * np.sin(direction)))
    shadow = np.roll(layer.opacity, shift, (0, 1))
    if random.random() < 0.8:
        shadow = gaussian_filter(shadow, random.uniform(0.3, 2.5), truncate=2)
    return np.clip(shadow, 0, 1)


def _darkened(random: Random, bands: FloatArray, shade: FloatArray) -> FloatArray:
    """Takes direct light from the surface: more at long wavelengths, where the sky gives little."""
    strength = random.uniform(0.5, 0.95)
    sky = (u.WAVELENGTHS / 443) ** -1.5
    share = np.clip(strength * (random.uniform(0.55, 0.85) + 0.45 * (1 - sky)), 0, 0.93)
    darkening = share.astype(np.float32)[:, None, None]
    darkest = np.quantile(bands[:, ::6, ::6].reshape(u.BAND_COUNT, -1), 0.02, axis=1).clip(0)
    air = np.minimum(AIR * random.uniform(0.6, 1.1), darkest).astype(np.float32)[:, None, None]
    result = air + (bands - air) * (1 - darkening * shade)
    result[u.THERMAL] = bands[u.THERMAL] - random.uniform(0, 0.03) * shade
    result[u.CIRRUS] = bands[u.CIRRUS]
    return np.asarray(result, np.float32)


def labelled(target: Target, opacity: FloatArray, shade: FloatArray) -> Target:
    """The target of a surface below clouds of some opacity and shadows of some depth, both 0–1."""
    below = _shaded(target.hardened(), shade)
    cloudy = below & CLOUD > 0
    nothing = below == NOTHING_THERE
    thick = _smooth_step(opacity, 0.4, 0.7)
    cloud = _smooth_step(opacity, 0.03, 0.11)
    sets = np.stack([np.full_like(below, bits(THIN)), np.full_like(below, bits(THICK)), below])
    weights = np.stack([cloud * (1 - thick), cloud * thick, 1 - cloud])
    weights[:, (below == 0) & (cloud < 1)] = 0
    result = Target(sets.astype(np.uint8), weights.astype(np.float32))
    # Cloud above cloud is cloud; which of the two kinds is open.
    result = result.replaced(cloudy & (opacity > 0.15) & (below != bits(THICK)), CLOUD)
    result = result.replaced(below == bits(THICK), bits(THICK))
    return result.replaced(nothing, NOTHING_THERE)


def _shaded(sets: ByteArray, shade: FloatArray) -> ByteArray:
    """Adds shadow to clear surfaces: possible in half shade, certain in the deep; over water it can pass for water."""
    is_clear = (sets & CLEAR > 0) & (sets & CLOUD == 0)
    possible = is_clear & (shade > 0.12)
    certain = is_clear & (shade > 0.38)
    result = np.where(possible, sets | bits(SHADOW), sets)
    result = np.where(certain, bits(SHADOW), result)
    return np.where(certain & (sets == bits(WATER)), bits(SHADOW, WATER), result).astype(np.uint8)


def _smooth_step(x: FloatArray, low: float, high: float) -> FloatArray:
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
