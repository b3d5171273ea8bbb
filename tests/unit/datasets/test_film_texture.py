"""Noise whose power by place, size and direction is known, measured back."""

import numpy as np
import pytest

from thoracle.datasets.film_texture import (
    BANDS,
    COARSE,
    DIRECTIONS,
    OCTAVES,
    band_powers,
    draw_texture,
    enlarge,
    octave_filters,
)


def test_the_squares_of_all_filters_add_up_to_one_at_every_frequency() -> None:
    filters = [octave_filters(k, size=64, reach=64) for k in range(OCTAVES)]
    np.testing.assert_allclose(np.sum(np.square(np.concatenate(filters)), axis=0), 1, atol=1e-5)


def test_a_smaller_grid_has_the_low_frequencies_of_the_larger_one() -> None:
    large = octave_filters(4, size=128, reach=128)
    small = octave_filters(4, size=32, reach=128)
    np.testing.assert_allclose(small[:, :16, :16], large[:, :16, :16], atol=1e-6)


def test_stripes_have_their_power_in_their_octave_and_direction() -> None:
    rows = np.arange(128, dtype=np.float32)[:, None]
    stripes = np.broadcast_to(np.sin(2 * np.pi * rows / 8), (128, 128)).astype(np.float32)
    powers = band_powers([stripes]).reshape(OCTAVES, DIRECTIONS, COARSE, COARSE).mean(axis=(2, 3))
    # 8 px are two octaves below Nyquist's 2 px; they vary along the rows, a quarter turn.
    assert np.unravel_index(powers.argmax(), powers.shape) == (2, DIRECTIONS // 2)
    assert powers.sum() == pytest.approx(0.5, rel=0.02)


def test_drawn_noise_has_the_power_that_was_asked_for() -> None:
    rng = np.random.default_rng(0)
    wanted = np.full((BANDS, COARSE, COARSE), 1e-6, np.float32)
    wanted[DIRECTIONS : 2 * DIRECTIONS] = 0.01
    drawn = np.array([draw_texture(wanted, rng, size=64) for _ in range(40)])
    assert drawn.var() == pytest.approx(wanted[:, 0, 0].sum(), rel=0.1)


def test_noise_is_strong_only_where_it_should_be() -> None:
    rng = np.random.default_rng(1)
    wanted = np.full((BANDS, COARSE, COARSE), 1e-7, np.float32)
    wanted[:12, :, : COARSE // 2] = 1e-2
    drawn = draw_texture(wanted, rng, size=128)
    assert drawn[:, :56].std() > 20 * drawn[:, 72:].std()


def test_the_same_generator_state_draws_the_same_noise() -> None:
    powers = np.full((BANDS, COARSE, COARSE), 1e-3, np.float32)
    one, other = (draw_texture(powers, np.random.default_rng(7), size=64) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_one_odd_picture_among_many_does_not_raise_the_typical_power() -> None:
    rng = np.random.default_rng(2)
    plain = [rng.normal(0, 0.01, (64, 64)).astype(np.float32) for _ in range(9)]
    odd = rng.normal(0, 1, (64, 64)).astype(np.float32)
    without, with_odd = band_powers(plain).sum(), band_powers([*plain, odd]).sum()
    assert with_odd < 4 * without  # the mean would be a thousand times as large


def test_a_picture_of_its_own_size_is_not_enlarged() -> None:
    picture = np.arange(16, dtype=np.float32).reshape(4, 4)
    assert enlarge(picture, 4) is picture
    assert enlarge(picture, 8).shape == (8, 8)
