"""Overlays: color only where the map says so, on a scale that all films share."""

import io

import numpy as np
import pytest
from PIL import Image

from thoracle.core.arrays import ByteArray, FloatArray
from thoracle.core.errors import SettingError
from thoracle.core.results import AnomalyMap, ContributionMap, FilmMap
from thoracle.reporting.colormaps import colormap_table
from thoracle.reporting.overlay import (
    LONGEST_SIDE_PX,
    backdrop,
    color_bar_png,
    film_png,
    overlay_png,
    paint,
)


def _film(rows: int = 60, columns: int = 40) -> FloatArray:
    return np.linspace(0, 1, rows * columns, dtype=np.float32).reshape(rows, columns)


def _map(
    values: FloatArray, box: tuple[int, int, int, int], scale_max: float = 1.0
) -> ContributionMap:
    return ContributionMap(
        label="COVID-19",
        layer="features",
        method="Grad-CAM",
        values=values,
        scale_max=scale_max,
        box=box,
        lung_share=None,
    )


def _decoded(content: bytes) -> ByteArray:
    with Image.open(io.BytesIO(content)) as picture:
        picture.verify()
    with Image.open(io.BytesIO(content)) as picture:
        return np.asarray(picture)


def test_the_film_alone_decodes_to_its_own_greys() -> None:
    film = _film()
    decoded = _decoded(film_png(film))
    assert decoded.dtype == np.uint8
    np.testing.assert_array_equal(decoded, np.round(film * 255))


def test_values_outside_display_range_are_clipped_not_wrapped() -> None:
    assert _decoded(film_png(np.array([[-0.5, 1.5]], np.float32))).tolist() == [[0, 255]]


@pytest.mark.parametrize(("rows", "columns"), [(2048, 1024), (1024, 2048), (3000, 1)])
def test_a_large_film_is_shrunk_to_1024_on_the_long_side(rows: int, columns: int) -> None:
    grey = backdrop(np.zeros((rows, columns), np.float32)).grey
    assert max(grey.shape) == LONGEST_SIDE_PX
    assert grey.shape == (
        max(1, round(rows * 1024 / max(rows, columns))),
        max(1, round(columns * 1024 / max(rows, columns))),
    )


def test_a_full_map_shows_the_top_color_inside_its_box_and_the_film_outside() -> None:
    film = _film()
    decoded = _decoded(
        overlay_png(film, _map(np.ones((2, 2), np.float32), (10, 5, 30, 25)), opacity=1.0)
    )
    inside = np.zeros((60, 40), bool)
    inside[10:30, 5:25] = True
    assert (decoded[inside] == colormap_table("inferno")[255]).all()
    grey = np.round(film * 255).astype(np.uint8)
    np.testing.assert_array_equal(decoded[~inside], np.repeat(grey[~inside][:, None], 3, axis=1))


def test_half_opacity_is_the_mean_of_film_and_color() -> None:
    film = np.full((4, 4), 100 / 255, np.float32)
    decoded = _decoded(
        overlay_png(film, _map(np.ones((1, 1), np.float32), (0, 0, 4, 4)), opacity=0.5)
    )
    expected = np.round((100 + colormap_table("inferno")[255].astype(float)) / 2)
    np.testing.assert_array_equal(decoded[0, 0], expected)


@pytest.mark.parametrize("value", [0.0, -3.0, float("nan")])
def test_zero_negative_and_unknown_contributions_leave_the_film_as_it_is(value: float) -> None:
    film = _film()
    decoded = _decoded(overlay_png(film, _map(np.full((3, 3), value, np.float32), (0, 0, 60, 40))))
    np.testing.assert_array_equal(decoded[..., 0], np.round(film * 255))
    np.testing.assert_array_equal(decoded[..., 0], decoded[..., 2])


def test_the_same_values_get_the_same_color_whatever_else_is_in_the_image() -> None:
    film = backdrop(np.zeros((40, 40), np.float32))
    faint = np.zeros((4, 4), np.float32)
    faint[0, 0] = 0.3
    with_strong = faint.copy()
    with_strong[3, 3] = 1.0
    one = paint(film, _map(faint, (0, 0, 40, 40)), colormap="viridis", opacity=1.0)
    two = paint(film, _map(with_strong, (0, 0, 40, 40)), colormap="viridis", opacity=1.0)
    np.testing.assert_array_equal(one[:15, :15], two[:15, :15])


def test_a_box_past_the_film_shows_only_the_part_on_the_film() -> None:
    film = np.zeros((20, 20), np.float32)
    values = np.array([[0.0, 0.0], [0.0, 1.0]], np.float32)  # the last cell covers the film
    decoded = _decoded(overlay_png(film, _map(values, (-20, -20, 20, 20)), opacity=1.0))
    assert (decoded[10:, 10:] == colormap_table("inferno")[255]).all()
    brightness = decoded.astype(int).sum(axis=2)
    assert brightness[0, 0] < brightness[5, 5] < brightness[10, 10]


