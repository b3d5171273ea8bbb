"""Rendered depth frames: what is near, moves or is missing, and that a seed repeats them."""

import numpy as np
import pytest

from thoracle.datasets.breathing.depth_frames import Scene, render_depth

STILL = Scene(noise_mm=0.0, missing_share=0.0, sway_mm=0.0)
RISE_MM = np.array([0.0, 10.0, -10.0])


def rng() -> np.random.Generator:
    return np.random.default_rng(8)


def test_the_torso_stands_before_the_wall_and_its_middle_is_nearest() -> None:
    truth = render_depth(np.zeros(2), STILL, rate_hz=10, rng=rng())
    first = truth.depth_mm[0]
    assert first[54, 62] == 1500 - 120
    assert set(first[~truth.torso]) == {2400}
    seen = first[truth.torso & (first > 0)]
    assert seen.min() == 1380
    assert seen.max() <= 1500
    assert truth.lift[54, 62] == 1.0
    assert (truth.lift[~truth.torso] == 0.0).all()


def test_breathing_in_brings_the_middle_nearer_and_leaves_the_wall() -> None:
    truth = render_depth(RISE_MM, STILL, rate_hz=10, rng=rng())
    assert [int(one) for one in truth.depth_mm[:, 54, 62]] == [1380, 1370, 1390]
    assert (truth.depth_mm[:, 0, 0] == 2400).all()


def test_sway_moves_the_whole_torso_slowly() -> None:
    scene = Scene(noise_mm=0.0, missing_share=0.0, sway_mm=20.0, sway_hz=0.25)
    truth = render_depth(np.zeros(3), scene, rate_hz=1.0, rng=rng())
    assert [int(one) for one in truth.depth_mm[:, 54, 62]] == [1380, 1400, 1380]


def test_pixels_are_missing_as_often_as_is_said_and_oftener_at_the_outline() -> None:
    truth = render_depth(np.zeros(40), Scene(missing_share=0.1), rate_hz=10, rng=rng())
    is_missing = truth.depth_mm == 0
    assert is_missing[:, ~truth.torso].mean() == pytest.approx(0.1, abs=0.01)
    outline = truth.torso & (truth.lift < 0.2)
    assert is_missing[:, outline].mean() == pytest.approx(0.5, abs=0.05)


def test_noise_is_as_large_as_is_said_and_a_seed_repeats_it() -> None:
    scene = Scene(noise_mm=4.0, missing_share=0.0, sway_mm=0.0)
    one, two = (render_depth(np.zeros(40), scene, rate_hz=10, rng=rng()) for _ in range(2))
    np.testing.assert_array_equal(one.depth_mm, two.depth_mm)
    assert one.depth_mm[:, ~one.torso].std() == pytest.approx(4.0, rel=0.05)
