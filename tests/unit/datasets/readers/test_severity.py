"""Readers' scores are matched by file stem, missing ones stay unknown, wrong ones are refused."""

from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest, read_manifest
from thoracle.datasets.readers.severity import (
    BRIXIA_TABLE,
    EXTENT_TABLE,
    ReaderScores,
    read_severity,
    severity_folder,
)
from thoracle.evaluation.scores import correlation, mean_absolute_difference

HEAD = "filename,S-A,S-B,S-C,S-D,S-E,S-F,S-Global,J-A,J-B,J-C,J-D,J-E,J-F,J-Global\n"


def write_tables(folder: Path, brixia: str = "", extent: str = "") -> None:
    (folder / BRIXIA_TABLE).write_text(HEAD + brixia, encoding="utf-8-sig")
    notes = (
        "## Scores (mean of 3),,\n## License: CC BY-SA,,\nfilename,geographic_mean,opacity_mean\n"
    )
    (folder / EXTENT_TABLE).write_text(notes + extent, encoding="utf-8")


def manifest_of(folder: Path, *names: str) -> Manifest:
    films = tuple(Film(path=f"cohen/images/{one}", source="cohen") for one in names)
    return Manifest(films=films, root=folder)


def test_scores_are_matched_by_stem_whatever_the_ending(tmp_path: Path) -> None:
    write_tables(tmp_path, "one.jpeg,3,2,1,0,1,2,9,3,3,1,0,0,2,9\n", "two.png,6.0,4.3\n")
    found = read_severity(tmp_path, manifest_of(tmp_path, "one.jpg", "two.jpg", "three.jpg"))
    assert [one.film.path for one in found] == ["cohen/images/one.jpg", "cohen/images/two.jpg"]
    assert found[0].zones.tolist() == [[3, 2, 1, 0, 1, 2], [3, 3, 1, 0, 0, 2]]
    assert found[0].mean_zones.tolist() == [3, 2.5, 1, 0, 0.5, 2]
    assert np.isnan(found[0].extent)
    assert (found[1].extent, found[1].opacity) == (6.0, 4.3)
    assert np.isnan(found[1].zones).all()


def test_a_missing_zone_is_unknown_and_not_zero(tmp_path: Path) -> None:
    write_tables(tmp_path, "one.jpg,3,,1,0,1,2,,3,3,1,0,0,2,9\n")
    (found,) = read_severity(tmp_path, manifest_of(tmp_path, "one.jpg"))
    assert np.isnan(found.mean_zones).tolist() == [False, True, False, False, False, False]


@pytest.mark.parametrize("cell", ["4", "-1", "x", "nan"])
def test_a_score_outside_its_range_is_refused(tmp_path: Path, cell: str) -> None:
    write_tables(tmp_path, f"one.jpg,{cell},0,0,0,0,0,0,0,0,0,0,0,0,0\n")
    with pytest.raises(ManifestError, match="expected a number from 0 to 3") as caught:
        read_severity(tmp_path, manifest_of(tmp_path, "one.jpg"))
    assert caught.value.code == "severity-scores"


def test_without_tables_or_films_there_is_nothing_to_learn_from(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="found neither"):
        read_severity(tmp_path, manifest_of(tmp_path, "one.jpg"))
    write_tables(tmp_path, "one.jpg,3,2,1,0,1,2,9,3,3,1,0,0,2,9\n")
    with pytest.raises(ManifestError, match="no film of the manifest"):
        read_severity(tmp_path, manifest_of(tmp_path, "other.jpg"))
    nobody = Manifest(films=(Film(path="nih/a.png", source="nih"),), root=tmp_path)
    with pytest.raises(ManifestError, match="no film of source 'cohen'"):
        severity_folder(nobody)


def test_the_tables_lie_above_the_images(tmp_path: Path) -> None:
    assert severity_folder(manifest_of(tmp_path, "one.jpg")) == tmp_path / "cohen"


def test_the_real_tables_say_what_is_known_of_them(data_folder: Path) -> None:
    folder = data_folder / "cxr" / "cohen"
    films = tuple(
        Film(path=str(one), source="cohen") for one in sorted((folder / "images").iterdir())
    )
    found = read_severity(folder, Manifest(films=films, root=folder))
    totals = np.array([one.zones.sum(axis=1) for one in found])
    known = np.isfinite(totals).all(axis=1)
    assert known.sum() == 171
    assert np.isfinite([one.extent for one in found]).sum() == 93
    assert mean_absolute_difference(*totals[known].T) == pytest.approx(1.84, abs=0.005)
    assert correlation(*totals[known].T) == pytest.approx(0.88, abs=0.005)


def test_a_manifest_on_disk_is_read_like_one_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "manifest.csv"
    path.write_text("path,source\ncohen/images/one.jpg,cohen\n", encoding="utf-8")
    write_tables(tmp_path, "one.jpg,3,2,1,0,1,2,9,3,3,1,0,0,2,9\n")
    assert len(read_severity(tmp_path, read_manifest(path))) == 1


@pytest.mark.parametrize(("offset", "days"), [(3.0, 3.0), (None, np.nan), (-2.0, np.nan)])
def test_days_before_the_first_are_unknown(offset: float | None, days: float) -> None:
    film = Film(path="a.png", source="cohen", study_offset_days=offset)
    scores = ReaderScores(film=film, zones=np.zeros((2, 6)), extent=0.0, opacity=0.0)
    np.testing.assert_equal(scores.days, days)
