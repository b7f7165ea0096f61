"""Figures of the accuracy card."""

import math

import numpy as np
import pytest

from cloudmask_training.classes import CLEAR_OR_SHADOW, CLOUD, LAND, NO_DATA, SHADOW, THICK, THIN, bits
from cloudmask_training.evaluation.card import card_text, figures, measure
from cloudmask_training.evaluation.contestants import Contestant, threshold_contestant
from cloudmask_training.evaluation.datasets import Dataset, simulated_scenes
from cloudmask_training.evaluation.metrics import Tally, pooled, predicted, tallies
from cloudmask_training.evaluation.prediction import predict
from cloudmask_training.evaluation.views import VIEWS
from cloudmask_training.imagery.scenes import Scene
from cloudmask_training.imagery.spectra import SpectralLibrary
from cloudmask_training.imagery.target import certain
from cloudmask_training.network.cloud_network import CloudNetwork
from cloudmask_training.network.configuration import Configuration
from cloudmask_training.simulation.sensors import Sensor


def test_figures_of_a_tally() -> None:
    tally = Tally(hits=6, false_alarms=2, misses=4, rejections=28, scenes=1)
    assert tally.accuracy == pytest.approx(34 / 40)
    assert tally.balanced_accuracy == pytest.approx((6 / 10 + 28 / 30) / 2)
    assert tally.f1 == pytest.approx(2 * 6 / (2 * 6 + 2 + 4))
    assert tally.iou == pytest.approx(6 / 12)
    assert math.isnan(Tally().f1)


def test_probabilities_are_summed_before_the_largest_wins() -> None:
    """Clear wins with three parts, and cloud with two, though no part of either is the largest."""
    probabilities = np.array([[0.15, 0.15, 0.1, 0.05, 0.1, 0.35, 0.1], [0, 0, 0.4, 0.3, 0.3, 0, 0]]).T[:, None]
    found = {name: mask[0].tolist() for name, mask in predicted(probabilities.astype(np.float32)).items()}
    assert found == {
        "clear": [True, True],
        "thick": [False, False],
        "thin": [False, False],
        "shadow": [False, False],
        "cloud": [False, True],
    }


def test_pixels_count_where_their_set_decides() -> None:
    sets = np.array([[CLEAR_OR_SHADOW, bits(SHADOW), CLOUD, bits(THIN), 0, bits(NO_DATA)]], np.uint8)
    everywhere = np.ones(sets.shape, bool)
    found = tallies(dict.fromkeys(("cloud", "clear", "thin", "thick", "shadow"), everywhere), sets)
    assert vars(found["cloud"]) == {"hits": 2, "false_alarms": 2, "misses": 0, "rejections": 0, "scenes": 1}
    assert (found["clear"].hits, found["clear"].false_alarms) == (0, 3)
    assert (found["shadow"].hits, found["shadow"].false_alarms) == (1, 2)
    assert (found["thin"].hits, found["thin"].false_alarms) == (1, 2)
    assert found["thick"].scenes == 0
    assert pooled([found, found])["cloud"].scenes == 2


def test_thresholds_find_a_bright_cloud_over_land(library: SpectralLibrary) -> None:
    bands = np.stack([library.clear[LAND][0], library.low_clouds[0]], axis=1)[:, None]
    scene = Scene("two pixels", bands, certain(np.array([[bits(LAND), bits(THICK)]], np.uint8)))
    found = figures(threshold_contestant(), [scene], VIEWS["landsat89"])
    assert (found["cloud"].hits, found["cloud"].rejections, found["thick"].hits) == (1, 1, 1)


def test_a_scene_is_predicted_in_the_middle_of_a_mirrored_window() -> None:
    network = CloudNetwork(Configuration(embedding_channels=4, patch=64)).eval()
    bands = np.random.default_rng(1).random((3, 40, 33), np.float32)
    descriptors = np.random.default_rng(2).random((3, 74), np.float32)
    found = predict(network, bands, descriptors)
    padded = np.pad(bands, ((0, 0), (12, 12), (15, 16)), "reflect")
    expected = predict(network, padded, descriptors)[:, 12:52, 15:48]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    with pytest.raises(ValueError, match="does not fit"):
        predict(network, np.zeros((3, 65, 10), np.float32), descriptors)


def test_simulated_scenes_are_the_same_every_time(library: SpectralLibrary) -> None:
    first, again = (simulated_scenes(library, count=8, side=64) for _ in range(2))
    assert all(np.array_equal(a.bands, b.bands) for a, b in zip(first, again, strict=True))
    known = np.concatenate([scene.target.sets[0].ravel() for scene in first])
    assert {bits(THIN), bits(THICK), bits(SHADOW)} <= set(known.tolist())


def test_the_card_says_what_is_reached(library: SpectralLibrary) -> None:
    scenes = simulated_scenes(library, count=6, side=64)
    dataset = Dataset("Somewhere", "A note.", scenes, VIEWS["landsat89"])

    def knows(scene: Scene, _: Sensor) -> dict[str, np.ndarray]:
        sets = scene.target.sets[0]
        members = {"cloud": CLOUD, "clear": 7, "thin": bits(THIN), "thick": bits(THICK), "shadow": bits(SHADOW)}
        return {name: (sets & m > 0) & (sets & ~np.uint8(m) == 0) for name, m in members.items()}

    def knows_nothing(scene: Scene, _: Sensor) -> dict[str, np.ndarray]:
        nowhere = np.zeros(scene.bands.shape[1:], bool)
        return dict.fromkeys(("cloud", "thin", "thick", "shadow"), nowhere) | {"clear": ~nowhere}

    contestants = [Contestant("oracle", knows), Contestant("optimist", knows_nothing)]
    results = measure(contestants, [dataset])
    oracle = card_text("oracle", "It knows.", [dataset], results)
    optimist = card_text("optimist", "", [dataset], results)
    assert oracle.count("| reached |") == 4
    assert optimist.count("**not reached**") == 4
    assert oracle.startswith("# oracle\n\nIt knows.\n\n## Accuracy\n")
    assert "### Somewhere (6 scenes, never used in training or choosing)" in oracle
    assert "| oracle | cloud | " in oracle
