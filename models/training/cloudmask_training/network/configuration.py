"""Sizes of the network, and the two YAML files that go with a checkpoint.

Only what the server's converter can build is offered: the encoder and its decode head have the sizes of a Mix
Transformer (Xie et al., SegFormer, NeurIPS 2021, table 6), the rest is free.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

from cloudmask_training.classes import CLASS_COUNT


@dataclass(frozen=True)
class Encoder:
    """Sizes of an encoder by stage."""

    channels: tuple[int, int, int, int]
    depths: tuple[int, int, int, int]
    decoder: int
    """Channels of the decode head."""


HEADS = (1, 2, 5, 8)
REDUCTIONS = (8, 4, 2, 1)
KERNELS = (7, 3, 3, 3)
STRIDES = (4, 2, 2, 2)
MLP_RATIO = 4

ENCODERS = {
    "mit-b0": Encoder((32, 64, 160, 256), (2, 2, 2, 2), 256),
    "mit-b1": Encoder((64, 128, 320, 512), (2, 2, 2, 2), 256),
    "mit-b2": Encoder((64, 128, 320, 512), (3, 4, 6, 3), 768),
}

PERCENTILES = (0.01, 0.1, 0.5, 0.9, 0.99)
EMBEDDINGS_PER_WAVELENGTH = 32
DESCRIPTOR_SIZE = 2 * EMBEDDINGS_PER_WAVELENGTH + 10


@dataclass(frozen=True)
class Configuration:
    """What distinguishes one network from another; the rest is SEnSeIv2-medium."""

    encoder: str = "mit-b0"
    embedding_channels: int = 32
    layers: tuple[int, ...] = (128, 128, 128)
    """Widths of the fully connected block of the descriptor branch."""
    attention_layers: int = 2
    attention_heads: int = 4
    attention_width: int = 256
    """Width of the hidden layer of each attention layer."""
    head_layers: tuple[int, ...] = (128,)
    patch: int = 512

    def __post_init__(self) -> None:
        """Refuses sizes that no network can have."""
        if self.encoder not in ENCODERS:
            raise ValueError(f"No encoder {self.encoder}; there are: {', '.join(ENCODERS)}")
        if self.layers[-1] % self.attention_heads != 0:
            raise ValueError("The last layer has to be a multiple of the attention heads")
        if self.patch % 32 != 0:
            raise ValueError("The patch has to be a multiple of 32 pixels")

    @property
    def sizes(self) -> Encoder:
        """Sizes of the encoder."""
        return ENCODERS[self.encoder]

    def as_dict(self) -> dict[str, object]:
        """Plain data, as it is kept in a checkpoint of a run."""
        return asdict(self)


def configuration_from(data: dict[str, object]) -> Configuration:
    """The inverse of `as_dict`, also after JSON made lists of the tuples."""
    fields = {key: tuple(v) if isinstance(v, list) else v for key, v in data.items()}
    return Configuration(**fields)  # type: ignore[arg-type]


VARIANTS = {
    "b0": Configuration(),
    "b0-16": Configuration(embedding_channels=16),
    "b0-8": Configuration(embedding_channels=8),
    "b1-16": Configuration(encoder="mit-b1", embedding_channels=16),
}


def write_configuration(folder: Path, name: str, configuration: Configuration) -> None:
    """Writes `config.yaml` and the SEnSeIv2 file that it names, as `models add --from <folder>` expects them."""
    sensei = f"senseiv2-{configuration.embedding_channels}.yaml"
    if configuration == Configuration(encoder=configuration.encoder, patch=configuration.patch):
        sensei = "senseiv2-medium.yaml"
    (folder / "config.yaml").write_text(_model_text(name, sensei, configuration))
    (folder / sensei).write_text(_sensei_text(configuration))


def _model_text(name: str, sensei: str, configuration: Configuration) -> str:
    return f"""\
NAME: {name}
PATCH_SIZE: {configuration.patch}
SEnSeIv2: '{sensei}'
MODEL_TYPE: 'Segformer'
SEGFORMER_CONFIG: 'nvidia/{configuration.encoder}'
RECOVERY_MODULE: false
CLASSES: {CLASS_COUNT}
MULTIMODAL: false
NUM_CHANNELS: null
"""


def _sensei_text(configuration: Configuration) -> str:
    heads = configuration.attention_heads
    return f"""\
descriptors:
  style: SEnSeIv2
  N_embeddings: {EMBEDDINGS_PER_WAVELENGTH}
  final_size: {DESCRIPTOR_SIZE}
blocks:
  - type: GLOBAL_STATS
    percentiles: {list(PERCENTILES)}
  - type: FCL
    layer_sizes: {list(configuration.layers)}
    skips: add
  - type: ATTENTION
    num_transformerencoders: {configuration.attention_layers}
    intermediate_size: {configuration.attention_width}
    num_heads: {heads}
    dims_per_head: {configuration.layers[-1] // heads}
    skips: true
    dropout: 0.2
  - type: BAND_EMBEDDING
    embedding_dims: {configuration.embedding_channels}
    head_layer_sizes: {list(configuration.head_layers)}
    skips_heads: false
    normalize: true
"""
