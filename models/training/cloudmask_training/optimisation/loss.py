"""The loss for partial labels."""

import torch
from torch import Tensor

from cloudmask_training.classes import CLASS_COUNT, CLEAR, CLOUD, NO_DATA, SHADOW, THIN, bits

_LEAST = 1e-6
"""Below this probability a pixel no longer pulls: it is more likely labelled wrongly."""


def set_importance() -> Tensor:
    """How much a pixel counts by its set of classes [128]: the rare and hard ones more, the absence of data little."""
    importance = torch.ones(1 << CLASS_COUNT)
    for members in range(1 << CLASS_COUNT):
        if members & bits(SHADOW) and not members & (CLEAR | CLOUD):
            importance[members] = 1.7
        elif members & bits(THIN) and not members & ~CLOUD:
            importance[members] = 1.2
    importance[bits(NO_DATA)] = 0.3
    return importance


def partial_label_loss(logits: Tensor, sets: Tensor, weights: Tensor, importance: Tensor) -> Tensor:
    """Mean over pixels of Σ over sets of weight · −log Σ over the set's classes of probability.

    With one certain set that is the reference's loss for ambiguous labels, with soft weights the cross entropy with a
    teacher that tells groups of classes. `logits` [images, 7, height, width], the others [images, 3, height, width].
    """
    probability = logits.float().softmax(1)
    classes = torch.arange(CLASS_COUNT, device=logits.device, dtype=torch.uint8)[:, None, None]
    total = logits.new_zeros((), dtype=torch.float32)
    norm = torch.zeros_like(total)
    for set_, weight in zip(sets.unbind(1), weights.unbind(1), strict=True):
        is_member = (set_[:, None] >> classes) & 1
        of_set = (probability * is_member).sum(1).clamp(min=_LEAST).log()
        scale = weight * importance[set_.int()]
        total = total - (scale * of_set).sum()
        norm = norm + scale.sum()
    return total / norm.clamp(min=1)