@pytest.mark.parametrize("box", [(30, 0, 40, 20), (0, 20, 20, 30), (5, 5, 5, 9), (-9, 0, 0, 20)])
def test_a_box_with_no_pixel_on_the_film_colors_nothing(box: tuple[int, int, int, int]) -> None:
    film = np.full((20, 20), 0.5, np.float32)
    decoded = _decoded(overlay_png(film, _map(np.ones((2, 2), np.float32), box)))
    assert (decoded == 128).all()


def test_the_box_keeps_its_place_on_a_film_that_was_shrunk() -> None:
    film = np.zeros((2048, 2048), np.float32)
    content = overlay_png(film, _map(np.ones((1, 1), np.float32), (1024, 0, 2048, 512)))
    colored = _decoded(content).sum(axis=2) > 0
    assert colored[512:, :256].all()
    assert not colored[:512].any()
    assert not colored[:, 256:].any()


def test_the_lungs_are_outlined_by_one_pixel() -> None:
    mask = np.zeros((20, 20), bool)
    mask[5:15, 6:12] = True
    decoded = _decoded(
        overlay_png(
            backdrop(np.zeros((20, 20), np.float32), mask),
            _map(np.zeros((1, 1), np.float32), (0, 0, 20, 20)),
        )
    )
    drawn = decoded.any(axis=2)
    inner = np.zeros((20, 20), bool)
    inner[6:14, 7:11] = True
    np.testing.assert_array_equal(drawn, mask & ~inner)


def test_the_color_bar_is_printed_beside_the_film_and_runs_from_zero_up() -> None:
    film = np.zeros((200, 100), np.float32)
    decoded = _decoded(
        overlay_png(
            film,
            _map(np.zeros((1, 1), np.float32), (0, 0, 9, 9), scale_max=2.5),
            color_bar=True,
        )
    )
    assert decoded.shape[0] == 200
    assert decoded.shape[1] > 100
    assert not decoded[:, :100].any()
    bar = decoded[:, 100 + 20].astype(int).sum(axis=1)
    top, bottom = np.flatnonzero(bar)[[0, -1]]
    assert bar[top] > bar[(top + bottom) // 2] > bar[bottom]
    assert (decoded[:, 136:] == 255).any()  # the numbers


def test_a_film_lower_than_the_color_bar_still_gets_a_picture() -> None:
    film = np.zeros((8, 8), np.float32)
    one = _map(np.ones((1, 1), np.float32), (0, 0, 8, 8))
    assert _decoded(overlay_png(film, one, color_bar=True)).shape[0] == 8


@pytest.mark.parametrize("opacity", [-0.1, 1.1, float("nan")])
def test_an_opacity_outside_zero_to_one_is_refused(opacity: float) -> None:
    with pytest.raises(SettingError, match=r"overlay opacity of .* expected 0 to 1"):
        overlay_png(_film(), _map(np.ones((1, 1), np.float32), (0, 0, 9, 9)), opacity=opacity)


def test_the_bar_picture_is_the_table_from_zero_to_the_top() -> None:
    np.testing.assert_array_equal(_decoded(color_bar_png("magma"))[0], colormap_table("magma"))


def test_neither_film_nor_map_is_changed() -> None:
    film, values = _film(), np.ones((2, 2), np.float32)
    film_before, values_before = film.copy(), values.copy()
    overlay_png(film, _map(values, (0, 0, 60, 40)))
    np.testing.assert_array_equal(film, film_before)
    np.testing.assert_array_equal(values, values_before)


@pytest.mark.parametrize("is_anomaly", [True, False])
def test_opacity_rises_with_the_value_up_to_half_of_the_scale(is_anomaly: bool) -> None:
    film = backdrop(np.zeros((8, 8), np.float32))

    def painted(value: float) -> ByteArray:
        values, box = np.full((2, 2), value, np.float32), (0, 0, 8, 8)
        one: FilmMap = _map(values, box, scale_max=4.0)
        if is_anomaly:
            one = AnomalyMap(values=values, scale_max=4.0, box=box, lung_share=None, lung_mean=None)
        made: ByteArray = paint(film, one, colormap="inferno", opacity=1.0)[4, 4]
        return made

    table = colormap_table("inferno").astype(float)
    np.testing.assert_array_equal(painted(0.0), [0, 0, 0])
    np.testing.assert_array_equal(painted(4.0), table[255])
    np.testing.assert_allclose(painted(1.0), table[64] / 2, atol=3)  # a quarter: half as opaque
    np.testing.assert_allclose(painted(2.2), table[round(2.2 / 4 * 255)], atol=3)
