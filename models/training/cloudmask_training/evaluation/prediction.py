"""A network on a scene as the service runs it: in one window with mirrored borders."""

import numpy as np
import torch

from cloudmask_training.imagery.universal import FloatArray
from cloudmask_training.network.cloud_network import CloudNetwork, probabilities
from cloudmask_training.network.sensei import window_statistics


def predict(network: CloudNetwork, bands: FloatArray, descriptors: FloatArray, window: int | None = None) -> FloatArray:
    """Probabilities `[7, height, width]` of a scene no larger than the window (default: the network's patch)."""
    side = window or network.configuration.patch
    height, width = bands.shape[1:]
    before = ((side - height) // 2, (side - width) // 2)
    if min(before) < 0:
        raise ValueError(f"A scene of {height} × {width} pixels does not fit a window of {side}")
    after = (side - height - before[0], side - width - before[1])
    padding = ((0, 0), (before[0], after[0]), (before[1], after[1]))
    device = next(network.parameters()).device
    image = torch.from_numpy(np.pad(bands, padding, "reflect")).to(device)
    statistics = window_statistics(image.flatten(1))
    found = probabilities(network, image, torch.from_numpy(descriptors).to(device), statistics).cpu()
    inner = found[:, before[0] : before[0] + height, before[1] : before[1] + width]
    return np.ascontiguousarray(inner.numpy())
