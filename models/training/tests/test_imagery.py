"""Scenes and their labels, on a small folder like the real one."""

from pathlib import Path

import numpy as np
import pytest
from imagery_folder import SIDE, write_imagery

from cloudmask_training.classes import CLEAR, CLEAR_OR_SHADOW, CLOUD, LAND, NO_DATA, SHADOW, THICK, THIN, WATER, bits
from cloudmask_training.evaluation.datasets import card_datasets
from cloudmask_training.imagery import universal as u
from cloudmask_training.imagery.pseudo_labels import moved, pseudo_target
from cloudmask_training.imagery.scenes import biome_labels, training_scenes, validation_scenes
from cloudmask_training.imagery.spectra import BandRegression, SpectralLibrary, read_spectra
from cloudmask_training.imagery.target import narrowed_clear
from cloudmask_training.imagery.teachers import Opinion, Teachers

Spectra = tuple[SpectralLibrary, BandRegression]


class OneMind:
    """A teacher that says the same of every pixel."""

    def __init__(self, **said: float) -> None:
        self.said = {"cloud": 0.0, "shadow": 0.0, "land": 0.0, "water": 0.0, "snow": 0.0, "surface_shadow": 0.0}
        self.said |= {"surface_cloud": 0.0} | said

    def look_at(self, bands: np.ndarray, *, is_coarse: bool = False) -> Opinion:
        assert is_coarse == (bands.shape[1] == 40), "only the preview has coarse pixels"
        return Opinion(**{name: np.full(bands.shape[1:], value, np.float32) for name, value in self.said.items()})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_imagery(tmp_path)
    return tmp_path


@pytest.fixture
def spectra(data: Path) -> Spectra:
    return read_spectra(data)


def test_what_is_held_out_is_not_learned_from(data: Path, spectra: Spectra) -> None:
    library, regression = spectra
    learned = {scene.name for scene in training_scenes(data, regression, OneMind())}  # type: ignore[arg-type]
    chosen_by = {scene.name for scene in validation_scenes(data, regression)}
    judged = {s.name for d in card_datasets(data, regression, library) if d.is_held_out for s in d.scenes}
    assert learned == {"train-a", "train-b", "slovenia-v68-0", "slovenia-v68-1", "s2-19UDP"}
    assert chosen_by == {"val-a"}
    assert judged == {"test-a", "slovenia-v36-0", "slovenia-v36-1"}


def test_without_teachers_only_labelled_scenes_are_learned_from(data: Path, spectra: Spectra) -> None:
    assert {scene.name for scene in training_scenes(data, spectra[1], None)} == {"train-a", "train-b"}


def test_clear_may_be_shadow_where_no_shadow_is_named() -> None:
    labels = np.array([[0, 1, 2, 255]], np.uint8)
    assert biome_labels(labels).sets[0].tolist() == [[CLEAR_OR_SHADOW, bits(THICK), bits(THIN), bits(NO_DATA)]]
    named = np.array([[0, 1, 2, 3]], np.uint8)
    assert biome_labels(named).sets[0].tolist() == [[CLEAR, bits(THICK), bits(THIN), bits(SHADOW)]]


def test_labels_of_people_win_over_teachers(data: Path, spectra: Spectra) -> None:
    """The teacher sees cloud and deep shadow everywhere: only what the labels leave open follows it."""
    teacher = OneMind(cloud=0.9, shadow=0.9)
    open_, named = training_scenes(data, spectra[1], teacher)[:2]  # type: ignore[arg-type]
    assert open_.target.sets[0, :8, 0].tolist() == 4 * [bits(THICK)] + 4 * [bits(THIN)]
    assert open_.target.sets[2, 9, 0] == bits(SHADOW)
    assert open_.target.weights[2, 9, 0] == pytest.approx(0.9 / 0.1 * 0.3 / 0.7 / (1 + 0.9 / 0.1 * 0.3 / 0.7), rel=1e-5)
    assert named.target.weights[2, 12].max() == 0
    assert named.target.sets[0, 8, 0] == bits(SHADOW)
    assert open_.target.sets[0, 15, 0] == bits(NO_DATA)
    assert (open_.bands[:, 15] == 0).all()


def test_measured_bands_are_kept_and_temperature_is_normalised(data: Path, spectra: Spectra) -> None:
    scene = validation_scenes(data, spectra[1])[0]
    with np.load(data / "l8biome_patches.npz") as file:
        values = file["bands_u16"][2].astype(np.float32)
    measured = [u.BLUE, u.GREEN, u.RED, u.NIR, u.SWIR_1, u.SWIR_2, u.CIRRUS]
    np.testing.assert_allclose(scene.bands[measured], values[:7] / 1e4, rtol=1e-6)
    np.testing.assert_allclose(scene.bands[u.THERMAL_1], (280 - 132) / 117, rtol=1e-6)
    assert scene.bands.shape == (16, SIDE, SIDE)


def test_the_regression_finds_a_band_that_is_a_mixture() -> None:
    spectra = np.random.default_rng(3).uniform(0.02, 0.6, (2000, 16)).astype(np.float32)
    spectra[:, u.EDGE_1] = 0.6 * spectra[:, u.RED] + 0.4 * spectra[:, u.NIR]
    regression = BandRegression(spectra[:1500])
    common = spectra[1500:, [u.BLUE, u.GREEN, u.RED, u.NIR, u.SWIR_1, u.SWIR_2, u.CIRRUS]]
    np.testing.assert_allclose(regression.universal(common)[:, u.EDGE_1], spectra[1500:, u.EDGE_1], atol=5e-3)


def test_moved_odds_make_the_best_threshold_one_half() -> None:
    p = np.array([0.0, 0.5, 0.8, 0.95, 1.0], np.float32)
    assert moved(p, 0.8) == pytest.approx([0, 0.2, 0.5, 0.826, 1], abs=1e-3)


def test_teachers_make_soft_targets(library: SpectralLibrary) -> None:
    land = library.clear[LAND][0][:, None, None]
    said = OneMind(cloud=0.5, shadow=0.7).look_at(land)
    target = pseudo_target(said, land)
    assert target.sets[:, 0, 0].tolist() == [bits(LAND), CLOUD, bits(SHADOW)]
    assert target.weights[:, 0, 0] == pytest.approx([0.4, 0.2, 0.4], abs=1e-5)


def test_no_shadow_over_snow_when_only_the_pair_sees_it(library: SpectralLibrary) -> None:
    land = library.clear[LAND][0][:, None, None]
    said = OneMind(shadow=0.9, snow=0.9).look_at(land)
    assert pseudo_target(said, land).weights[2, 0, 0] == 0


def test_surfaces_are_named_only_without_doubt(library: SpectralLibrary) -> None:
    columns = [library.clear[LAND][0], library.clear[WATER][0], np.full(16, 0.2, np.float32)]
    assert narrowed_clear(np.stack(columns, 1)[:, None]).tolist() == [[bits(LAND), bits(WATER), CLEAR]]


def test_a_wheel_that_is_missing_or_another_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"missing.*teachers-1\.0\.0\.lock"):
        Teachers(tmp_path)
    (tmp_path / "ukis_csmask-1.0.0-py3-none-any.whl").write_bytes(b"other")
    with pytest.raises(ValueError, match="SHA-256 differs"):
        Teachers(tmp_path)
