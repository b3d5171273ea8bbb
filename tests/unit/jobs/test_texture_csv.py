import csv
import math
from pathlib import Path

import pytest

from thoracle.core.results import Reason
from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.jobs.texture import MeasuredFile, TextureOptions
from thoracle.jobs.texture_csv import FACTS, TextureTableFile, table_columns
from thoracle.radiograph.texture import RegionTexture

GOOD = MeasuredFile(
    file="a.png",
    regions=tuple(
        RegionTexture(
            region=name, pixels=9, unit="px", features={"stat_mean": 1.5, "stat_var": math.nan}
        )
        for name in ("lungs", "altered")
    ),
    notes=tuple(Reason(code=code, text="x") for code in ("under-18", "no-lungs", "under-18")),
)
BAD = MeasuredFile(file="b.png", error=Reason(code="image", text="no film"))


def test_there_is_a_row_for_each_region_and_one_for_a_file_that_failed(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "t.csv"
    with TextureTableFile(path, (*FACTS, "stat_mean", "stat_var")) as table:
        table.add(GOOD)
        table.add(BAD)
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))

    assert [(row["file"], row["region"]) for row in rows] == [
        ("a.png", "lungs"),
        ("a.png", "altered"),
        ("b.png", ""),
    ]
    assert (rows[0]["stat_mean"], rows[0]["stat_var"]) == ("1.5", "")
    assert rows[0]["notes"] == "under-18 no-lungs"
    assert rows[2]["error"] == "image: no film"


def test_what_was_measured_before_an_interruption_is_kept_under_another_name(
    tmp_path: Path,
) -> None:
    path = tmp_path / "t.csv"

    def interrupted() -> None:
        with TextureTableFile(path, FACTS) as table:
            table.add(GOOD)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert not path.exists()
    assert len((tmp_path / "t.csv.partial").read_text().splitlines()) == 3


def test_columns_follow_what_is_measured() -> None:
    plain = TextureOptions(with_wavelets=False)
    films = table_columns(volumes=False, films=True, options=plain)
    volumes = table_columns(volumes=True, films=False, options=plain)

    assert "shape_area" in films
    assert "morph_volume" not in films
    assert "morph_volume" in volumes
    assert len(films) == len(set(films))


def test_bands_are_those_of_slices_or_of_volumes() -> None:
    deep = table_columns(volumes=True, films=False, options=TextureOptions())
    flat = table_columns(
        volumes=True, films=False, options=TextureOptions(aggregation=Aggregation.MERGED_2D)
    )
    film = table_columns(volumes=False, films=True, options=TextureOptions())

    assert "wavelet_hhh_ngt_strength" in deep
    assert "wavelet_hh_ngt_strength" not in deep
    assert {"wavelet_hh_ngt_strength"} <= set(flat) & set(film)
