"""The loss for partial labels."""

import math

import pytest
import torch

from cloudmask_training.classes import CLEAR, CLEAR_OR_SHADOW, CLOUD, SHADOW, THIN, bits
from cloudmask_training.optimisation.loss import partial_label_loss, set_importance

EVEN = torch.ones(128)
LOGITS = torch.tensor([1.0, -0.5, 0.3, 2.0, 0.1, -1.0, 0.0])


def loss_of(sets: list[int], weights: list[float], importance: torch.Tensor = EVEN) -> float:
    """One pixel."""
    return partial_label_loss(
        LOGITS[None, :, None, None],
        torch.tensor(sets, dtype=torch.uint8)[None, :, None, None],
        torch.tensor(weights)[None, :, None, None],
        importance,
    ).item()


def probability(*classes: int) -> float:
    return LOGITS.softmax(0)[list(classes)].sum().item()


def test_one_class_gives_the_cross_entropy() -> None:
    expected = torch.nn.functional.cross_entropy(LOGITS[None], torch.tensor([THIN])).item()
    assert loss_of([bits(THIN), 0, 0], [1, 0, 0]) == pytest.approx(expected, abs=1e-6)


def test_a_set_counts_with_the_sum_of_its_probabilities() -> None:
    expected = -math.log(probability(0, 1, 2, 5))
    assert loss_of([CLEAR_OR_SHADOW, 0, 0], [1, 0, 0]) == pytest.approx(expected, abs=1e-6)


def test_soft_sets_are_weighted() -> None:
    expected = (
        -0.7 * math.log(probability(3, 4)) - 0.25 * math.log(probability(0, 1, 2)) - 0.05 * math.log(probability(5))
    )
    assert loss_of([CLOUD, CLEAR, bits(SHADOW)], [0.7, 0.25, 0.05]) == pytest.approx(expected, abs=1e-6)


def test_unknown_pixels_do_not_count() -> None:
    assert loss_of([CLOUD, 0, 0], [0, 0, 0]) == 0
    logits = LOGITS[None, :, None, None].expand(1, 7, 1, 2)
    sets = torch.tensor([[bits(THIN), bits(SHADOW)], [0, 0], [0, 0]], dtype=torch.uint8)[None, :, None]
    weights = torch.tensor([[1.0, 0.0], [0, 0], [0, 0]])[None, :, None]
    assert partial_label_loss(logits, sets, weights, EVEN).item() == pytest.approx(
        -math.log(probability(THIN)), abs=1e-6
    )


def test_shadow_counts_more_than_clear() -> None:
    importance = set_importance()
    assert importance[bits(SHADOW)] > importance[bits(THIN)] > importance[CLEAR]
    assert importance[bits(SHADOW, THIN)] == importance[CLEAR] == 1
