"""Cloud networks of others that label imagery for which there are no labels: ukis-csmask (Apache-2.0, DLR).

Their ONNX files are read from the wheels that `teachers.lock` pins; nothing of the packages is run.
"""

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from cloudmask_training.imagery import universal as u
from cloudmask_training.imagery.universal import FloatArray

TILE = 256
_MARGIN = 32
TILE_INNER = TILE - 2 * _MARGIN
"""Side of an image that one look of each network is enough for."""
_SIX_BANDS = (u.BLUE, u.GREEN, u.RED, u.NIR_WIDE, u.SWIR_1, u.SWIR_2)

_NEW = "ukis_csmask-1.0.0-py3-none-any.whl"
_OLD = "ukis_csmask-0.2.1-py3-none-any.whl"
_SHA256 = {
    _NEW: "898d6efe59b3908ec92aabad3f61a56394ff81d997a2ebe5675732503a18d1f1",
    _OLD: "6a40e1cab2ba5f53d44dcbd271927830addc148bd0b66958688625a43964c906",
}
# The old package keeps these in its code.
_OLD_MEAN = (0.19312, 0.18659, 0.18899, 0.30362, 0.23085, 0.16216)
_OLD_DEVIATION = (0.16431, 0.16762, 0.18230, 0.17409, 0.16020, 0.14164)


@dataclass(frozen=True)
class Opinion:
    """Probabilities `[height, width]`; `land`, `water`, `snow` of the network that knows surfaces."""

    cloud: FloatArray
    shadow: FloatArray
    land: FloatArray
    water: FloatArray
    snow: FloatArray
    surface_shadow: FloatArray
    """Shadow by the network that knows surfaces."""
    surface_cloud: FloatArray


class Teachers:
    """The pair of TOA networks of 1.0.0, and the five-class network of 0.2.1."""

    def __init__(self, folder: Path, threads: int = 2) -> None:
        """Reads both wheels in a folder; a missing or other file is a ValueError that says what to do."""
        new, old = (_checked(folder / name) for name in (_NEW, _OLD))
        self._pair = [_Network.of_pair(new, name, threads) for name in ("6b_l1c", "4b_l1c")]
        self._surfaces = _Network.of_surfaces(old, threads)

    def look_at(self, bands: FloatArray, *, is_coarse: bool = False) -> Opinion:
        """Labels an image of the universal bands `[16, height, width]`.

        `is_coarse`: pixels are larger than about 60 m, where the pair breaks; then the old network's word counts.
        """
        shadow_old, water, snow, land, cloud_old = self._surfaces.run(bands)
        if is_coarse:
            cloud, shadow = cloud_old, shadow_old
        else:
            both = np.mean([network.run(bands) for network in self._pair], axis=0)
            cloud, shadow = both[1], both[2]
        return Opinion(cloud, shadow, land, water, snow, shadow_old, cloud_old)


@dataclass(frozen=True)
class _Network:
    session: onnxruntime.InferenceSession
    mean: FloatArray
    deviation: FloatArray
    has_channels_last: bool
    gives_logits: bool

    @classmethod
    def of_pair(cls, wheel: Path, name: str, threads: int) -> "_Network":
        with zipfile.ZipFile(wheel) as archive:
            model = archive.read(f"ukis_csmask/model_{name}.onnx")
            about = json.loads(archive.read(f"ukis_csmask/model_{name}.json"))
        mean, deviation = np.array(about["data"]["dataset_statistics"]["img"], np.float32)
        return cls(_session(model, threads), mean, deviation, False, True)

    @classmethod
    def of_surfaces(cls, wheel: Path, threads: int) -> "_Network":
        with zipfile.ZipFile(wheel) as archive:
            model = archive.read("ukis_csmask/model_6b.onnx")
        mean, deviation = (np.array(x, np.float32) for x in (_OLD_MEAN, _OLD_DEVIATION))
        return cls(_session(model, threads), mean, deviation, True, False)

    def run(self, bands: FloatArray) -> FloatArray:
        """Probabilities `[classes, height, width]`, from overlapping tiles with mirrored edges."""
        used = list(_SIX_BANDS[: len(self.mean)])
        image = (bands[used] - self.mean[:, None, None]) / self.deviation[:, None, None]
        height, width = image.shape[1:]
        inner = TILE_INNER
        rows, columns = -(-height // inner), -(-width // inner)
        after = (rows * inner - height + _MARGIN, columns * inner - width + _MARGIN)
        padded = np.pad(image, ((0, 0), (_MARGIN, after[0]), (_MARGIN, after[1])), "symmetric")
        parts = [
            [self._tile(padded[:, y : y + TILE, x : x + TILE]) for x in range(0, columns * inner, inner)]
            for y in range(0, rows * inner, inner)
        ]
        return np.block(parts)[:, :height, :width]

    def _tile(self, tile: FloatArray) -> FloatArray:
        batch = tile[None]
        if self.has_channels_last:
            batch = batch.transpose(0, 2, 3, 1)
        name = self.session.get_inputs()[0].name
        (found,) = self.session.run(None, {name: np.ascontiguousarray(batch, np.float32)})
        result: FloatArray = found[0].transpose(2, 0, 1) if self.has_channels_last else found[0]
        if self.gives_logits:
            result = np.exp(result - result.max(0))
            result /= result.sum(0)
        return result[:, _MARGIN:-_MARGIN, _MARGIN:-_MARGIN]


def _session(model: bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _checked(wheel: Path) -> Path:
    remedy = f"Download it with: pip download --no-deps -d {wheel.parent} -r teachers-{wheel.name.split('-')[1]}.lock"
    if not wheel.is_file():
        raise ValueError(f"{wheel} is missing. {remedy}")
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != _SHA256[wheel.name]:
        raise ValueError(f"{wheel} is not the file that was measured (SHA-256 differs). {remedy}")
    return wheel
