"""Who is measured: networks of this architecture, the teachers, and thresholds on reflectance."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cloudmask_training.evaluation.metrics import predicted
from cloudmask_training.evaluation.prediction import predict
from cloudmask_training.imagery import universal as u
from cloudmask_training.imagery.scenes import Scene
from cloudmask_training.imagery.target import BoolArray
from cloudmask_training.imagery.teachers import Opinion, Teachers
from cloudmask_training.imagery.universal import FloatArray
from cloudmask_training.network.cloud_network import CloudNetwork
from cloudmask_training.simulation.observation import observe
from cloudmask_training.simulation.sensors import Sensor

Found = dict[str, BoolArray]

_BRIGHT_IN_ALL = 0.32
"""Cloud that is darker than this in one of blue, green, red and NIR is taken as thin."""


@dataclass(frozen=True)
class Contestant:
    """`find` says where each class is in a scene that is seen with the bands of a sensor."""

    name: str
    find: Callable[[Scene, Sensor], Found]
    takes_any_bands: bool = True
    """Whether the sensor matters. The others take the bands that they were made for."""


def network_contestant(name: str, network: CloudNetwork) -> Contestant:
    """A network as the service runs it."""

    def find(scene: Scene, sensor: Sensor) -> Found:
        random = np.random.default_rng(0)
        seen = observe(random, (scene.bands, scene.target), sensor, is_clean=True)
        return predicted(predict(network, seen.bands, seen.descriptors))

    return Contestant(name, find)


def teacher_contestants(teachers: Teachers) -> list[Contestant]:
    """The pair that labels clouds and shadows, and the older network that knows surfaces."""
    known: dict[str, Opinion] = {}

    def opinion_of(scene: Scene) -> Opinion:
        if scene.name not in known:
            known[scene.name] = teachers.look_at(scene.bands)
        return known[scene.name]

    def pair(scene: Scene, _: Sensor) -> Found:
        opinion = opinion_of(scene)
        return _three_classes(scene.bands, opinion.cloud, opinion.shadow)

    def older(scene: Scene, _: Sensor) -> Found:
        opinion = opinion_of(scene)
        return _three_classes(scene.bands, opinion.surface_cloud, opinion.surface_shadow)

    return [
        Contestant("teachers: ukis-csmask 1.0.0, mean of two", pair, takes_any_bands=False),
        Contestant("ukis-csmask 0.2.1, 6 bands", older, takes_any_bands=False),
    ]


def threshold_contestant() -> Contestant:
    """What a few lines of arithmetic reach; usual thresholds, not fitted to anything here."""

    def find(scene: Scene, _: Sensor) -> Found:
        blue, green, red, nir, swir, cirrus = (
            scene.bands[i] for i in (u.BLUE, u.GREEN, u.RED, u.NIR, u.SWIR_1, u.CIRRUS)
        )
        tiny = np.float32(1e-4)
        snow_index = (green - swir) / (green + swir + tiny)
        vegetation = (nir - red) / (nir + red + tiny)
        is_bright = (np.minimum(blue, red) > 0.18) & (snow_index < 0.6) & (vegetation < 0.4)
        is_cloud = is_bright | (cirrus > 0.02)
        is_shadow = ~is_cloud & (nir < 0.12) & (swir < 0.1) & (green < nir)
        return _named(scene.bands, is_cloud, is_shadow)

    return Contestant("thresholds on reflectance", find, takes_any_bands=False)


def _three_classes(bands: FloatArray, cloud: FloatArray, shadow: FloatArray) -> Found:
    clear = 1 - cloud - shadow
    largest = np.argmax([clear, cloud, shadow], axis=0)
    return _named(bands, largest == 1, largest == 2)


def _named(bands: FloatArray, is_cloud: BoolArray, is_shadow: BoolArray) -> Found:
    """Tells thin from thick cloud by brightness, as these have no classes for them."""
    is_thin = is_cloud & (bands[[u.BLUE, u.GREEN, u.RED, u.NIR]].min(0) < _BRIGHT_IN_ALL)
    return {
        "cloud": is_cloud,
        "thin": is_thin,
        "thick": is_cloud & ~is_thin,
        "shadow": is_shadow,
        "clear": ~is_cloud & ~is_shadow,
    }
