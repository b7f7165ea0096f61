"""What the teachers' word is worth: soft targets.

Their probabilities are not calibrated: on the Biome patches the best threshold is 0.8 for cloud and 0.7 for shadow.
Log odds are moved so that these become 0.5. Surfaces are taken from the five-class network where it is surer than 0.6;
its shadow is a veto over snow, where the pair sees shadows of nothing.
"""

import numpy as np

from cloudmask_training.classes import CLEAR, LAND, SNOW, WATER, bits
from cloudmask_training.imagery.target import ByteArray, Target, narrowed_clear, probable
from cloudmask_training.imagery.teachers import Opinion
from cloudmask_training.imagery.universal import FloatArray

EVEN_CLOUD = 0.8
EVEN_SHADOW = 0.7
_SURE = 0.6


def moved(probability: FloatArray, even: float) -> FloatArray:
    """Moves log odds so that `even` becomes one half."""
    p = np.clip(probability, 1e-4, 1 - 1e-4)
    odds = p / (1 - p) * ((1 - even) / even)
    return (odds / (1 + odds)).astype(np.float32)


def shadow_of(opinion: Opinion) -> FloatArray:
    """Probability of shadow given that there is no cloud."""
    shadow = moved(opinion.shadow, EVEN_SHADOW)
    return np.where((opinion.snow > 0.5) & (opinion.surface_shadow < 0.3), np.float32(0), shadow)


def clear_sets_of(opinion: Opinion, bands: FloatArray) -> ByteArray:
    """Land, water or snow where spectrum or network are sure, else any of them."""
    sets = narrowed_clear(bands)
    open_ = sets == CLEAR
    not_cloud = opinion.cloud < 0.5
    for probability, kind in ((opinion.land, LAND), (opinion.water, WATER), (opinion.snow, SNOW)):
        sets[open_ & not_cloud & (probability > _SURE)] = bits(kind)
    return sets


def pseudo_target(opinion: Opinion, bands: FloatArray) -> Target:
    """The target of an image without labels."""
    cloud = moved(opinion.cloud, EVEN_CLOUD)
    shadow = (1 - cloud) * shadow_of(opinion)
    return probable(clear_sets_of(opinion, bands), cloud, shadow)
