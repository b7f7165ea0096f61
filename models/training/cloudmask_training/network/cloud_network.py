"""The whole network: band embedding, encoder, decode head."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from cloudmask_training.classes import CLASS_COUNT
from cloudmask_training.network.configuration import Configuration, Encoder
from cloudmask_training.network.mix_transformer import MixTransformer
from cloudmask_training.network.sensei import Sensei


@dataclass(frozen=True)
class Regularisation:
    """Rates at which training drops parts of the network."""

    descriptor_dropout: float = 0.05
    block_skip: float = 0.03
    head_dropout: float = 0.1


class DecodeHead(nn.Module):
    """Projects each stage, brings it to the finest size, and classifies.

    Bilinear interpolation commutes with 1 × 1 convolutions: each stage's projection and its part of the fusion are one
    matrix, applied at the stage's own size. The result is that of the plain order, for a fraction of the work.
    """

    def __init__(self, sizes: Encoder, dropout: float) -> None:
        super().__init__()
        width = sizes.decoder
        self.linear_c = nn.ModuleList(
            nn.ModuleDict({"proj": nn.Linear(channels, width)}) for channels in sizes.channels
        )
        self.linear_fuse = nn.Conv2d(len(sizes.channels) * width, width, 1, bias=False)
        self.batch_norm = nn.BatchNorm2d(width)
        self.classifier = nn.Conv2d(width, CLASS_COUNT, 1)
        self.dropout = dropout

    def forward(self, images: list[Tensor]) -> Tensor:
        """Logits `[images, classes, height/4, width/4]`."""
        # The stages are fused in the order last to first.
        fuse = self.linear_fuse.weight.flatten(1).chunk(len(images), 1)[::-1]
        total: Tensor | None = None
        for image, part, projection in zip(images, fuse, self.linear_c, strict=True):
            assert isinstance(projection, nn.ModuleDict)
            linear = projection["proj"]
            assert isinstance(linear, nn.Linear)
            mixed = functional.conv2d(image, (part @ linear.weight)[:, :, None, None], part @ linear.bias)
            total = mixed if total is None else total + _resized(mixed, total.shape[2:])
        assert total is not None
        active = functional.relu(self.batch_norm(total))
        logits: Tensor = self.classifier(functional.dropout2d(active, self.dropout, self.training))
        return logits


class Segformer(nn.Module):
    """Encoder and decode head, with the nesting of the checkpoint's names."""

    def __init__(self, configuration: Configuration, regularisation: Regularisation) -> None:
        super().__init__()
        encoder = MixTransformer(configuration.embedding_channels, configuration.sizes, regularisation.block_skip)
        self.segformer = nn.ModuleDict({"encoder": encoder})
        self.decode_head = DecodeHead(configuration.sizes, regularisation.head_dropout)
        self.apply(_initialise)
        nn.init.normal_(self.decode_head.classifier.weight, 0, 0.02)

    def forward(self, embedding: Tensor) -> Tensor:
        """Logits at a quarter of the input's size."""
        logits: Tensor = self.decode_head(self.segformer["encoder"](embedding))
        return logits


class CloudNetwork(nn.Module):
    """Any bands to the logits of seven classes."""

    def __init__(self, configuration: Configuration, regularisation: Regularisation | None = None) -> None:
        super().__init__()
        regularisation = regularisation or Regularisation()
        self.configuration = configuration
        self.senseiv2 = Sensei(configuration, regularisation.descriptor_dropout)
        self.segmenter = Segformer(configuration, regularisation)

    def forward(self, bands: Tensor, descriptors: Tensor, statistics: Tensor, counts: list[int]) -> Tensor:
        """Logits `[images, 7, height, width]`.

        `bands` [bands of all images, height, width], `descriptors` [bands, 74], `statistics` [bands, 5];
        `counts` says how many of them belong to each image.
        """
        embedding = self.senseiv2(bands, descriptors, statistics, counts)
        return _resized(self.segmenter(embedding).float(), bands.shape[1:])


def probabilities(network: CloudNetwork, bands: Tensor, descriptors: Tensor, statistics: Tensor) -> Tensor:
    """Softmax of one image, `[bands, height, width] → [7, height, width]`, without gradients."""
    with torch.inference_mode():
        logits: Tensor = network(bands, descriptors, statistics, [len(bands)])
        return logits.softmax(1)[0]


def _resized(image: Tensor, size: torch.Size | tuple[int, ...]) -> Tensor:
    """Bilinear, pixel centres at half coordinates."""
    return functional.interpolate(image, tuple(size), mode="bilinear", align_corners=False)


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Conv2d):
        outputs = module.kernel_size[0] * module.kernel_size[1] * module.out_channels
        nn.init.normal_(module.weight, 0, (2 * module.groups / outputs) ** 0.5)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
