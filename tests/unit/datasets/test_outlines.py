"""Boxes that readers drew, as NIH's table has them."""

import os
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import ManifestError
from thoracle.datasets.outlines import Outline, read_outlines, region_of

HEAD = "Image Index,Finding Label,Bbox [x,y,w,h],,,\n"


def test_boxes_are_read_in_shares_of_the_original_by_film(tmp_path: Path) -> None:
    table = tmp_path / "boxes.csv"
    table.write_text(HEAD + "1_0.png,Mass,512,256,128,64\n1_0.png,Nodule,0,0,1024,1024\n")
    found = read_outlines(table)
    assert list(found) == ["1_0"]
    first, second = found["1_0"]
    assert first == Outline(finding="Mass", left=0.5, top=0.25, width=0.125, height=0.0625)
    assert (second.finding, second.width, second.height) == ("Nodule", 1, 1)


def test_a_region_covers_the_boxes_on_the_films_own_grid() -> None:
    one = Outline(finding="Mass", left=0.5, top=0.25, width=0.25, height=0.5)
    region = region_of((one,), rows=40, columns=20)
    expected = np.zeros((40, 20), bool)
    expected[10:30, 10:15] = True
    np.testing.assert_array_equal(region, expected)


@pytest.mark.parametrize("row", ["1_0.png,Mass,a,b,c,d", "1_0.png", ""])
def test_a_table_without_boxes_says_what_was_expected(tmp_path: Path, row: str) -> None:
    table = tmp_path / "boxes.csv"
    table.write_text(HEAD + row + "\n")
    if not row:
        table = tmp_path / "none.csv"
    with pytest.raises(ManifestError, match=r"expected NIH's BBox_List_2017\.csv"):
        read_outlines(table)


def test_the_real_table_has_fifty_boxes_on_forty_six_films() -> None:
    data = os.environ.get("THORACLE_DATA")
    if data is None:
        pytest.skip("THORACLE_DATA is not set: the collections are not here")
    found = read_outlines(Path(data) / "cxr" / "nih" / "BBox_List_2017.csv")
    assert len(found) == 46
    assert sum(len(one) for one in found.values()) == 50
    assert all(one.left + one.width <= 1.001 for boxes in found.values() for one in boxes)
