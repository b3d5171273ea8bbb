"""Disturbed films keep their size and range, and differ as they should."""

import numpy as np
import pytest

from thoracle.datasets.disturbances import (
    DISTURBANCES,
    Disturbance,
    blurred,
    brightened,
    coarsened,
    compressed,
    contrasted,
    inverted,
    noisy,
    photographed_screen,
    tilted,
    toned,
)

FILM = np.random.default_rng(0).uniform(0, 1, (80, 60)).astype(np.float32)


def test_inverting_twice_gives_the_film_back() -> None:
    assert np.allclose(inverted(inverted(FILM)), FILM, atol=1e-6)


def test_a_photograph_of_a_screen_keeps_size_and_range_and_repeats() -> None:
    one = photographed_screen(FILM, rng=np.random.default_rng(1))
    two = photographed_screen(FILM, rng=np.random.default_rng(1))
    assert one.shape == FILM.shape
    assert one.dtype == np.float32
    assert 0.0 <= one.min() <= one.max() <= 1.0
    assert np.array_equal(one, two)


def test_the_room_shows_around_the_screen() -> None:
    white = np.ones((200, 200), np.float32)
    photograph = photographed_screen(white, rng=np.random.default_rng(6))
    edges = (photograph[0], photograph[-1], photograph[:, 0], photograph[:, -1])
    assert min(float(edge.mean()) for edge in edges) < 0.75 < photograph[90:110, 90:110].mean()


def _smooth() -> np.ndarray:
    rows, columns = np.meshgrid(np.linspace(0, 3, 260), np.linspace(0, 4, 300), indexing="ij")
    return (0.5 + 0.3 * np.sin(rows) * np.cos(columns * 5)).astype(np.float32)


@pytest.mark.parametrize("family", DISTURBANCES, ids=lambda one: one.name)
def test_each_step_harms_more_and_the_film_given_stays(family: Disturbance) -> None:
    film = _smooth() + np.random.default_rng(5).normal(0, 0.03, (260, 300)).astype(np.float32)
    film = np.clip(film, 0, 1).astype(np.float32)
    before = film.copy()
    harms = []
    for strength in family.strengths:
        changed = family.apply(film, strength, np.random.default_rng(0))
        assert changed.dtype == np.float32
        assert 0.0 <= changed.min() <= changed.max() <= 1.0
        if family.name == "resolution":
            harms.append(-min(changed.shape))
        else:
            harms.append(float(np.abs(changed - film).mean()))
        again = family.apply(film, strength, np.random.default_rng(0))
        np.testing.assert_array_equal(changed, again)
    np.testing.assert_array_equal(film, before)
    assert harms == sorted(harms)
    assert harms[0] < harms[-1]
    assert len(family.strengths) >= 5
    assert family.everyday in family.strengths


def test_noise_has_the_spread_asked_for() -> None:
    grey = np.full((200, 200), 0.5, np.float32)
    assert noisy(grey, 0.05, np.random.default_rng(0)).std() == pytest.approx(0.05, rel=0.02)


def test_known_greys() -> None:
    grey = np.full((8, 8), 0.25, np.float32)
    rng = np.random.default_rng(0)
    for _ in range(8):  # either way, drawn
        shifted = float(brightened(grey, 0.1, rng)[0, 0])
        assert min(abs(shifted - 0.35), abs(shifted - 0.15)) < 1e-6
        wide = float(contrasted(grey, np.log(2), rng)[0, 0])
        assert min(abs(wide - 0.0), abs(wide - 0.375)) < 1e-6
        bent = float(toned(grey, np.log(2), rng)[0, 0])
        assert min(abs(bent - 0.0625), abs(bent - 0.5)) < 1e-6


def test_a_turn_leaves_the_middle_and_blackens_the_corners() -> None:
    white = np.ones((101, 101), np.float32)
    turned = tilted(white, 20, np.random.default_rng(0))
    assert turned[50, 50] == 1.0
    assert turned[0, 0] == turned[-1, -1] == 0.0


def test_sizes_and_spreads() -> None:
    film, rng = _smooth(), np.random.default_rng(0)
    assert coarsened(film, 130, rng).shape == (130, 150)
    assert coarsened(film, 400, rng).shape == film.shape
    assert blurred(film, 0.02, rng).std() < film.std()
    assert np.abs(compressed(film, 95, rng) - film).max() < 0.03
