"""The server computes what PyTorch does of an exported folder. Skipped where the server is not set up."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from cloudmask_training.export import export_model
from cloudmask_training.network.cloud_network import CloudNetwork, probabilities
from cloudmask_training.network.configuration import VARIANTS, Configuration
from cloudmask_training.network.descriptors import Band, descriptor_vector
from cloudmask_training.network.sensei import window_statistics

PROJECT = Path(__file__).parents[3]
NODE = shutil.which("node")
SIDE = 128
TOLERANCE = 1e-4

pytestmark = pytest.mark.skipif(
    NODE is None or not (PROJECT / "node_modules").is_dir(), reason="the server is not set up"
)


def added(folder: Path, models: Path) -> Path:
    """Runs `models add <id> --from <folder>` and returns the folder of the model."""
    command = [str(NODE), str(PROJECT / "src/main.ts"), "models", "add", "trial", "--from", str(folder)]
    environment = os.environ | {"MODELS_DIR": str(models)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return models / "trial"


def shaken(network: CloudNetwork) -> CloudNetwork:
    """Random weights and statistics that make all classes likely."""
    generator = torch.Generator().manual_seed(9)
    for name, tensor in network.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 2, generator=generator)
        elif name.endswith("running_mean"):
            tensor.normal_(0, 0.5, generator=generator)
        elif tensor.is_floating_point() and tensor.ndim > 1:
            tensor.mul_(2)
    return network.eval()


def outputs(model: Path, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))


@pytest.mark.parametrize("variant", ["b0", "b0-16"])
def test_the_server_computes_the_same(variant: str, tmp_path: Path) -> None:
    torch.manual_seed(4)
    network = shaken(CloudNetwork(Configuration(**{**vars(VARIANTS[variant]), "patch": SIDE})))
    export_model(network, "trial", tmp_path / "export")
    folder = added(tmp_path / "export", tmp_path / "models")
    limits = [(446, 542), (537.5, 582.5), (645.5, 684.5), (763.5, 904.5), (1541, 1683)]
    descriptors = np.stack([descriptor_vector(Band(*nm)) for nm in limits])
    bands = np.random.default_rng(1).random((len(limits), SIDE, SIDE), np.float32)
    statistics = window_statistics(torch.from_numpy(bands).flatten(1))
    expected = probabilities(network, torch.from_numpy(bands), torch.from_numpy(descriptors), statistics)
    of_bands = outputs(folder / "sensei.onnx", {"descriptors": descriptors, "statistics": statistics.numpy()})
    frequency, phase, gain = (of_bands[name][..., None, None] for name in ("frequency", "phase", "gain"))
    waves = gain * np.sin(frequency * (bands[:, None] + phase))
    embedding = waves.sum(0) + of_bands["shift"][:, None, None]
    found = outputs(folder / "segmenter.onnx", {"embedding": embedding[None]})["probabilities"][0]
    np.testing.assert_allclose(found, expected.numpy(), atol=TOLERANCE)
    assert found.std(axis=(1, 2)).max() > 0.01, "a constant would prove nothing"
