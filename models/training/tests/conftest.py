"""Small things to test with. Nothing here needs the imagery, the teachers or a network of others."""

import numpy as np
import pytest
import torch

from cloudmask_training.classes import LAND, SNOW, WATER, bits
from cloudmask_training.imagery import universal as u
from cloudmask_training.imagery.scenes import Scene
from cloudmask_training.imagery.spectra import SpectralLibrary
from cloudmask_training.imagery.target import certain
from cloudmask_training.simulation.batches import Simulator

torch.set_num_threads(1)  # small things take longer with more, above all beside other programs


def a_spectrum(visible: float, infrared: float, cirrus: float, temperature: float) -> np.ndarray:
    spectrum = np.full(u.BAND_COUNT, visible, np.float32)
    spectrum[u.EDGE_2 : u.CIRRUS] = infrared
    spectrum[[u.SWIR_1, u.SWIR_2]] = infrared
    spectrum[u.CIRRUS] = cirrus
    spectrum[u.THERMAL] = temperature
    return spectrum


@pytest.fixture
def library() -> SpectralLibrary:
    return SpectralLibrary(
        clear={
            LAND: np.stack([a_spectrum(0.08, 0.3, 0.002, 1.3), a_spectrum(0.12, 0.25, 0.002, 1.35)]),
            WATER: np.stack([a_spectrum(0.07, 0.02, 0.002, 1.25)]),
            SNOW: np.stack([a_spectrum(0.8, 0.5, 0.003, 1.1)]),
        },
        low_clouds=np.stack([a_spectrum(0.6, 0.55, 0.005, 1.1), a_spectrum(0.5, 0.5, 0.004, 1.15)]),
        high_clouds=np.stack([a_spectrum(0.55, 0.5, 0.2, 0.7)]),
    )


@pytest.fixture
def land_scene(library: SpectralLibrary) -> Scene:
    """96 × 96 pixels of land; a fifth has no data."""
    texture = np.random.default_rng(5).uniform(0.9, 1.1, (96, 96)).astype(np.float32)
    bands = library.clear[LAND][0][:, None, None] * texture
    sets = np.full((96, 96), bits(LAND), np.uint8)
    bands[:, :, 77:], sets[:, 77:] = 0, bits(6)
    return Scene("land", bands, certain(sets))


@pytest.fixture
def simulator(land_scene: Scene, library: SpectralLibrary) -> Simulator:
    return Simulator([land_scene], library, seed=3)
