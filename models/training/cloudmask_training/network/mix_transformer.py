"""SegFormer's encoder: four stages of overlapping patches and transformer blocks.

Source: Xie et al., SegFormer (NeurIPS 2021). Names of tensors as in the checkpoints of the transformers library.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from cloudmask_training.network.configuration import (
    HEADS,
    KERNELS,
    MLP_RATIO,
    REDUCTIONS,
    STRIDES,
    Encoder,
)


def to_tokens(image: Tensor) -> Tensor:
    """`[images, channels, height, width] → [images, pixels, channels]`."""
    return image.flatten(2).transpose(1, 2)


def to_image(tokens: Tensor, size: tuple[int, int]) -> Tensor:
    """The inverse of `to_tokens`."""
    return tokens.transpose(1, 2).reshape(len(tokens), -1, *size)


class PatchEmbedding(nn.Module):
    """A strided convolution whose kernels overlap, and a LayerNorm."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2)
        self.layer_norm = nn.LayerNorm(outputs)

    def forward(self, image: Tensor) -> tuple[Tensor, tuple[int, int]]:
        """Tokens, and the height and width of their image."""
        image = self.proj(image)
        return self.layer_norm(to_tokens(image)), (image.shape[2], image.shape[3])


class ReducedAttention(nn.Module):
    """Attention of all pixels to a coarser grid of keys and values."""

    def __init__(self, channels: int, heads: int, reduction: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(channels, channels)
        self.key = nn.Linear(channels, channels)
        self.value = nn.Linear(channels, channels)
        self.sr: nn.Conv2d | None = None
        if reduction > 1:
            self.sr = nn.Conv2d(channels, channels, reduction, reduction)
            self.layer_norm = nn.LayerNorm(channels)

    def forward(self, tokens: Tensor, size: tuple[int, int]) -> Tensor:
        """`[images, pixels, channels]` to the same."""
        coarse = tokens
        if self.sr is not None:
            coarse = self.layer_norm(to_tokens(self.sr(to_image(tokens, size))))
        query, key, value = (
            layer(x).unflatten(2, (self.heads, -1)).transpose(1, 2)
            for layer, x in ((self.query, tokens), (self.key, coarse), (self.value, coarse))
        )
        heard = functional.scaled_dot_product_attention(query, key, value)
        return heard.transpose(1, 2).flatten(2)


class Attention(nn.Module):
    """Attention and its output layer."""

    def __init__(self, channels: int, heads: int, reduction: int) -> None:
        super().__init__()
        self.self = ReducedAttention(channels, heads, reduction)
        self.output = nn.ModuleDict({"dense": nn.Linear(channels, channels)})

    def forward(self, tokens: Tensor, size: tuple[int, int]) -> Tensor:
        """`[images, pixels, channels]` to the same."""
        dense: Tensor = self.output["dense"](self.self(tokens, size))
        return dense


class ConvolvedMlp(nn.Module):
    """Linear, depthwise 3 × 3 convolution, exact GELU, Linear."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = channels * MLP_RATIO
        self.dense1 = nn.Linear(channels, hidden)
        self.dwconv = nn.ModuleDict({"dwconv": nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden)})
        self.dense2 = nn.Linear(hidden, channels)

    def forward(self, tokens: Tensor, size: tuple[int, int]) -> Tensor:
        """`[images, pixels, channels]` to the same."""
        mixed = self.dwconv["dwconv"](to_image(self.dense1(tokens), size))
        projected: Tensor = self.dense2(functional.gelu(to_tokens(mixed)))
        return projected


class Block(nn.Module):
    """Attention and MLP, each after a LayerNorm and beside a shortcut that may be all there is (stochastic depth)."""

    def __init__(self, channels: int, heads: int, reduction: int, skip_rate: float) -> None:
        super().__init__()
        self.layer_norm_1 = nn.LayerNorm(channels)
        self.attention = Attention(channels, heads, reduction)
        self.layer_norm_2 = nn.LayerNorm(channels)
        self.mlp = ConvolvedMlp(channels)
        self.skip_rate = skip_rate

    def forward(self, tokens: Tensor, size: tuple[int, int]) -> Tensor:
        """`[images, pixels, channels]` to the same."""
        tokens = tokens + self._kept(self.attention(self.layer_norm_1(tokens), size))
        return tokens + self._kept(self.mlp(self.layer_norm_2(tokens), size))

    def _kept(self, branch: Tensor) -> Tensor:
        if not self.training or self.skip_rate == 0:
            return branch
        kept = torch.rand(len(branch), 1, 1, device=branch.device) >= self.skip_rate
        return branch * (kept / (1 - self.skip_rate)).to(branch.dtype)


class MixTransformer(nn.Module):
    """The four stages."""

    def __init__(self, inputs: int, sizes: Encoder, skip_rate: float) -> None:
        super().__init__()
        before = (inputs, *sizes.channels[:-1])
        rates = iter(torch.linspace(0, skip_rate, sum(sizes.depths)).tolist())
        self.patch_embeddings = nn.ModuleList(
            PatchEmbedding(*stage) for stage in zip(before, sizes.channels, KERNELS, STRIDES, strict=True)
        )
        self.block = nn.ModuleList(
            nn.ModuleList(Block(channels, heads, reduction, next(rates)) for _ in range(depth))
            for channels, heads, reduction, depth in zip(sizes.channels, HEADS, REDUCTIONS, sizes.depths, strict=True)
        )
        self.layer_norm = nn.ModuleList(nn.LayerNorm(channels) for channels in sizes.channels)

    def forward(self, image: Tensor) -> list[Tensor]:
        """The image of each stage, 1/4, 1/8, 1/16 and 1/32 of the input's size."""
        images = []
        for embedding, blocks, norm in zip(self.patch_embeddings, self.block, self.layer_norm, strict=True):
            tokens, size = embedding(image)
            assert isinstance(blocks, nn.ModuleList)
            for block in blocks:
                tokens = block(tokens, size)
            image = to_image(norm(tokens), size)
            images.append(image)
        return images
