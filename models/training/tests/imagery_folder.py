"""A folder of imagery like the real one, in small."""

import csv
import gzip
from pathlib import Path

import numpy as np

SIDE = 16
SPLITS = {"train-a": "train", "train-b": "train", "val-a": "val", "test-a": "test"}

_S2 = ("coastal", "blue", "green", "red", "vre1", "vre2", "vre3", "wnir", "nir", "wv", "cirrus", "swir1", "swir2")
_L8 = ("coastal", "blue", "green", "red", "nir", "swir1", "swir2", "cirrus", "tirs1", "tirs2")

_SURFACES = ((0.08, 0.3, 0.25), (0.07, 0.03, 0.02), (0.75, 0.6, 0.1))
"""Land, water, snow: visible, near and shortwave infrared."""


def write_imagery(folder: Path) -> None:
    """Biome patches, both eo-learn sets, the preview and the samples."""
    random = np.random.default_rng(11)
    _write_biome(folder, random)
    (folder / "eo-learn").mkdir()
    for which in ("v36", "v68"):
        bands = random.uniform(0.05, 0.6, (2, SIDE, SIDE, 13)).astype(np.float32)
        bands[1, :, : SIDE // 2] = np.nan
        masks = np.zeros((2, SIDE, SIDE), np.uint8)
        masks[:, : SIDE // 2] = 1
        np.savez(folder / f"eo-learn/slovenia_{which}_labelled.npz", bands=bands, CLM=masks)
    (folder / "s2-19UDP-160m").mkdir()
    numbers = random.integers(200, 6000, (13, 40, 40)).astype(np.uint16)
    numbers[:, :10] = 0
    np.savez(folder / "s2-19UDP-160m/s2_l1c_19UDP_20170729_160m.npz", bands=numbers)
    _write_samples(folder / "samples_s2.csv.gz", _S2, random)
    _write_samples(folder / "samples_l8.csv.gz", _L8, random)


def _write_biome(folder: Path, random: np.random.Generator) -> None:
    values = random.integers(300, 6000, (len(SPLITS), 8, SIDE, SIDE)).astype(np.uint16)
    values[:, 7] = 28_000
    labels = np.zeros((len(SPLITS), SIDE, SIDE), np.uint8)
    labels[:, :4], labels[:, 4:8] = 1, 2
    labels[1, 8:10] = 3  # only this patch names shadows
    labels[0, 15] = 255
    np.savez(
        folder / "l8biome_patches.npz",
        bands_u16=values,
        cls=labels,
        name=np.array(list(SPLITS)),
        split=np.array(list(SPLITS.values())),
    )


def _write_samples(path: Path, columns: tuple[str, ...], random: np.random.Generator) -> None:
    with gzip.open(path, "wt", newline="") as file:
        writer = csv.DictWriter(file, [*columns, "label"])
        writer.writeheader()
        for i in range(300):
            is_cloud = i % 2
            visible, infrared, swir = (0.55, 0.5, 0.4) if is_cloud else _SURFACES[i // 2 % 3]
            level = dict.fromkeys(columns, visible)
            level |= dict.fromkeys(("vre2", "vre3", "wnir", "nir", "wv"), infrared)
            level |= dict.fromkeys(("swir1", "swir2"), swir)
            row = {name: level[name] * random.uniform(0.95, 1.05) for name in columns}
            row["cirrus"] = random.choice([0.002, 0.1]) if is_cloud else 0.002
            row |= {name: -20.0 if is_cloud else 15.0 for name in columns if name.startswith("tirs")}
            writer.writerow({name: f"{value:.5f}" for name, value in row.items()} | {"label": str(is_cloud)})
