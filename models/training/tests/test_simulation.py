"""What the simulator makes."""

import numpy as np
import pytest
import torch

from cloudmask_training.classes import CLEAR, LAND, NO_DATA, SHADOW, THICK, THIN, WATER, bits
from cloudmask_training.imagery import universal as u
from cloudmask_training.imagery.target import certain
from cloudmask_training.simulation.batches import Batches, BatchPlan, Simulator
from cloudmask_training.simulation.clouds import labelled
from cloudmask_training.simulation.fields import FieldBank, fractal
from cloudmask_training.simulation.observation import observe
from cloudmask_training.simulation.sensors import SENSORS, draw_sensor

PLANS = [BatchPlan(3, 32)] * 4 + [BatchPlan(2, 64)] * 2


def batches(simulator: Simulator) -> Batches:
    return Batches(simulator, PLANS, seed=7, lanes=2, uses=2)


def test_a_batch_depends_on_seed_and_step_alone(simulator: Simulator) -> None:
    in_order = [batches(simulator)[step] for step in range(len(PLANS))]
    for step in (5, 2):
        alone = batches(simulator)[step]
        assert alone.counts == in_order[step].counts
        torch.testing.assert_close(alone.bands, in_order[step].bands, rtol=0, atol=0)
        torch.testing.assert_close(alone.weights, in_order[step].weights, rtol=0, atol=0)
    assert not torch.equal(in_order[0].bands[0], in_order[1].bands[0])


def test_a_batch_mixes_sensors_and_is_finite(simulator: Simulator) -> None:
    made = Batches(simulator, [BatchPlan(24, 32)], seed=7, lanes=1, uses=2)[0]
    assert len(set(made.counts)) > 3
    assert min(made.counts) >= 3
    assert max(made.counts) <= 13
    assert made.bands.shape == (sum(made.counts), 32, 32)
    assert made.samples.shape == (sum(made.counts), 64)
    assert torch.isfinite(made.bands).all()
    total = made.weights.sum(1)
    assert bool((((total - 1).abs() < 1e-3) | (total == 0)).all())


@pytest.mark.parametrize(
    ("opacity", "expected"), [(0.0, {bits(LAND): 1}), (0.3, {bits(THIN): 1}), (0.9, {bits(THICK): 1})]
)
def test_labels_follow_opacity(opacity: float, expected: dict[int, float]) -> None:
    surface = certain(np.full((1, 1), bits(LAND), np.uint8))
    target = labelled(surface, np.full((1, 1), opacity, np.float32), np.zeros((1, 1), np.float32))
    found = {int(s): float(w) for s, w in zip(target.sets[:, 0, 0], target.weights[:, 0, 0], strict=True) if w > 0}
    assert found == pytest.approx(expected)


def test_between_thin_and_thick_both_count() -> None:
    surface = certain(np.full((1, 1), CLEAR, np.uint8))
    target = labelled(surface, np.full((1, 1), 0.55, np.float32), np.zeros((1, 1), np.float32))
    assert target.weights[:, 0, 0] == pytest.approx([0.5, 0.5, 0], abs=1e-6)


@pytest.mark.parametrize(
    ("surface", "shade", "expected"),
    [
        (bits(LAND), 0.05, bits(LAND)),
        (bits(LAND), 0.2, bits(LAND, SHADOW)),
        (bits(LAND), 0.8, bits(SHADOW)),
        (bits(WATER), 0.8, bits(SHADOW, WATER)),
        (bits(NO_DATA), 0.8, bits(NO_DATA)),
    ],
)
def test_labels_follow_shade(surface: int, shade: float, expected: int) -> None:
    target = labelled(
        certain(np.full((1, 1), surface, np.uint8)), np.zeros((1, 1), np.float32), np.full((1, 1), shade, np.float32)
    )
    assert target.hardened().tolist() == [[expected]]


def test_clouds_brighten_and_shadows_darken(simulator: Simulator) -> None:
    values: dict[int, list[float]] = {bits(THICK): [], bits(SHADOW): [], bits(LAND): []}
    for number in range(40):
        bands, target = simulator.scene(48, number)
        sets = target.hardened()
        for members, found in values.items():
            found.extend(bands[u.NIR][sets == members].tolist())
    cloud, shadow, land = (np.median(found) for found in values.values())
    assert cloud > land + 0.1
    assert shadow < land - 0.05


def test_no_data_stays_no_data(simulator: Simulator) -> None:
    for number in range(30):
        bands, target = simulator.scene(48, number)
        is_empty = target.sets[0] == bits(NO_DATA)
        assert (bands[: u.PANCHROMATIC, is_empty] == 0).all()


def test_sensors_are_drawn_with_three_bands_or_more() -> None:
    random = np.random.default_rng(1)
    drawn = [draw_sensor(random) for _ in range(300)]
    counts = [len(sensor.bands) for sensor in drawn]
    assert (min(counts), max(counts)) == (3, 13)
    assert {sensor.name for sensor in drawn} == {*SENSORS, "invented"}
    assert all(b.band.shortest < b.band.longest for sensor in drawn for b in sensor.bands)


def test_a_clean_observation_is_the_scene() -> None:
    bands = np.random.default_rng(2).random((16, 8, 8), np.float32)
    target = certain(np.full((8, 8), bits(LAND), np.uint8))
    seen = observe(np.random.default_rng(0), (bands, target), SENSORS["landsat89"], is_clean=True)
    expected = bands[[0, 1, 2, 3, 8, 11, 12, 13, 10, 14, 15]]
    np.testing.assert_array_equal(seen.bands, expected)
    assert seen.descriptors.shape == (11, 74)


def test_fields_are_normalised_and_rough_ones_are_rougher() -> None:
    smooth, rough = (fractal(np.random.default_rng(4), 128, slope) for slope in (4.0, 1.5))
    assert [smooth.mean(), smooth.std()] == pytest.approx([0, 1], abs=1e-3)
    assert np.abs(np.diff(rough)).mean() > 2 * np.abs(np.diff(smooth)).mean()


def test_every_draw_of_a_field_has_the_size_asked_for() -> None:
    random = np.random.default_rng(4)
    bank = FieldBank(random, count=2)
    assert {bank.draw(random, side).shape for side in (31, 64, 97) for _ in range(20)} == {(31, 31), (64, 64), (97, 97)}
