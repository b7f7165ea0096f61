"""The score that runs and architectures are chosen by, on the validation scenes only."""

from collections.abc import Iterator

import numpy as np

from cloudmask_training.evaluation.metrics import Tally, pooled, predicted, tallies
from cloudmask_training.evaluation.prediction import predict
from cloudmask_training.evaluation.views import VIEWS
from cloudmask_training.imagery.scenes import Scene
from cloudmask_training.imagery.target import ByteArray
from cloudmask_training.imagery.universal import FloatArray
from cloudmask_training.network.cloud_network import CloudNetwork
from cloudmask_training.simulation.observation import observe

CHOSEN_BY = ("landsat89", "sentinel2-l1c", "blue, green, red, NIR", "red, NIR, SWIR 1, SWIR 2, cirrus")
"""Two sensors, the bands that every camera has, and the view of four bands or more that is hardest."""


def view_predictions(
    network: CloudNetwork, scenes: list[Scene], view: str, window: int | None = None
) -> Iterator[tuple[FloatArray, ByteArray]]:
    """For each scene, with the bands of a view: probabilities `[7, height, width]` and the sets of possible classes."""
    for scene in scenes:
        seen = observe(np.random.default_rng(0), (scene.bands, scene.target), VIEWS[view], is_clean=True)
        yield predict(network, seen.bands, seen.descriptors, window), scene.target.sets[0]


def view_tallies(network: CloudNetwork, scenes: list[Scene], view: str, window: int | None = None) -> dict[str, Tally]:
    """Counts of a network on scenes seen with the bands of a view."""
    found = view_predictions(network, scenes, view, window)
    return pooled([tallies(predicted(probabilities), sets) for probabilities, sets in found])


def score_of(found: dict[str, Tally]) -> float:
    """Mean of cloud's balanced accuracy and the mean F1 of thin cloud and shadow."""
    return (found["cloud"].balanced_accuracy + (found["thin"].f1 + found["shadow"].f1) / 2) / 2


def validation_score(network: CloudNetwork, scenes: list[Scene]) -> tuple[float, str]:
    """Mean over views of `score_of`; and a line to log."""
    scores, words = [], []
    for view in CHOSEN_BY:
        found = view_tallies(network, scenes, view, window=256)
        cloud, thin, shadow = found["cloud"], found["thin"], found["shadow"]
        scores.append(score_of(found))
        words.append(
            f"{view}: BA {cloud.balanced_accuracy:.3f} thin {thin.f1:.2f} "
            f"thick {found['thick'].f1:.2f} shadow {shadow.f1:.2f}"
        )
    return float(np.mean(scores)), " | ".join(words)
