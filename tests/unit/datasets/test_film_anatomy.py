"""Bones and vessels: where they lie, how they differ between persons, and that they repeat."""

import numpy as np
import pytest

from thoracle.datasets.film_anatomy import Build, draw_bones, draw_build, draw_vessels
from thoracle.datasets.film_shape import frame_grid

SIZE = 128
BUILD = Build(first_rib=0.0, spacing=0.1, slope=1.0, breadth=0.03, clavicle=0.05)


def test_going_down_beside_the_spine_one_meets_a_rib_at_every_spacing() -> None:
    bones = draw_bones(BUILD, np.random.default_rng(0), size=256)
    ys, xs = frame_grid(256, 256)
    line = bones[:, int(np.abs(xs - 0.6).argmin())]
    lower = (ys > 0.28) & (ys < 0.95)
    power = np.abs(np.fft.rfft(line[lower] * np.hanning(lower.sum())))
    frequency = np.fft.rfftfreq(lower.sum(), ys[1] - ys[0])
    assert frequency[1:][power[1:].argmax()] == pytest.approx(1 / BUILD.spacing, rel=0.15)


def test_both_sides_have_ribs_and_the_middle_has_none() -> None:
    bones = draw_bones(BUILD, np.random.default_rng(0), size=SIZE)
    _, xs = frame_grid(SIZE, SIZE)
    spread = bones[30:100].std(axis=0)
    middle = spread[np.abs(xs - 0.5) < 0.03].mean()
    for center in (0.25, 0.75):
        assert spread[np.abs(xs - center) < 0.1].mean() > 5 * middle


def test_bones_lie_around_zero_so_that_they_do_not_brighten_the_film() -> None:
    bones = draw_bones(BUILD, np.random.default_rng(0), size=SIZE)
    assert abs(float(bones.mean())) < 0.02
    assert 0.4 < float(bones.max()) < 2.5


def test_vessels_are_thick_at_the_hilum_and_sparse_at_the_pleura() -> None:
    vessels = draw_vessels(np.random.default_rng(0), size=SIZE)
    ys, xs = frame_grid(SIZE, SIZE)
    away = np.hypot(ys[:, None] - 0.47, np.abs(xs - 0.5)[None, :] - 0.17)
    assert np.abs(vessels[away < 0.06]).mean() > 3 * np.abs(vessels[away > 0.35]).mean()


def test_persons_differ_and_the_same_seed_is_the_same_person() -> None:
    one, same, other = (draw_build(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one == same
    assert one != other
    first, again = (draw_vessels(np.random.default_rng(3), size=64) for _ in range(2))
    np.testing.assert_array_equal(first, again)
