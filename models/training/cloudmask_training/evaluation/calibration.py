"""How readily each class is named, set on the validation scenes after training.

Training shows more cloud and shadow than there is, and loss weights and soft targets move what the network says
further from what counts. One number for each kind of cloud and for shadow, added to the bias of the last layer, takes
that back; it commutes with the upsampling, so that it is exact.
"""

from itertools import cycle

import numpy as np
import torch

from cloudmask_training.classes import CLASS_COUNT, SHADOW, THICK, THIN
from cloudmask_training.evaluation.metrics import pooled, predicted, tallies
from cloudmask_training.evaluation.validation import CHOSEN_BY, score_of, view_predictions
from cloudmask_training.imagery.scenes import Scene
from cloudmask_training.imagery.target import ByteArray
from cloudmask_training.imagery.universal import FloatArray
from cloudmask_training.network.cloud_network import CloudNetwork

_VALUES = np.arange(-1, 1.01, 0.25)
_LEAST_GAIN = 1e-4
Found = dict[str, list[tuple[FloatArray, ByteArray]]]
"""By view, for each scene: probabilities `[7, height, width]` and the sets of possible classes."""


def best_offsets(network: CloudNetwork, scenes: list[Scene]) -> tuple[FloatArray, float, float]:
    """Offsets of the seven logits, the score without and with them: each class in turn, until none gains."""
    found = {view: list(view_predictions(network, scenes, view)) for view in CHOSEN_BY}
    best = np.zeros(CLASS_COUNT, np.float32)
    before = score = _score(found, best)
    unchanged = 0
    for kind in cycle((SHADOW, THIN, THICK)):
        tried = [_with(best, kind, value) for value in _VALUES]
        scores = [_score(found, offsets) for offsets in tried]
        unchanged += 1
        if max(scores) > score + _LEAST_GAIN:
            best, score, unchanged = tried[int(np.argmax(scores))], max(scores), 0
        if unchanged == 3:
            break
    return best, before, score


def calibrated(network: CloudNetwork, offsets: FloatArray) -> None:
    """Adds offsets to the bias of the classifier."""
    bias = network.segmenter.decode_head.classifier.bias
    assert bias is not None
    with torch.no_grad():
        bias += torch.from_numpy(offsets).to(bias)


def _with(offsets: FloatArray, kind: int, value: float) -> FloatArray:
    changed = offsets.copy()
    changed[kind] = value
    return changed


def _score(found: Found, offsets: FloatArray) -> float:
    factors = np.exp(offsets)[:, None, None]
    views = []
    for scenes in found.values():
        weighed = ((probabilities * factors, sets) for probabilities, sets in scenes)
        views.append(pooled([tallies(predicted(p / p.sum(0)), sets) for p, sets in weighed]))
    return float(np.mean([score_of(view) for view in views]))
