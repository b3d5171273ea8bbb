"""Whole films are squeezed, kept on disk, and found by name."""

from pathlib import Path

import numpy as np

from thoracle.datasets.manifest import Manifest
from thoracle.imaging.decode import decode_trusted_film
from thoracle.imaging.resample import resize, to_bytes
from thoracle.train.protocols.whole_films import whole_films, without_lungs


def test_a_films_row_holds_the_whole_film(toy_films: Manifest, cache: Path) -> None:
    files = {film.path: toy_films.resolve(film) for film in toy_films.films}
    made = whole_films(files, size=24, cache=cache)
    table = made.table(["covid-19-03.png", "normal-01.png"], np.array([1, 0]))
    shown = table.arrays.films[table.rows[0]]
    pixels = decode_trusted_film(files["covid-19-03.png"]).pixels
    np.testing.assert_array_equal(shown, to_bytes(resize(pixels, rows=24, columns=24)))
    assert table.targets.tolist() == [1, 0]


def test_lungs_are_hidden_by_a_black_rectangle_and_films_without_lungs_left_out(
    toy_films: Manifest,
) -> None:
    file = toy_films.resolve(toy_films.films[0])
    mask = np.zeros((40, 48), bool)
    mask[10:20, 12:36] = True
    hidden = without_lungs(file, lambda _: mask, size=40)
    assert hidden is not None
    assert hidden[11:19, 11:29].max() == 0
    assert hidden[30:].min() >= 0 < hidden[30:].max()
    assert without_lungs(file, lambda _: ~np.ones((4, 4), bool), size=40) is None
