"""The burned-in word: readable, in its corner, and nowhere else."""

import numpy as np
import pytest

from thoracle.datasets.film_lettering import WORD, burn_in, lettering


def test_the_word_has_one_glyph_of_five_by_seven_dots_per_letter() -> None:
    assert WORD == "SYNTHETIC"
    assert lettering().shape == (7, 9 * 5 + 8)


def test_equal_letters_look_equal_and_others_differ() -> None:
    glyphs = [lettering()[:, 6 * k : 6 * k + 5] for k in range(9)]
    assert np.array_equal(glyphs[3], glyphs[6])  # both T
    assert len({glyph.tobytes() for glyph in glyphs}) == len(set(WORD))


@pytest.mark.parametrize(("side", "dot"), [(128, 1), (320, 1), (512, 2), (1024, 3)])
def test_the_word_stands_bright_on_black_in_the_lower_left_corner(side: int, dot: int) -> None:
    out = burn_in(np.full((side, side), 0.5, np.float32))
    height, width = 11 * dot, 57 * dot
    block = out[-height:, :width]
    inner = block[2 * dot : -2 * dot : dot, 2 * dot : -2 * dot : dot]
    assert np.array_equal(inner > 0.5, lettering())
    assert set(np.unique(block)) == {np.float32(0), np.float32(0.9)}


def test_the_rest_of_the_film_and_the_input_stay_as_they_were() -> None:
    pixels = np.full((128, 128), 0.5, np.float32)
    out = burn_in(pixels)
    assert (pixels == 0.5).all()
    out[-11:, :57] = 0.5
    assert (out == 0.5).all()
