"""A page of films with every map over them."""

import base64
import io
import re

import numpy as np
from PIL import Image

from thoracle.reporting.map_sheet import MappedFilm, map_sheet_html


def film(name: str, top: float) -> MappedFilm:
    region = np.zeros((40, 30), bool)
    region[10:20, 5:15] = True
    values = np.zeros((40, 30), np.float32)
    values[30:36, 20:26] = top
    return MappedFilm(
        name=name,
        pixels=np.full((40, 30), 0.4, np.float32),
        region=region,
        maps={"anomaly": values, "<occlusion>": values * np.float32(0.5)},
    )


def pictures(page: str) -> list[np.ndarray]:
    found = re.findall(r"data:image/png;base64,([^\"]+)", page)
    return [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(one))).convert("RGB")) for one in found
    ]


def test_each_film_stands_alone_and_under_each_map_on_one_scale() -> None:
    page = map_sheet_html([film("a", 2.0), film("b", 1.0)], colormap="inferno")
    alone, strong, *_, weak, _ = pictures(page)
    assert len(pictures(page)) == 6
    assert (alone[..., 0] == alone[..., 1]).all()
    assert tuple(strong[33, 23]) != tuple(weak[33, 23])
    assert tuple(strong[2, 2]) == tuple(alone[2, 2])
    assert "anomaly (0 to 1.99)" in page
    assert "&lt;occlusion&gt;" in page
    assert "keep it where they are kept" in page


def test_the_boxes_are_outlined() -> None:
    page = map_sheet_html([film("a", 2.0)], colormap="viridis")
    overlay = pictures(page)[1]
    assert tuple(overlay[10, 5]) == (120, 220, 255)
    assert tuple(overlay[15, 10]) != (120, 220, 255)


def test_without_films_there_is_an_empty_table() -> None:
    assert "<td>" not in map_sheet_html([], colormap="inferno")
