"""Weights of another network as a beginning, also where that has more embedding channels."""

import torch
from torch import Tensor

State = dict[str, Tensor]

_EMBEDDING = "senseiv2.blocks.3"
_HEADS = ("frequency_head", "phase_offset_head", "gain_head")
_FIRST_CONVOLUTION = "segmenter.segformer.encoder.patch_embeddings.0.proj.weight"


def with_channels(weights: State, channels: int) -> State:
    """The same weights with the `channels` embedding channels that the encoder makes most of.

    A channel is normalised before the encoder, so its influence is the scale after that times its part of the first
    convolution. Everything else is taken as it is.
    """
    convolution = weights[_FIRST_CONVOLUTION]
    if channels > convolution.shape[1]:
        raise ValueError(f"The weights have {convolution.shape[1]} embedding channels, not {channels} or more")
    scale = weights[f"{_EMBEDDING}.norm.weight"].abs()
    influence = scale * convolution.square().sum((0, 2, 3)).sqrt()
    kept = torch.sort(influence.argsort(descending=True)[:channels]).values
    result = {key: value[kept] if _is_by_channel(key, weights) else value for key, value in weights.items()}
    result[_FIRST_CONVOLUTION] = convolution[:, kept]
    return result


def _is_by_channel(key: str, weights: State) -> bool:
    """Whether the first axis of a tensor is that of the embedding channels."""
    if key.startswith(f"{_EMBEDDING}.norm."):
        return weights[key].ndim > 0
    last = {head: _last_layer(head, weights) for head in _HEADS}
    return any(key.startswith(f"{_EMBEDDING}.{head}.layers.{number}.") for head, number in last.items())


def _last_layer(head: str, weights: State) -> int:
    prefix = f"{_EMBEDDING}.{head}.layers."
    return max(int(key.removeprefix(prefix).split(".")[0]) for key in weights if key.startswith(prefix))
