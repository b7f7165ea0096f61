"""A model folder in the form of the official checkpoints, for `npm run models -- add <id> --from <folder>`."""

from pathlib import Path

import torch

from cloudmask_training.atomic import write_atomically
from cloudmask_training.network.cloud_network import CloudNetwork
from cloudmask_training.network.configuration import write_configuration

WEIGHTS_FILE = "weights.pt"


def export_model(network: CloudNetwork, name: str, folder: Path) -> Path:
    """Writes `weights.pt` (a plain dict of float32 tensors) and its two YAML files, and returns the first."""
    folder.mkdir(parents=True, exist_ok=True)
    write_configuration(folder, name, network.configuration)
    tensors = {key: value.detach().cpu().contiguous() for key, value in network.state_dict().items()}
    path = folder / WEIGHTS_FILE
    write_atomically(path, lambda stream: torch.save(tensors, stream))
    return path
