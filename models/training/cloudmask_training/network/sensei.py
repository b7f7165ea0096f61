"""The sensor-independent front end: band descriptors and statistics become frequency, phase and gain of each band.

Bands of all images of a batch stand in one list, so that images with different bands share a batch.
Attention runs over one token only, as in the reference with a batch of 1 (guide: attention across the batch axis).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from cloudmask_training.network.band_sine import BandSine
from cloudmask_training.network.configuration import DESCRIPTOR_SIZE, PERCENTILES, Configuration


def window_statistics(bands: Tensor) -> Tensor:
    """Five quantiles of each band, `[bands, pixels] → [bands, 5]`, linear between neighbours."""
    order = bands.sort(dim=1).values
    last = order.shape[1] - 1
    positions = torch.tensor(PERCENTILES, device=bands.device) * last
    below = positions.long()
    above = (below + 1).clamp(max=last)
    return torch.lerp(order[:, below], order[:, above], positions - below)


class NormedLayers(nn.Module):
    """LayerNorm, ReLU, Linear for each width; `doubled` adds each output to itself, as the reference's skip does."""

    def __init__(self, inputs: int, widths: tuple[int, ...], *, doubled: bool) -> None:
        super().__init__()
        self.doubled = doubled
        layers: list[nn.Module] = []
        for width in widths:
            linear = nn.Linear(inputs, width)
            nn.init.kaiming_uniform_(linear.weight)
            nn.init.constant_(linear.bias, 0.01)
            layers += [nn.LayerNorm(inputs), nn.ReLU(), linear]
            if doubled:
                layers.append(nn.Identity())  # keeps the numbers of the checkpoint's keys
            inputs = width
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Tensor) -> Tensor:
        """`[bands, inputs] → [bands, last width]`."""
        for layer in self.layers:
            x = layer(x) if not isinstance(layer, nn.Identity) else 2 * x
        return x


class SingleTokenLayer(nn.Module):
    """A post-norm transformer layer on one token: the softmax over it is 1, so attention is two matrices."""

    def __init__(self, width: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.self_attn = nn.MultiheadAttention(width, heads)
        self.linear1 = nn.Linear(width, hidden)
        self.linear2 = nn.Linear(hidden, width)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.dropout = dropout

    def forward(self, x: Tensor) -> Tensor:
        """`[bands, width] → [bands, width]`."""
        width = x.shape[-1]
        attention = self.self_attn
        value = functional.linear(x, attention.in_proj_weight[2 * width :], attention.in_proj_bias[2 * width :])
        x = self.norm1(x + self._drop(attention.out_proj(value)))
        hidden = self._drop(functional.relu(self.linear1(x)))
        result: Tensor = self.norm2(x + self._drop(self.linear2(hidden)))
        return result

    def _drop(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self.dropout, self.training)


class SingleTokenEncoder(nn.Module):
    """Several such layers."""

    def __init__(self, configuration: Configuration, dropout: float) -> None:
        super().__init__()
        c = configuration
        self.layers = nn.ModuleList(
            SingleTokenLayer(c.layers[-1], c.attention_heads, c.attention_width, dropout)
            for _ in range(c.attention_layers)
        )

    def forward(self, x: Tensor) -> Tensor:
        """`[bands, width] → [bands, width]`."""
        for layer in self.layers:
            x = layer(x)
        return x


class BandEmbedding(nn.Module):
    """Three heads give each band's sines; a BatchNorm follows their sum."""

    def __init__(self, configuration: Configuration) -> None:
        super().__init__()
        inputs = configuration.layers[-1]
        channels = configuration.embedding_channels
        widths = (*configuration.head_layers, channels)
        self.frequency_head = NormedLayers(inputs, widths, doubled=False)
        self.phase_offset_head = NormedLayers(inputs, widths, doubled=False)
        self.gain_head = NormedLayers(inputs, widths, doubled=False)
        self.norm = nn.BatchNorm2d(channels, momentum=0.05)

    def forward(self, bands: Tensor, features: Tensor, counts: list[int]) -> Tensor:
        """`[bands, height, width]`, `[bands, features] → [images, channels, height, width]`."""
        height, width = bands.shape[1:]
        with torch.autocast(bands.device.type, enabled=False):
            features = features.float()
            sines = BandSine.apply(
                bands.flatten(1),
                self.frequency_head(features),
                self.phase_offset_head(features),
                self.gain_head(features),
                counts,
            )
            normed: Tensor = self.norm(sines.unflatten(2, (height, width)))
        return normed


class Statistics(nn.Module):
    """Holds the place of GLOBAL_STATS among the blocks: it has no weights. See `window_statistics`."""


class Sensei(nn.Module):
    """Any bands to `embedding_channels` channels."""

    def __init__(self, configuration: Configuration, dropout: float) -> None:
        super().__init__()
        inputs = DESCRIPTOR_SIZE + len(PERCENTILES)
        self.blocks = nn.ModuleList(
            [
                Statistics(),
                NormedLayers(inputs, configuration.layers, doubled=True),
                SingleTokenEncoder(configuration, dropout),
                BandEmbedding(configuration),
            ]
        )

    def forward(self, bands: Tensor, descriptors: Tensor, statistics: Tensor, counts: list[int]) -> Tensor:
        """Bands of all images one after the other; `counts` bands belong to each image."""
        _, layers, attention, embedding = self.blocks
        features = attention(layers(torch.cat([descriptors, statistics], 1)))
        embedded: Tensor = embedding(bands, features, counts)
        return embedded
