"""Disturbed films keep their size and range, and differ as they should."""

import numpy as np

from thoracle.datasets.disturbances import inverted, photographed_screen

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
