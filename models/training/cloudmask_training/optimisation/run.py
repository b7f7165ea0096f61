"""The training loop."""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader

from cloudmask_training.network.cloud_network import CloudNetwork
from cloudmask_training.network.configuration import Configuration
from cloudmask_training.network.sensei import window_statistics
from cloudmask_training.network.warm_start import with_channels
from cloudmask_training.optimisation.checkpoint import (
    Checkpoint,
    State,
    load_checkpoint,
    random_state,
    restore_random_state,
    save_checkpoint,
)
from cloudmask_training.optimisation.loss import partial_label_loss, set_importance
from cloudmask_training.optimisation.settings import Settings
from cloudmask_training.simulation.batches import Batch, Batches, Simulator

Log = Callable[[str], None]
Judge = Callable[[CloudNetwork], tuple[float, str]]
"""A score of a network, larger is better, and a line for the log."""


@dataclass(frozen=True)
class Machine:
    """What a run computes with."""

    device: torch.device
    precision: torch.dtype
    loaders: int
    """Processes that make batches; 0 makes them in this one."""


@dataclass(frozen=True)
class Pace:
    """How often a run stops to look, in steps."""

    log: int = 50
    save: int = 100
    judge: int = 500


class Run:
    """One training run in a folder. `go` continues from its checkpoint, if there is one."""

    def __init__(
        self,
        folder: Path,
        machine: Machine,
        configuration: Configuration,
        settings: Settings,
        end: int | None = None,
    ) -> None:
        """A run that exists keeps its own configuration and settings; `end` moves its last step."""
        self.folder, self.machine = folder, machine
        saved = load_checkpoint(folder)
        self.configuration = saved.configuration if saved else configuration
        kept = saved.settings if saved else settings
        self.settings = kept if end is None else replace(kept, steps=end)
        torch.manual_seed(self.settings.seed)
        self.network = CloudNetwork(self.configuration).to(machine.device)
        self.average = copy.deepcopy(self.network).eval()
        self.optimiser = _optimiser(self.network, self.settings)
        self.step = 0
        self.best_score, self.best = float("-inf"), _on_cpu(self.average)
        self.warm_start: str | None = None
        if saved:
            self._restore(saved)

    def start_from(self, weights: State, name: str) -> None:
        """Takes the weights of another network with the same encoder; only before the first step."""
        if self.step > 0:
            raise ValueError("A run that has begun goes on from its own checkpoint")
        weights = with_channels(weights, self.configuration.embedding_channels)
        self.network.load_state_dict(weights)
        self.average.load_state_dict(weights)
        self.warm_start = name

    def go(self, simulator: Simulator, judge: Judge, log: Log, pace: Pace | None = None) -> None:
        """Trains to the last step."""
        pace = pace or Pace()
        importance = set_importance().to(self.machine.device)
        losses: list[float] = []
        since = time.monotonic()
        for batch in self._batches(simulator):
            losses.append(self._train(batch.to(self.machine.device), importance))
            self.step += 1
            is_last = self.step == self.settings.steps
            if self.step % pace.log == 0:
                seconds = (time.monotonic() - since) / len(losses)
                log(f"{self.step} loss {sum(losses) / len(losses):.4f} {seconds:.3f} s/step")
                losses, since = [], time.monotonic()
            if self.step % pace.judge == 0 or is_last:
                self._judge(judge, log)
                since = time.monotonic()
            if self.step % pace.save == 0 or is_last:
                self.save()

    def save(self) -> None:
        """Writes the checkpoint."""
        state = Checkpoint(
            configuration=self.configuration,
            settings=self.settings,
            step=self.step,
            network=self.network.state_dict(),
            average=self.average.state_dict(),
            optimiser=self.optimiser.state_dict(),
            random=random_state(),
            best_score=self.best_score,
            best=self.best,
            warm_start=self.warm_start,
        )
        save_checkpoint(self.folder, state)

    def _restore(self, saved: Checkpoint) -> None:
        self.network.load_state_dict(saved.network)
        self.average.load_state_dict(saved.average)
        self.optimiser.load_state_dict(saved.optimiser)
        self.step, self.best_score, self.best = saved.step, saved.best_score, saved.best
        self.warm_start = saved.warm_start
        restore_random_state(saved.random)

    def _batches(self, simulator: Simulator) -> DataLoader[Batch]:
        s = self.settings
        batches = Batches(simulator, s.plans(), seed=s.seed, lanes=s.lanes, uses=s.uses)
        return DataLoader(
            batches,
            batch_size=None,
            sampler=range(self.step, s.steps),
            num_workers=self.machine.loaders,
            prefetch_factor=4 if self.machine.loaders else None,
            generator=torch.Generator(),  # or it would draw from the one that a resumed run restores
            pin_memory=self.machine.device.type == "cuda",
        )

    def _train(self, batch: Batch, importance: torch.Tensor) -> float:
        for group in self.optimiser.param_groups:
            group["lr"] = self.settings.rate(self.step)
        self.network.train()
        if self.step >= self.settings.freeze_norm_from * self.settings.steps:
            _freeze_batch_norm(self.network)
        with torch.autocast(
            self.machine.device.type,
            self.machine.precision,
            enabled=self.machine.precision is not torch.float32,
        ):
            statistics = window_statistics(batch.samples)
            logits = self.network(batch.bands, batch.descriptors, statistics, batch.counts)
        loss = partial_label_loss(logits, batch.sets, batch.weights, importance)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        if torch.isfinite(norm):
            self.optimiser.step()
        self._update_average()
        return loss.item()

    @torch.no_grad()
    def _update_average(self) -> None:
        decay = min(self.settings.average, (self.step + 1) / (self.step + 10))
        for mean, value in zip(self.average.state_dict().values(), self.network.state_dict().values(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)

    def _judge(self, judge: Judge, log: Log) -> None:
        score, line = judge(self.average)
        log(f"{self.step} validation {score:.4f} {line}")
        if score > self.best_score:
            self.best_score, self.best = score, _on_cpu(self.average)


def _optimiser(network: CloudNetwork, settings: Settings) -> torch.optim.AdamW:
    """AdamW; no weight decay of biases and norms."""
    matrices = [p for p in network.parameters() if p.ndim > 1]
    vectors = [p for p in network.parameters() if p.ndim <= 1]
    groups = [
        {"params": matrices, "weight_decay": settings.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, settings.learning_rate, betas=(0.9, 0.98))


def _freeze_batch_norm(network: nn.Module) -> None:
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def _on_cpu(network: nn.Module) -> State:
    return {key: value.detach().cpu().clone() for key, value in network.state_dict().items()}
