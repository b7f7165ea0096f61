"""The network against the plain way of computing the same."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from cloudmask_training.network.band_sine import BandSine
from cloudmask_training.network.cloud_network import CloudNetwork, DecodeHead, probabilities
from cloudmask_training.network.configuration import ENCODERS, VARIANTS, Configuration
from cloudmask_training.network.descriptors import Band, Quantity, descriptor_vector
from cloudmask_training.network.sensei import SingleTokenLayer, window_statistics
from cloudmask_training.network.warm_start import with_channels

SMALL = Configuration(embedding_channels=8, layers=(16, 16), attention_width=16, head_layers=(16,), patch=64)


def random_bands(count: int, side: int = 64) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(count)
    bands = torch.rand(count, side, side, generator=generator)
    limits = [(400 + 150 * i, 450 + 150 * i) for i in range(count)]
    vectors = np.stack([descriptor_vector(Band(*nm)) for nm in limits])
    return bands, torch.from_numpy(vectors)


def test_band_sine_and_its_derivatives_equal_the_plain_formula() -> None:
    generator = torch.Generator().manual_seed(0)
    counts = [3, 1, 2]
    bands = torch.rand(6, 10, dtype=torch.float64, generator=generator)
    parameters = [
        torch.randn(6, 4, dtype=torch.float64, generator=generator).mul_(3).requires_grad_() for _ in range(3)
    ]

    def plain(frequency: torch.Tensor, phase: torch.Tensor, gain: torch.Tensor) -> torch.Tensor:
        waves = gain[..., None] * torch.sin(frequency[..., None] * (bands[:, None] + phase[..., None]))
        return torch.stack([part.sum(0) for part in waves.split(counts)])

    torch.testing.assert_close(BandSine.apply(bands, *parameters, counts), plain(*parameters))
    assert torch.autograd.gradcheck(lambda *p: BandSine.apply(bands, *p, counts), parameters)


def test_statistics_are_quantiles() -> None:
    bands = torch.rand(4, 1001)
    expected = torch.quantile(bands, torch.tensor([0.01, 0.1, 0.5, 0.9, 0.99]), dim=1).T
    torch.testing.assert_close(window_statistics(bands), expected)


def test_single_token_layer_is_a_transformer_layer_with_a_sequence_of_one() -> None:
    plain = nn.TransformerEncoderLayer(16, 4, 32, 0.1).eval()
    ours = SingleTokenLayer(16, 4, 32, 0.1).eval()
    ours.load_state_dict(plain.state_dict())
    tokens = torch.randn(7, 16)
    torch.testing.assert_close(ours(tokens), plain(tokens[None])[0])


def test_folded_decode_head_equals_the_plain_order() -> None:
    sizes = ENCODERS["mit-b0"]
    head = DecodeHead(sizes, dropout=0).eval()
    images = [torch.randn(2, channels, 32 >> i, 32 >> i) for i, channels in enumerate(sizes.channels)]
    projected = [
        functional.interpolate(
            torch.einsum("bchw,oc->bohw", image, layer["proj"].weight) + layer["proj"].bias[:, None, None],
            (32, 32),
            mode="bilinear",
        )
        for image, layer in zip(images, head.linear_c, strict=True)
    ]
    fused = head.linear_fuse(torch.cat(projected[::-1], 1))
    expected = head.classifier(functional.relu(head.batch_norm(fused)))
    torch.testing.assert_close(head(images), expected, atol=1e-5, rtol=1e-5)


def test_an_image_does_not_depend_on_the_others_of_its_batch() -> None:
    torch.manual_seed(1)
    network = CloudNetwork(SMALL).eval()
    (first, of_first), (second, of_second) = random_bands(3), random_bands(5)
    alone = [
        probabilities(network, bands, vectors, window_statistics(bands.flatten(1)))
        for bands, vectors in ((first, of_first), (second, of_second))
    ]
    bands = torch.cat([first, second])
    with torch.inference_mode():
        statistics = window_statistics(bands.flatten(1))
        together = network(bands, torch.cat([of_first, of_second]), statistics, [3, 5]).softmax(1)
    torch.testing.assert_close(together, torch.stack(alone), atol=1e-5, rtol=1e-4)


def test_order_of_bands_does_not_matter() -> None:
    torch.manual_seed(1)
    network = CloudNetwork(SMALL).eval()
    bands, vectors = random_bands(4)
    order = [2, 0, 3, 1]
    found = [
        probabilities(network, b, v, window_statistics(b.flatten(1)))
        for b, v in ((bands, vectors), (bands[order], vectors[order]))
    ]
    torch.testing.assert_close(found[0], found[1], atol=1e-5, rtol=1e-4)


def test_names_are_those_of_the_official_checkpoints() -> None:
    names = set(CloudNetwork(VARIANTS["b0"]).state_dict())
    assert len(names) == 273
    assert {
        "senseiv2.blocks.1.layers.10.weight",
        "senseiv2.blocks.2.layers.1.self_attn.in_proj_weight",
        "senseiv2.blocks.3.gain_head.layers.5.bias",
        "senseiv2.blocks.3.norm.running_var",
        "segmenter.segformer.encoder.patch_embeddings.0.proj.weight",
        "segmenter.segformer.encoder.block.2.1.attention.self.sr.weight",
        "segmenter.segformer.encoder.block.3.0.mlp.dwconv.dwconv.bias",
        "segmenter.decode_head.linear_c.3.proj.weight",
        "segmenter.decode_head.linear_fuse.weight",
    } <= names
    assert not any(name.startswith("senseiv2.blocks.0") for name in names)


def test_descriptor_tells_wavelengths_and_kind() -> None:
    red = descriptor_vector(Band(636.5, 673.5))
    thermal = descriptor_vector(Band(10600, 11190, Quantity.TEMPERATURE))
    assert red[[0, 1]] == pytest.approx([np.sin(636.5), np.cos(636.5 / 10000 ** (1 / 16))], abs=1e-6)
    assert red[32] == pytest.approx(np.sin(673.5), abs=1e-6)
    assert red[64:].tolist() == [1] + 9 * [0]
    assert thermal[64:].tolist() == [1, 0, 0, 1] + 6 * [0]


def test_a_warm_start_keeps_the_channels_that_matter() -> None:
    torch.manual_seed(1)
    large = CloudNetwork(SMALL).eval()
    scale = large.senseiv2.blocks[3].norm.weight.data
    scale[:] = 1
    scale[[1, 4]] = 0  # what these two channels say is not heard
    large.senseiv2.blocks[3].norm.bias.data[[1, 4]] = 0
    small = CloudNetwork(Configuration(**{**vars(SMALL), "embedding_channels": 6})).eval()
    small.load_state_dict(with_channels(large.state_dict(), 6))
    bands, vectors = random_bands(3)
    statistics = window_statistics(bands.flatten(1))
    torch.testing.assert_close(
        probabilities(small, bands, vectors, statistics),
        probabilities(large, bands, vectors, statistics),
        atol=1e-5,
        rtol=1e-4,
    )
    with pytest.raises(ValueError, match="8 embedding channels"):
        with_channels(large.state_dict(), 9)
