"""Random fields with the spectra of clouds and landscapes."""

import numpy as np

from cloudmask_training.imagery.universal import FloatArray

_BANK_SIDE = 512


def fractal(random: np.random.Generator, side: int, slope: float) -> FloatArray:
    """Gaussian field [side, side], mean 0, deviation 1, whose power falls as wavenumber^-slope; sometimes stretched."""
    spectrum = np.fft.rfft2(random.standard_normal((side, side)))
    stretch = random.uniform(1, 2.5) if random.random() < 0.4 else 1.0
    along = np.fft.fftfreq(side)[:, None]
    across = np.fft.rfftfreq(side)[None] * stretch
    largest = 10 ** random.uniform(-2.5, -1.4)  # wavenumber below which the spectrum is flat
    spectrum *= (along**2 + across**2 + largest**2) ** (-slope / 4)
    field = np.fft.irfft2(spectrum, (side, side))
    return ((field - field.mean()) / field.std()).astype(np.float32)


class FieldBank:
    """Many fields made once; a draw is a random crop, flipped and turned."""

    def __init__(self, random: np.random.Generator, count: int = 40) -> None:
        self._fields = [fractal(random, _BANK_SIDE, random.uniform(2.2, 4.2)) for _ in range(count)]

    def draw(self, random: np.random.Generator, side: int) -> FloatArray:
        """A field [side, side]; sometimes a coarser one, enlarged."""
        field = self._fields[random.integers(len(self._fields))]
        is_enlarged = side >= 64 and random.random() < 0.25
        size = side // 2 + 1 if is_enlarged else side
        y, x = random.integers(0, _BANK_SIDE - size + 1, 2)
        part = field[y : y + size, x : x + size]
        if is_enlarged:
            part = _doubled(part)[:side, :side]
        if random.random() < 0.5:
            part = part.T
        flips = random.choice((-1, 1), 3)
        return part[:: flips[0], :: flips[1]] * np.float32(flips[2])


def _doubled(image: FloatArray) -> FloatArray:
    """Twice as many pixels along both axes, linear between."""
    for axis in (0, 1):
        between = (image + np.roll(image, -1, axis)) / 2
        image = np.stack([image, between], axis + 1).reshape(
            [n * (2 if i == axis else 1) for i, n in enumerate(image.shape)]
        )
    return image
