"""The commands."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from cloudmask_training.classes import CLASS_NAMES
from cloudmask_training.evaluation.calibration import best_offsets, calibrated
from cloudmask_training.evaluation.card import card_text, measure
from cloudmask_training.evaluation.contestants import (
    Contestant,
    network_contestant,
    teacher_contestants,
    threshold_contestant,
)
from cloudmask_training.evaluation.datasets import card_datasets
from cloudmask_training.evaluation.validation import validation_score
from cloudmask_training.export import export_model
from cloudmask_training.imagery.scenes import training_scenes, validation_scenes
from cloudmask_training.imagery.spectra import read_spectra
from cloudmask_training.imagery.teachers import Teachers
from cloudmask_training.network.cloud_network import CloudNetwork
from cloudmask_training.network.configuration import VARIANTS
from cloudmask_training.optimisation.checkpoint import load_checkpoint
from cloudmask_training.optimisation.run import Machine, Run
from cloudmask_training.optimisation.settings import settings_for
from cloudmask_training.simulation.batches import Simulator
from cloudmask_training.simulation.mixtures import taught_mixtures


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command that is named."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    options.run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cloudmask_training", description=__doc__)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="of PyTorch")
    commands = parser.add_subparsers(required=True)
    train = commands.add_parser("train", help="train from scratch, or go on where a run stopped")
    _add_data_options(train)
    train.add_argument("--folder", type=Path, required=True, help="of the run; made when missing")
    train.add_argument("--variant", choices=list(VARIANTS), default="b0-16")
    train.add_argument("--steps", type=int, help="default: by device; moves the end of a run that exists")
    train.add_argument("--learning-rate", type=float, help="largest; default: by device")
    train.add_argument("--seed", type=int, default=1)
    train.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    train.add_argument("--precision", choices=["auto", "bfloat16", "float32"], default="auto")
    train.add_argument("--loaders", type=int, help="processes that simulate; default: by device")
    train.add_argument("--mixtures", type=int, default=600, help="images mixed from real ones that the teachers label")
    train.add_argument("--from-weights", type=Path, help="warm start from a weights.pt")
    train.set_defaults(run=_train)
    export = commands.add_parser("export", help="write the best weights as a folder for `models add --from`")
    export.add_argument("--folder", type=Path, required=True, help="of the run")
    export.add_argument("--id", required=True, help="of the model")
    export.add_argument("--to", type=Path, required=True, help="folder to write")
    export.add_argument(
        "--which", choices=["best", "last"], default="best", help="best on the validation scenes, or last"
    )
    export.add_argument(
        "--calibrate-on", type=Path, help="imagery, to set how readily each class is named on its validation scenes"
    )
    export.set_defaults(run=_export)
    card = commands.add_parser("card", help="measure accuracy and print the card")
    _add_data_options(card)
    card.add_argument(
        "--model",
        nargs=3,
        action="append",
        required=True,
        metavar=("ID", "VARIANT", "WEIGHTS"),
        help="a network to measure; the first is what the card is of",
    )
    card.add_argument("--about", type=Path, help="Markdown to put before the figures: what the model is")
    card.add_argument("--to", type=Path, help="file to write instead of printing")
    card.set_defaults(run=_card)
    return parser


def _add_data_options(parser: argparse.ArgumentParser) -> None:
    data = os.environ.get("TRAINING_DATA")
    teachers = os.environ.get("TRAINING_TEACHERS")
    parser.add_argument("--data", type=Path, default=data, required=data is None, help="imagery (or TRAINING_DATA)")
    parser.add_argument(
        "--teachers",
        type=Path,
        default=teachers,
        help="folder with the teachers' wheels (or TRAINING_TEACHERS); without it unlabelled imagery is left out",
    )


def _train(options: argparse.Namespace) -> None:
    machine = _machine(options)
    options.folder.mkdir(parents=True, exist_ok=True)
    settings = settings_for(machine.device.type, options.steps, options.seed)
    if options.learning_rate:
        settings = replace(settings, learning_rate=options.learning_rate)
    run = Run(options.folder, machine, VARIANTS[options.variant], settings, end=options.steps)
    if options.from_weights and run.step == 0:
        weights = torch.load(options.from_weights, map_location="cpu", weights_only=True)
        run.start_from(weights, options.from_weights.name)
    library, regression = read_spectra(options.data)
    teachers = Teachers(options.teachers, options.threads) if options.teachers else None
    scenes = training_scenes(options.data, regression, teachers)
    chosen_by = validation_scenes(options.data, regression)
    mixtures = taught_mixtures(scenes, teachers, options.mixtures, run.settings.seed) if teachers else []
    simulator = Simulator(scenes, library, run.settings.seed, mixtures)
    with (options.folder / "log.txt").open("a") as file:

        def log(line: str) -> None:
            print(line, flush=True)
            print(line, file=file, flush=True)

        log(f"{options.variant}, {len(scenes)} scenes, {len(mixtures)} mixtures, from step {run.step}")
        log(f"{run.settings}, {machine}")
        run.go(simulator, lambda network: validation_score(network, chosen_by), log)


def _machine(options: argparse.Namespace) -> Machine:
    device = options.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    is_fast = device == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    precision = {"bfloat16": torch.bfloat16, "float32": torch.float32}.get(
        options.precision, torch.bfloat16 if is_fast else torch.float32
    )
    loaders = options.loaders
    if loaders is None:
        loaders = 8 if device == "cuda" else 1
    return Machine(torch.device(device), precision, loaders)


def _export(options: argparse.Namespace) -> None:
    checkpoint = load_checkpoint(options.folder)
    if checkpoint is None:
        raise SystemExit(f"{options.folder} has no checkpoint yet")
    network = CloudNetwork(checkpoint.configuration)
    network.load_state_dict(checkpoint.best if options.which == "best" else checkpoint.average)
    network.eval()
    if options.calibrate_on:
        _calibrate(network, options.calibrate_on)
    print(export_model(network, options.id, options.to))


def _calibrate(network: CloudNetwork, data: Path) -> None:
    scenes = validation_scenes(data, read_spectra(data)[1])
    offsets, before, after = best_offsets(network, scenes)
    calibrated(network, offsets)
    named = (f"{name} {offset:+.2f}" for name, offset in zip(CLASS_NAMES, offsets, strict=True) if offset != 0)
    print(f"validation {before:.4f} → {after:.4f}: {', '.join(named) or 'nothing to change'}")


def _card(options: argparse.Namespace) -> None:
    library, regression = read_spectra(options.data)
    datasets = card_datasets(options.data, regression, library)
    contestants = [_network_from(*model) for model in options.model]
    if options.teachers:
        contestants += teacher_contestants(Teachers(options.teachers, options.threads))
    contestants.append(threshold_contestant())
    subject = contestants[0].name
    about = options.about.read_text() if options.about else ""
    text = card_text(subject, about, datasets, measure(contestants, datasets))
    if options.to:
        options.to.write_text(text)
    else:
        print(text)


def _network_from(name: str, variant: str, weights: str) -> Contestant:
    network = CloudNetwork(VARIANTS[variant]).eval()
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return network_contestant(name, network)
