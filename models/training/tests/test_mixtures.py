"""Images mixed from real ones."""

import numpy as np
import pytest

from cloudmask_training.classes import CLOUD, NO_DATA, bits
from cloudmask_training.imagery import universal as u
from cloudmask_training.imagery.scenes import Scene
from cloudmask_training.imagery.spectra import SpectralLibrary
from cloudmask_training.imagery.target import certain
from cloudmask_training.imagery.teachers import Opinion
from cloudmask_training.simulation.batches import Simulator
from cloudmask_training.simulation.mixtures import SIDE, taught_mixtures


class BrightIsCloud:
    """A teacher with one idea, which remembers what it was shown."""

    def __init__(self) -> None:
        self.shown: list[np.ndarray] = []

    def look_at(self, bands: np.ndarray, *, is_coarse: bool = False) -> Opinion:
        assert not is_coarse
        self.shown.append(bands)
        cloud = (bands[u.BLUE] > 0.3).astype(np.float32)
        none = np.zeros_like(cloud)
        return Opinion(cloud, none, 1 - cloud, none, none, none, cloud)


@pytest.fixture
def bright_scene() -> Scene:
    bands = np.full((u.BAND_COUNT, 96, 96), 0.7, np.float32)
    return Scene("bright", bands, certain(np.full((96, 96), CLOUD, np.uint8)))


def test_the_teacher_labels_what_is_shown(land_scene: Scene, bright_scene: Scene) -> None:
    teacher = BrightIsCloud()
    made = taught_mixtures([land_scene, bright_scene], teacher, 24, seed=1)  # type: ignore[arg-type]
    assert len(made) == len(teacher.shown) == 24
    shares = []
    for scene, shown in zip(made, teacher.shown, strict=True):
        assert scene.bands.shape == (u.BAND_COUNT, SIDE, SIDE)
        np.testing.assert_array_equal(scene.bands, shown)
        is_cloud = (scene.target.sets == CLOUD) & (scene.target.weights > 0.9)
        np.testing.assert_array_equal(is_cloud.any(0), shown[u.BLUE] > 0.3)
        shares.append(float(is_cloud.any(0).mean()))
    assert min(shares) == 0
    assert max(shares) == 1
    assert any(0.05 < share < 0.95 for share in shares), "some are joined of two"


def test_nothing_is_learned_where_there_is_no_data(land_scene: Scene) -> None:
    made = taught_mixtures([land_scene], BrightIsCloud(), 8, seed=2)  # type: ignore[arg-type]
    empty = [(scene.bands[: u.PANCHROMATIC] == 0).all(0) for scene in made]
    assert any(e.any() for e in empty)
    for scene, is_empty in zip(made, empty, strict=True):
        assert (scene.target.sets[0, is_empty] == bits(NO_DATA)).all()
        assert (scene.target.weights[1:, is_empty] == 0).all()
        assert (scene.target.sets[0, ~is_empty] != bits(NO_DATA)).all()


def test_coarse_scenes_are_left_out_and_a_seed_repeats_all(land_scene: Scene, bright_scene: Scene) -> None:
    coarse = Scene("coarse", bright_scene.bands, bright_scene.target, is_coarse=True)
    one, other = (taught_mixtures([land_scene, coarse], BrightIsCloud(), 6, seed=3) for _ in range(2))  # type: ignore[arg-type]
    assert max(float(scene.bands[u.BLUE].max()) for scene in one) < 0.3
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a.bands, b.bands)


def test_batches_show_mixtures(land_scene: Scene, bright_scene: Scene, library: SpectralLibrary) -> None:
    magenta = np.full((u.BAND_COUNT, SIDE, SIDE), 0.123, np.float32)
    mixture = Scene("mixture-0", magenta, certain(np.full((SIDE, SIDE), CLOUD, np.uint8)))
    simulator = Simulator([land_scene, bright_scene], library, 1, [mixture])
    flat = [np.allclose(simulator.scene(48, number)[0], 0.123) for number in range(120)]
    assert 0.1 < np.mean(flat) < 0.35
