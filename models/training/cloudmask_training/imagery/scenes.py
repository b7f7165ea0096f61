"""The openly licensed imagery of the data folder, each scene on the universal bands with what is known of its pixels.

Who may use what: `training_scenes` never touches the Biome validation and test splits nor the second eo-learn set;
`validation_scenes` serve choosing; `biome_scenes("test")` and `eo_learn_scenes(HELD_OUT)` serve the accuracy card only.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from cloudmask_training.classes import CLEAR, CLEAR_OR_SHADOW, SHADOW, THICK, THIN, bits
from cloudmask_training.imagery import universal as u
from cloudmask_training.imagery.pseudo_labels import clear_sets_of, pseudo_target, shadow_of
from cloudmask_training.imagery.spectra import BandRegression
from cloudmask_training.imagery.target import NOTHING_THERE, Target, certain, narrowed_clear, probable
from cloudmask_training.imagery.teachers import Teachers
from cloudmask_training.imagery.universal import FloatArray

IN_TRAINING, HELD_OUT = "v68", "v36"
"""The two eo-learn sets."""

_BIOME_CLEAR, _BIOME_THICK, _BIOME_THIN, _BIOME_SHADOW, _BIOME_FILL = 0, 1, 2, 3, 255


@dataclass(frozen=True)
class Scene:
    """One scene: `bands` [16, height, width], zero where there is no data."""

    name: str
    bands: FloatArray
    target: Target
    is_coarse: bool = False

    @property
    def has_shadow(self) -> bool:
        """Whether enough shadow is known to draw it more often."""
        is_shadow = (self.target.sets == bits(SHADOW)) & (self.target.weights > 0.5)
        return bool(is_shadow.any(0).mean() > 0.01)


def training_scenes(data: Path, regression: BandRegression, teachers: Teachers | None) -> list[Scene]:
    """All scenes that a network may learn from. Without teachers, unlabelled ones are left out."""
    biome = biome_scenes(data, "train", regression)
    if teachers is None:
        return biome
    unlabelled = [*eo_learn_scenes(data, IN_TRAINING), _preview_scene(data)]
    return [_biome_with_opinion(scene, teachers) for scene in biome] + [
        _taught(scene, teachers) for scene in unlabelled
    ]


def validation_scenes(data: Path, regression: BandRegression) -> list[Scene]:
    """Scenes to choose by."""
    return biome_scenes(data, "val", regression)


def biome_scenes(data: Path, split: str, regression: BandRegression) -> list[Scene]:
    """Landsat 8 patches with the labels of people; bands that Landsat lacks are estimated."""
    with np.load(data / "l8biome_patches.npz") as file:
        chosen = np.flatnonzero(file["split"] == split)
        values, labels, names = (file[key][chosen] for key in ("bands_u16", "cls", "name"))
    return [
        _biome_scene(str(name), value.astype(np.float32), label, regression)
        for name, value, label in zip(names, values, labels, strict=True)
    ]


def eo_learn_scenes(data: Path, which: str, least_data: float = 0.4) -> list[Scene]:
    """Sentinel-2 crops at 10 m with some share of data; only its absence is known of their pixels."""
    with np.load(data / f"eo-learn/slovenia_{which}_labelled.npz") as file:
        images = file["bands"]
    return [
        _sentinel_scene(f"slovenia-{which}-{i}", np.moveaxis(image, 2, 0), seed=i)
        for i, image in enumerate(images)
        if np.isfinite(image).all(-1).mean() > least_data
    ]


def biome_labels(scene_labels: npt.NDArray[np.uint8]) -> Target:
    """Labels of the Biome patches. Few name shadows: in the others "clear" means clear or shadow."""
    is_cloudy = np.isin(scene_labels, (_BIOME_THICK, _BIOME_THIN)).mean() > 0.005
    names_shadow = bool((scene_labels == _BIOME_SHADOW).any())
    sets = np.zeros(scene_labels.shape, np.uint8)
    sets[scene_labels == _BIOME_CLEAR] = CLEAR if names_shadow or not is_cloudy else CLEAR_OR_SHADOW
    sets[scene_labels == _BIOME_THICK] = bits(THICK)
    sets[scene_labels == _BIOME_THIN] = bits(THIN)
    sets[scene_labels == _BIOME_SHADOW] = bits(SHADOW)
    sets[scene_labels == _BIOME_FILL] = NOTHING_THERE
    return certain(sets)


def _biome_scene(name: str, values: FloatArray, labels: npt.NDArray[np.uint8], regression: BandRegression) -> Scene:
    """`values` [8, height, width]: seven reflectances × 10⁴ and the brightness temperature × 100."""
    height, width = labels.shape
    common = (values[:7] / 1e4).reshape(7, -1).T
    bands = np.ascontiguousarray(regression.universal(common).T).reshape(-1, height, width)
    u.fill_thermal(bands, values[7] / 100)
    bands[:, labels == _BIOME_FILL] = 0
    target = biome_labels(labels)
    is_clear = target.sets[0] == CLEAR
    target.sets[0] = np.where(is_clear, narrowed_clear(bands), target.sets[0])
    return Scene(name, bands, target)


def _sentinel_scene(name: str, reflectance: FloatArray, seed: int, *, is_coarse: bool = False) -> Scene:
    """13 bands, NaN where there is no data, to a scene with plausible temperatures."""
    has_data = np.isfinite(reflectance).all(0)
    bands = np.zeros((u.BAND_COUNT, *has_data.shape), np.float32)
    bands[:13] = np.where(has_data, reflectance, 0)
    u.fill_panchromatic(bands)
    u.fill_thermal(bands, _plausible_kelvin(bands, np.random.default_rng(seed)))
    bands[:, ~has_data] = 0
    target = certain(np.where(has_data, 0, NOTHING_THERE).astype(np.uint8))
    return Scene(name, bands, target, is_coarse)


def _preview_scene(data: Path) -> Scene:
    with np.load(data / "s2-19UDP-160m/s2_l1c_19UDP_20170729_160m.npz") as file:
        numbers = file["bands"].astype(np.float32)
    reflectance = np.where(numbers[1] == 0, np.float32(np.nan), numbers / 1e4)
    return _sentinel_scene("s2-19UDP", reflectance, seed=19, is_coarse=True)


def _plausible_kelvin(bands: FloatArray, random: np.random.Generator) -> FloatArray:
    """Brightness temperatures for a sensor that has none: what is bright is cloud, the cirrus band tells its height."""
    brightness = np.clip((bands[u.BLUE] - 0.15) / 0.35, 0, 1)
    height = np.clip(bands[u.CIRRUS] / 0.15, 0, 1)
    texture = gaussian_filter(bands[u.SWIR_2], 1) - gaussian_filter(bands[u.SWIR_2], 20)
    ground = random.uniform(276, 302) + 25 * texture
    kelvin = ground - brightness * (random.uniform(5, 25) + 35 * height)
    return np.asarray(kelvin, np.float32)


def _biome_with_opinion(scene: Scene, teachers: Teachers) -> Scene:
    """Real labels win; what they leave open (kind of surface, unnamed shadow) is told by the teachers."""
    opinion = teachers.look_at(scene.bands)
    sets = scene.target.sets[0]
    may_be_shadow = sets == CLEAR_OR_SHADOW
    is_clear = may_be_shadow | ((sets & CLEAR > 0) & (sets & ~np.uint8(CLEAR) == 0))
    shadow = np.where(may_be_shadow, shadow_of(opinion), np.float32(0))
    taught = probable(clear_sets_of(opinion, scene.bands), np.zeros_like(shadow), shadow)
    return Scene(scene.name, scene.bands, _chosen(is_clear, taught, scene.target))


def _taught(scene: Scene, teachers: Teachers) -> Scene:
    opinion = teachers.look_at(scene.bands, is_coarse=scene.is_coarse)
    target = pseudo_target(opinion, scene.bands)
    has_data = scene.target.sets[0] != NOTHING_THERE
    # Networks see edges of the data as edges of clouds and shadows.
    target.weights[:, gaussian_filter((~has_data).astype(np.float32), 3) > 0.02] = 0
    return Scene(scene.name, scene.bands, _chosen(has_data, target, scene.target), scene.is_coarse)


def _chosen(where: npt.NDArray[np.bool_], yes: Target, no: Target) -> Target:
    return Target(np.where(where, yes.sets, no.sets), np.where(where, yes.weights, no.weights))
