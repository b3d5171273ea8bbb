"""The slices' tables are matched with the files, and what belongs together gets one group."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thoracle.core.errors import ManifestError
from thoracle.core.progress import no_progress
from thoracle.datasets.ct_slices import group_slices, join, read_ct_slices


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two papers' slices, and two crawled; the tables write % where the files have _."""
    names = {
        "CT_COVID": ["2020.01.24.919183-p27-132", "2020.01.24.919183-p28-1_0", "PIIS0140_0"],
        "CT_NonCOVID": ["1_0", "2"],
    }
    rng = np.random.default_rng(0)
    for folder, stems in names.items():
        (tmp_path / folder).mkdir()
        for stem in stems:
            grey = rng.integers(0, 255, (40, 50), np.uint8)
            Image.fromarray(grey).save(tmp_path / folder / f"{stem}.jpg")
    (tmp_path / "COVID-CT-MetaInfo.csv").write_text(
        "\ufeffFile name,Patient ID,Age\n"
        "2020.01.24.919183-p27-132.png,Patient 1,4\n"
        "2020.01.24.919183-p28-1%0.png,Patient 2 ,5\n"
        "PIIS0140%0.png,Patient 3,6\n",
        encoding="utf-8",
    )
    (tmp_path / "NonCOVID-CT-MetaInfo.csv").write_text(
        ",image name,patient id\n0,1%0.jpg,crawled_1\n1,2.PNG,crawled_1\n", encoding="utf-8"
    )
    return tmp_path


def test_tables_and_files_are_matched(folder: Path) -> None:
    slices = read_ct_slices(folder)
    assert [one.is_covid for one in slices] == [True, True, True, False, False]
    assert [one.original_kind for one in slices] == ["png", "png", "png", "jpg", "png"]
    assert [one.patient for one in slices[1:4]] == [
        "CT_COVID/Patient 2", "CT_COVID/Patient 3", "CT_NonCOVID/crawled_1",
    ]  # fmt: skip
    assert [one.publication for one in slices] == [
        "2020.01.24.919183", "2020.01.24.919183", "PIIS0140", None, None,
    ]  # fmt: skip


def test_a_patient_a_publication_or_a_link_joins_through_any_chain(folder: Path) -> None:
    slices = read_ct_slices(folder)
    groups = join(slices, [])
    assert groups[0] == groups[1] == "2020.01.24.919183-p27-132.jpg"
    assert groups[3] == groups[4] == "1_0.jpg"
    assert len(set(groups)) == 3
    assert len(set(join(slices, [(1, 4), (4, 2)]))) == 1


def test_near_duplicates_are_one_group(folder: Path) -> None:
    rng = np.random.default_rng(3)
    coarse = Image.fromarray(rng.integers(0, 255, (24, 24), np.uint8)).resize((200, 200))
    coarse.save(folder / "CT_COVID" / "PIIS0140_0.jpg")
    coarse.resize((150, 150)).save(folder / "CT_NonCOVID" / "2.jpg", quality=80)
    slices = read_ct_slices(folder)
    groups = group_slices(slices, on_progress=no_progress)
    assert groups[2] == groups[4]
    assert groups[0] != groups[2]


def test_what_is_missing_is_named(folder: Path) -> None:
    (folder / "CT_NonCOVID" / "2.jpg").unlink()
    with pytest.raises(ManifestError, match="found no picture 2 in"):
        read_ct_slices(folder)
    (folder / "NonCOVID-CT-MetaInfo.csv").write_text("image name\n2.png\n", encoding="utf-8")
    with pytest.raises(ManifestError, match="without a column 'image name' or 'patient id'"):
        read_ct_slices(folder)
    (folder / "NonCOVID-CT-MetaInfo.csv").unlink()
    with pytest.raises(ManifestError, match="found no file"):
        read_ct_slices(folder)


@pytest.mark.skipif("THORACLE_DATA" not in os.environ, reason="needs THORACLE_DATA")
def test_the_collection_is_read_whole() -> None:
    slices = read_ct_slices(Path(os.environ["THORACLE_DATA"]) / "ct" / "covid_ct_slices")
    assert len(slices) == 746
    assert sum(one.is_covid for one in slices) == 349
    assert all(one.original_kind == "png" for one in slices if one.is_covid)
    assert all((one.publication is not None) == one.is_covid for one in slices)
