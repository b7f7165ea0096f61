"""The state of a run in one file, so that it can go on after being stopped at any moment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from cloudmask_training.atomic import write_atomically
from cloudmask_training.network.configuration import Configuration, configuration_from
from cloudmask_training.optimisation.settings import Settings

CHECKPOINT_FILE = "checkpoint.pt"

State = dict[str, Any]


@dataclass
class Checkpoint:
    """Everything that the next step depends on."""

    configuration: Configuration
    settings: Settings
    step: int
    """Steps that are done."""
    network: State
    average: State
    optimiser: State
    random: State
    best_score: float
    best: State
    warm_start: str | None


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Replaces the run's checkpoint; a kill leaves the old one or the new one."""
    content = vars(checkpoint) | {
        "configuration": checkpoint.configuration.as_dict(),
        "settings": checkpoint.settings.as_dict(),
    }
    write_atomically(folder / CHECKPOINT_FILE, lambda stream: torch.save(content, stream))


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """The run's checkpoint, or none if it has not got that far."""
    path = folder / CHECKPOINT_FILE
    if not path.is_file():
        return None
    content = torch.load(path, map_location="cpu", weights_only=True)
    content["configuration"] = configuration_from(content["configuration"])
    content["settings"] = Settings(**content["settings"])
    return Checkpoint(**content)


def random_state() -> State:
    """Torch's generators. Data have none that last: see `simulation/batches.py`."""
    state: State = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state()
    return state


def restore_random_state(state: State) -> None:
    """The inverse of `random_state`."""
    torch.set_rng_state(state["cpu"])
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state(state["cuda"])
