"""The scenes of the accuracy card."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cloudmask_training.classes import CLEAR_OR_SHADOW, CLOUD
from cloudmask_training.evaluation.views import VIEWS
from cloudmask_training.imagery.scenes import HELD_OUT, Scene, biome_scenes, eo_learn_scenes
from cloudmask_training.imagery.spectra import BandRegression, SpectralLibrary
from cloudmask_training.imagery.target import NOTHING_THERE, ByteArray, Target, certain
from cloudmask_training.simulation.batches import Simulator
from cloudmask_training.simulation.sensors import Sensor

_SIMULATED_SEED = 990_077
_SIMULATED_SCENES = 16
_SIMULATED_SIDE = 192


@dataclass(frozen=True)
class Dataset:
    """Scenes with a reference, and the sensor that they are seen with."""

    name: str
    note: str
    scenes: list[Scene]
    sensor: Sensor
    is_held_out: bool = True


def card_datasets(data: Path, regression: BandRegression, library: SpectralLibrary) -> list[Dataset]:
    """All sets of the card, the most telling first."""
    return [
        Dataset(
            "Landsat 8 Biome, test split",
            "Labels by people (USGS). Two of the five patches name shadows, and not all of them. 8 measured bands.",
            biome_scenes(data, "test", regression),
            VIEWS["8 measured bands"],
        ),
        Dataset(
            "Sentinel-2 L1C, Slovenia",
            "Squares of 1 km with many pixels cut out. The reference is another algorithm, s2cloudless: no shadows, no "
            "kinds of cloud, few cloudy pixels, of which the teachers find none. It says little. 13 bands. starter-v0 "
            "was trained with these scenes.",
            slovenian_scenes(data),
            VIEWS["sentinel2-l1c"],
        ),
        Dataset(
            "Landsat 8 Biome, validation split",
            "Weights are chosen by these scenes. Labels by people. 8 measured bands.",
            biome_scenes(data, "val", regression),
            VIEWS["8 measured bands"],
            is_held_out=False,
        ),
        Dataset(
            "Simulation, surfaces and seed of its own",
            "Made by the simulator that also makes training scenes: it flatters. 13 bands.",
            simulated_scenes(library),
            VIEWS["sentinel2-l1c"],
            is_held_out=False,
        ),
    ]


def slovenian_scenes(data: Path) -> list[Scene]:
    """The eo-learn scenes that are kept out of training, with the mask of s2cloudless."""
    scenes = eo_learn_scenes(data, HELD_OUT, least_data=0.02)
    with np.load(data / f"eo-learn/slovenia_{HELD_OUT}_labelled.npz") as file:
        masks = file["CLM"]
    return [_with_mask(scene, masks[int(scene.name.rsplit("-", 1)[1])]) for scene in scenes]


def _with_mask(scene: Scene, is_cloud: ByteArray) -> Scene:
    sets = np.where(is_cloud == 1, CLOUD, CLEAR_OR_SHADOW).astype(np.uint8)
    sets[scene.target.sets[0] == NOTHING_THERE] = NOTHING_THERE
    return replace(scene, target=certain(sets))


def simulated_scenes(
    library: SpectralLibrary, count: int = _SIMULATED_SCENES, side: int = _SIMULATED_SIDE
) -> list[Scene]:
    """Scenes on synthetic surfaces; only pixels whose class is beyond doubt count."""
    simulator = Simulator([], library, _SIMULATED_SEED)
    made = [simulator.scene(side, number) for number in range(count)]
    return [Scene(f"simulated-{i}", bands, _undoubted(target)) for i, (bands, target) in enumerate(made)]


def _undoubted(target: Target) -> Target:
    surest = target.weights.argmax(0)[None]
    sets = np.take_along_axis(target.sets, surest, 0)[0]
    weight = np.take_along_axis(target.weights, surest, 0)[0]
    return certain(np.where(weight > 0.8, sets, 0).astype(np.uint8))
