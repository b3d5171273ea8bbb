"""Thumbnails forgive borders, gamma and size, and name what cannot be read."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thoracle.core.arrays import ByteArray
from thoracle.core.errors import ImageError
from thoracle.datasets.thumbnails import (
    SIZE,
    as_unit,
    load_thumbnail,
    load_thumbnails,
    read_grey,
    to_thumbnail,
)

PaintFilm = Callable[..., ByteArray]
WriteImage = Callable[..., Path]


def test_a_thumbnail_is_an_equalized_square(paint_film: PaintFilm) -> None:
    thumbnail = to_thumbnail(paint_film(1))
    assert thumbnail.shape == (SIZE, SIZE)
    assert thumbnail.dtype == np.uint8
    counts, _ = np.histogram(thumbnail, bins=8, range=(0, 256))
    assert counts.min() > 0.7 * counts.mean()


def test_gamma_hardly_changes_a_thumbnail(paint_film: PaintFilm) -> None:
    film = paint_film(2)
    darker = np.asarray(np.round((film / 255) ** 2 * 255), np.uint8)
    difference = to_thumbnail(film).astype(int) - to_thumbnail(darker)
    assert np.abs(difference).mean() < 3


def test_black_and_white_borders_are_cut_away(paint_film: PaintFilm) -> None:
    film = paint_film(3)
    framed = np.pad(np.pad(film, ((0, 0), (30, 50))), 9, constant_values=255)
    assert np.array_equal(to_thumbnail(framed), to_thumbnail(film))


def test_a_small_bright_spot_on_black_is_not_taken_for_the_film() -> None:
    grey = np.zeros((100, 100), np.uint8)
    grey[40:60, 40:60] = np.arange(20) * 12
    thumbnail = to_thumbnail(grey)
    assert thumbnail[:20].std() == 0


def test_a_flat_picture_gives_a_flat_thumbnail() -> None:
    assert to_thumbnail(np.full((50, 60), 77, np.uint8)).std() == 0


def test_unit_thumbnails_go_from_zero_to_one() -> None:
    unit = as_unit(np.array([[[0, 255]]], np.uint8))
    assert unit.dtype == np.float32
    assert unit.tolist() == [[[0.0, 1.0]]]


def test_a_long_film_is_shrunk_and_a_short_one_left(tmp_path: Path, paint_film: PaintFilm) -> None:
    film = paint_film(4)
    Image.fromarray(film).save(tmp_path / "a.png")
    assert np.array_equal(read_grey(tmp_path / "a.png", side_max=512), film)
    assert read_grey(tmp_path / "a.png", side_max=140).shape == (120, 140)


def test_sixteen_bits_give_the_same_thumbnail(tmp_path: Path, paint_film: PaintFilm) -> None:
    film = paint_film(5)
    Image.fromarray(film).save(tmp_path / "8.png")
    Image.fromarray(film.astype(np.uint16) * 257).save(tmp_path / "16.png")
    assert np.array_equal(load_thumbnail(tmp_path / "8.png"), load_thumbnail(tmp_path / "16.png"))


def test_a_missing_file_points_to_the_root(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="--root"):
        read_grey(tmp_path / "none.png", side_max=100)


def test_unreadable_files_are_named_and_the_rest_goes_on(
    tmp_path: Path, write_image: WriteImage
) -> None:
    good = write_image(tmp_path / "good.png", 6)
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    steps: list[int] = []
    thumbnails, unreadable = load_thumbnails([good, bad, good], on_step=lambda: steps.append(1))
    assert unreadable == [1]
    assert thumbnails.shape == (3, SIZE, SIZE)
    assert thumbnails[1].std() == 0
    assert np.array_equal(thumbnails[0], thumbnails[2])
    assert len(steps) == 3


def test_no_files_give_no_thumbnails() -> None:
    thumbnails, unreadable = load_thumbnails([], on_step=lambda: None)
    assert thumbnails.shape == (0, SIZE, SIZE)
    assert unreadable == []
