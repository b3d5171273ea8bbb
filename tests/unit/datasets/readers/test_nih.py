"""NIH ChestX-ray14: opacity, no finding, or left unknown; both layouts; impossible ages."""

from pathlib import Path

import pytest

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Film, Population
from thoracle.datasets.labels import label_text
from thoracle.datasets.readers import nih

HEADER = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]\n"
)
ROWS = (
    "00000061_012.png,Edema|Effusion,12,61,77,M,AP,3056,2544,0.139,0.139\n"
    "00000129_000.png,No Finding,0,129,016Y,F,PA,2462,2991,0.143,0.143\n"
    "00000130_000.png,Mass,0,130,412,F,PA,2462,2991,0.143,0.143\n"
    "00000131_000.png,Mass,0,131,50,F,PA,2462,2991,0.143,0.143\n"
)


def _read(folder: Path, names: list[str]) -> dict[str, Film]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    (folder / "Data_Entry_2017.csv").write_text(HEADER + ROWS)
    return {Path(film.path).stem: film for film in nih.read(folder)}


@pytest.mark.parametrize(
    "names",
    [
        ["images/00000061_012.jpg", "images/00000129_000.jpg"],
        ["images_001/images/00000061_012.png", "images_012/images/00000129_000.png"],
    ],
)
def test_films_are_matched_by_stem_in_both_layouts(tmp_path: Path, names: list[str]) -> None:
    films = _read(tmp_path, names)
    assert set(films) == {"00000061_012", "00000129_000"}
    film = films["00000061_012"]
    assert (film.patient, film.age_years, film.sex, film.view) == ("nih:61", 77.0, "M", "AP")
    assert film.label == "bacterial|other|viral"
    assert film.label_origin == "mined from the report: Edema|Effusion"
    assert films["00000129_000"].population is Population.CHILD


def test_an_impossible_age_is_unknown(tmp_path: Path) -> None:
    film = _read(tmp_path, ["images/00000130_000.png"])["00000130_000"]
    assert (film.age_years, film.population) == (None, Population.UNKNOWN)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("No Finding", "normal"),
        ("Pneumonia", "bacterial|other|viral"),
        ("Mass|Infiltration", "bacterial|other|viral"),
        ("Consolidation", "bacterial|other|viral"),
        ("Cardiomegaly|Effusion", ""),
    ],
)
def test_other_findings_leave_the_label_unknown(text: str, label: str) -> None:
    assert label_text(nih.possible_labels(text)) == label


def test_an_image_without_a_row_keeps_its_patient(tmp_path: Path) -> None:
    films = _read(tmp_path, ["images/00030000_000.png", "images/extra.png"])
    assert films["00030000_000"].patient == "nih:30000"
    assert films["00030000_000"].label == ""
    assert films["extra"].patient is None


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"no Data_Entry_2017\*\.csv"):
        nih.read(tmp_path)


def test_the_real_collection_has_its_known_counts(data_folder: Path) -> None:
    films = nih.read(data_folder / "cxr" / "nih")
    assert len(films) == 1282
    labels = [film.label for film in films]
    assert (labels.count("normal"), labels.count("bacterial|other|viral"), labels.count("")) == (
        476,
        568,
        238,
    )
    assert sum(film.population is Population.CHILD for film in films) == 95
