"""Runs that are stopped and go on."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from cloudmask_training.atomic import write_atomically
from cloudmask_training.network.cloud_network import CloudNetwork
from cloudmask_training.network.configuration import Configuration
from cloudmask_training.optimisation.checkpoint import CHECKPOINT_FILE, load_checkpoint
from cloudmask_training.optimisation.run import Machine, Pace, Run
from cloudmask_training.optimisation.settings import Settings
from cloudmask_training.simulation.batches import Simulator

SMALL = Configuration(embedding_channels=4, layers=(16, 16), attention_width=16, head_layers=(16,), patch=64)
SETTINGS = Settings(steps=6, images=2, small_side=32, large_side=64, warm_up=2, lanes=1, uses=1)
MACHINE = Machine(torch.device("cpu"), torch.float32, loaders=0)
PACE = Pace(log=1, save=2, judge=3)


class StoppedError(Exception):
    """Stands for whatever ends a process."""


def judge(network: CloudNetwork) -> tuple[float, str]:
    return float(next(network.parameters()).detach().sum()), ""


def finished(folder: Path, simulator: Simulator, stop_after: int | None = None) -> Run:
    folder.mkdir(exist_ok=True)

    def log(line: str) -> None:
        if stop_after is not None and line.startswith(f"{stop_after} loss"):
            raise StoppedError

    run = Run(folder, MACHINE, SMALL, SETTINGS)
    run.go(simulator, judge, log, PACE)
    return run


def test_a_stopped_run_ends_with_the_same_weights(tmp_path: Path, simulator: Simulator) -> None:
    whole = finished(tmp_path / "whole", simulator)
    with pytest.raises(StoppedError):
        finished(tmp_path / "stopped", simulator, stop_after=5)
    saved = load_checkpoint(tmp_path / "stopped")
    assert saved is not None
    assert saved.step == 4
    resumed = finished(tmp_path / "stopped", simulator)
    assert resumed.best_score == whole.best_score
    for key, value in whole.average.state_dict().items():
        assert torch.equal(value, resumed.average.state_dict()[key]), key
    assert not torch.equal(
        saved.average["segmenter.decode_head.classifier.weight"],
        whole.average.state_dict()["segmenter.decode_head.classifier.weight"],
    )


def test_a_run_keeps_its_settings_and_its_end_can_be_moved(tmp_path: Path, simulator: Simulator) -> None:
    finished(tmp_path, simulator)
    other = Settings(steps=99, images=1)
    again = Run(tmp_path, MACHINE, Configuration(), other)
    assert (again.configuration, again.settings, again.step) == (SMALL, SETTINGS, 6)
    assert Run(tmp_path, MACHINE, Configuration(), other, end=9).settings == replace(SETTINGS, steps=9)
    with pytest.raises(ValueError, match="has begun"):
        again.start_from({}, "other")


def test_the_best_weights_are_kept(tmp_path: Path, simulator: Simulator) -> None:
    scores = iter([2.0, 1.0])
    run = Run(tmp_path, MACHINE, SMALL, SETTINGS)
    kept = []

    def falling(network: CloudNetwork) -> tuple[float, str]:
        kept.append({key: value.clone() for key, value in network.state_dict().items()})
        return next(scores), ""

    run.go(simulator, falling, lambda _: None, PACE)
    assert run.best_score == 2
    assert all(torch.equal(run.best[key], value) for key, value in kept[0].items())


def test_batch_norm_stands_still_late(tmp_path: Path, simulator: Simulator) -> None:
    run = Run(tmp_path, MACHINE, SMALL, SETTINGS)
    counts = []

    def count(_: CloudNetwork) -> tuple[float, str]:
        counts.append(int(run.network.senseiv2.blocks[3].norm.num_batches_tracked))
        return 0.0, ""

    run.go(simulator, count, lambda _: None, Pace(log=1, save=6, judge=1))
    assert counts == [1, 2, 3, 3, 3, 3]


def test_windows_grow_and_pixels_of_a_batch_stay() -> None:
    plans = Settings(steps=10, images=16, large_from=0.7).plans()
    assert [(p.images, p.side) for p in (plans[6], plans[7])] == [(16, 128), (4, 256)]


def test_learning_rate_rises_holds_and_falls() -> None:
    settings = Settings(steps=1000, images=1, learning_rate=1, warm_up=50, hold=0.2)
    rates = [settings.rate(step) for step in (0, 49, 200, 600, 999)]
    assert rates == pytest.approx([0.02, 1, 1, 0.5, 0], abs=1e-4)


def test_a_file_is_whole_or_old_after_a_kill(tmp_path: Path) -> None:
    """A process that writes all the time is killed at some moments."""
    target = tmp_path / CHECKPOINT_FILE
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from cloudmask_training.atomic import write_atomically
        number = 0
        while True:
            number += 1
            write_atomically(Path(sys.argv[1]), lambda stream: stream.write(b"%09d" % number * 200_000))
        """
    )
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", program, str(target)]) as process:
            deadline = time.monotonic() + 60
            while not target.exists() and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(0.05)
            os.kill(process.pid, signal.SIGKILL)
        content = target.read_bytes()
        assert len(content) == 9 * 200_000
        assert content == content[:9] * 200_000


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")

    def fail(_: object) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(target, fail)
    assert target.read_bytes() == b"old"
