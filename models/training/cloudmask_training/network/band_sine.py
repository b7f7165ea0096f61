"""The sum of sines that turns any number of bands into a fixed number of channels.

Written band by band with the derivatives by hand: a graph of the plain formula would keep bands × channels images, and
a pixel-sized working set stays in the cache of a CPU.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


class BandSine(torch.autograd.Function):
    """out[b, c] = Σ over the bands n of image b of gain[n, c] · sin(frequency[n, c] · (bands[n] + phase[n, c])).

    `bands` [bands of all images, pixels]; `frequency`, `phase`, `gain` [bands, channels]; `counts` says how many bands
    each image has. Returns [images, channels, pixels] in float32. Bands get no gradient.
    """

    @staticmethod
    def forward(
        ctx: Any, bands: Tensor, frequency: Tensor, phase: Tensor, gain: Tensor, counts: Sequence[int]
    ) -> Tensor:
        """Sums over bands; see the class."""
        ctx.save_for_backward(bands, frequency, phase, gain)
        ctx.counts = tuple(counts)
        channels, pixels = frequency.shape[1], bands.shape[1]
        result = bands.new_zeros(len(ctx.counts), channels, pixels)
        shift = frequency * phase
        angle = torch.empty_like(result[0])
        for image, band in _owners(ctx.counts):
            torch.addcmul(shift[band, :, None], frequency[band, :, None], bands[band], out=angle)
            result[image].addcmul_(gain[band, :, None], angle.sin_())
        return result

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Derivatives by frequency, phase and gain."""
        (gradient,) = gradients
        bands, frequency, phase, gain = ctx.saved_tensors
        by_frequency, by_phase, by_gain = (torch.empty_like(gain) for _ in range(3))
        shift = frequency * phase
        gradient = gradient.contiguous()
        angle, sine = torch.empty_like(gradient[0]), torch.empty_like(gradient[0])
        ones = torch.ones_like(bands[0])
        for image, band in _owners(ctx.counts):
            torch.addcmul(shift[band, :, None], frequency[band, :, None], bands[band], out=angle)
            by_gain[band] = torch.sin(angle, out=sine).mul_(gradient[image]) @ ones
            weighted = angle.cos_().mul_(gradient[image])
            by_phase[band] = weighted @ ones
            by_frequency[band] = weighted @ bands[band]
        by_frequency = (by_frequency + by_phase * phase) * gain
        return None, by_frequency, by_phase * gain * frequency, by_gain, None


def _owners(counts: Sequence[int]) -> list[tuple[int, int]]:
    """(image, band) for each band."""
    images = [image for image, count in enumerate(counts) for _ in range(count)]
    return [(image, band) for band, image in enumerate(images)]
