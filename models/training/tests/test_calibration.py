"""Setting how readily classes are named."""

import numpy as np
import pytest

from cloudmask_training.classes import CLASS_COUNT, LAND, SHADOW, THICK, THIN, bits
from cloudmask_training.evaluation import calibration, validation
from cloudmask_training.evaluation.prediction import predict
from cloudmask_training.imagery import universal as u
from cloudmask_training.imagery.scenes import Scene
from cloudmask_training.imagery.target import certain
from cloudmask_training.network.cloud_network import CloudNetwork
from cloudmask_training.network.configuration import Configuration

CONFIGURATION = Configuration(embedding_channels=4, layers=(16, 16), attention_width=16, head_layers=(16,), patch=32)
KINDS = (LAND, THIN, THICK, SHADOW)


@pytest.fixture
def striped() -> Scene:
    """A stripe of each kind."""
    sets = np.repeat([bits(kind) for kind in KINDS], 8)[None].repeat(32, 0).astype(np.uint8)
    return Scene("striped", np.full((u.BAND_COUNT, 32, 32), 0.2, np.float32), certain(sets))


def shy(kinds: np.ndarray) -> np.ndarray:
    """Probabilities of one that sees shadow and thin cloud, but takes both for land."""
    found = np.full((CLASS_COUNT, *kinds.shape), 0.01, np.float32)
    for kind, truth, other in ((LAND, 0.9, 0.04), (THICK, 0.9, 0.04), (THIN, 0.4, 0.54), (SHADOW, 0.3, 0.64)):
        found[LAND, kinds == kind] = other
        found[kind, kinds == kind] = truth
    return found / found.sum(0)


def test_classes_that_are_named_too_rarely_are_named_more_readily(
    striped: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = np.log2(striped.target.sets[0]).astype(int)
    monkeypatch.setattr(validation, "predict", lambda *_: shy(kinds))
    offsets, before, after = calibration.best_offsets(CloudNetwork(CONFIGURATION), [striped])
    assert before < 0.6
    assert after == pytest.approx(1)
    assert offsets[THIN] >= 0.25
    assert offsets[SHADOW] >= 0.75
    assert offsets[LAND] == 0


def test_offsets_of_the_bias_are_those_of_the_logits() -> None:
    network = CloudNetwork(CONFIGURATION).eval()
    random = np.random.default_rng(6)
    bands = random.uniform(0, 1, (4, 32, 32)).astype(np.float32)
    descriptors = random.normal(0, 1, (4, 74)).astype(np.float32)
    offsets = random.uniform(-1, 1, CLASS_COUNT).astype(np.float32)
    weighed = predict(network, bands, descriptors) * np.exp(offsets)[:, None, None]
    calibration.calibrated(network, offsets)
    np.testing.assert_allclose(predict(network, bands, descriptors), weighed / weighed.sum(0), atol=1e-5)
