"""Cohen's collection: diagnoses, dates, one person under two numbers, images without a row."""

from pathlib import Path

import pytest

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Film, Population
from thoracle.datasets.labels import label_text
from thoracle.datasets.readers import cohen

HEADER = (
    "patientid,offset,sex,age,finding,view,modality,date,location,filename,url,license,notes,\n"
)
ROWS = (
    '2,3,M,65,COVID-19,PA,X-ray,"January 25, 2020","Hanoi, Vietnam",a.jpeg,'
    "https://www.nejm.org/x,CC BY,ill,\n"
    "7,?,F,16,No Finding,L,X-ray,2016,,b.png,https://radiopaedia.org/y,,,\n"
    "285,30,M,64,Pneumonia,PA,X-ray,2015,Spain,c.jpg,,,,\n"
    "339,30,M,64,Pneumonia,PA,X-ray,2015,Spain,c.jpg,,,,\n"
    '339,,M,64,"COVID-19, ARDS",Axial,CT,2020,Spain,d.jpg,,,,\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    (tmp_path / "lung_masks").mkdir()
    for name in ("a.jpg", "b.png", "c.jpg", "d.jpg", "orphan.jpg"):
        (tmp_path / "images" / name).write_bytes(b"x")
    (tmp_path / "lung_masks/a.png").write_bytes(b"x")
    (tmp_path / "metadata.csv").write_text("\ufeff" + HEADER + ROWS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def films(folder: Path) -> dict[str, Film]:
    return {Path(film.path).stem: film for film in cohen.read(folder)}


def test_a_row_fills_a_film_though_the_ending_differs(films: dict[str, Film], folder: Path) -> None:
    assert films["a"] == Film(
        path=str(folder / "images/a.jpg"),
        source="cohen",
        patient="cohen:2",
        study_offset_days=3.0,
        view="PA",
        age_years=65.0,
        sex="M",
        label="covid-19",
        label_origin="metadata.csv finding: COVID-19",
        mask_path=str(folder / "lung_masks/a.png"),
        licence="CC BY",
        site="Vietnam",
        publisher="www.nejm.org",
        population=Population.ADULT,
    )


def test_an_unknown_country_leaves_the_publisher_as_site(films: dict[str, Film]) -> None:
    assert films["b"].site == films["b"].publisher == "radiopaedia.org"
    assert films["b"].population is Population.CHILD
    assert films["b"].study_offset_days is None
    assert films["b"].licence is None
    assert films["b"].view == "L"


def test_one_image_under_two_patients_makes_them_one_person(films: dict[str, Film]) -> None:
    assert films["c"].patient == films["d"].patient == "cohen:285"


def test_ct_figures_are_kept_with_their_modality(films: dict[str, Film]) -> None:
    assert (films["d"].modality, films["d"].view, films["d"].label) == ("CT", None, "covid-19")


def test_an_image_without_a_row_is_unknown(films: dict[str, Film]) -> None:
    orphan = films["orphan"]
    assert (orphan.patient, orphan.label, orphan.finding) == (None, "", None)
    assert orphan.label_origin == "no row in metadata.csv"


def test_images_beside_the_table_are_found_too(folder: Path) -> None:
    for path in (folder / "images").iterdir():
        path.rename(folder / path.name)
    (folder / "images").rmdir()
    assert len(cohen.read(folder)) == 5


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"metadata\.csv is missing"):
        cohen.read(tmp_path)


@pytest.mark.parametrize(
    ("finding", "date", "label"),
    [
        ("COVID-19", "2020", "covid-19"),
        ("COVID-19, ARDS", "2020", "covid-19"),
        ("SARS", "2003", "viral"),
        ("Influenza", "", "viral"),
        ("Streptococcus", "2015", "bacterial"),
        ("Mycoplasma Bacterial Pneumonia", "", "bacterial"),
        ("Pneumocystis", "", "other"),
        ("Lipoid", "", "other"),
        ("No Finding", "", "normal"),
        ("todo", "2020", ""),
        ("something new", "2020", ""),
        ("Pneumonia/Bacterial/Legionella", "", "bacterial"),
        ("Pneumonia/Viral/COVID-19", "", "covid-19"),
        ("Pneumonia", "2019", "bacterial|other|viral"),
        ("Pneumonia", "11/27/19", "bacterial|other|viral"),
        ("Pneumonia", "03/16/20", "bacterial|covid-19|other|viral"),
        ("Pneumonia", "January 22, 2020", "bacterial|covid-19|other|viral"),
        ("Pneumonia", "", "bacterial|covid-19|other|viral"),
        ("ARDS", "May 10, 2015", "bacterial|other|viral"),
        ("ARDS", "?", "bacterial|covid-19|other|viral"),
    ],
)
def test_a_diagnosis_keeps_what_is_still_possible(finding: str, date: str, label: str) -> None:
    assert label_text(cohen.possible_labels(finding, date)) == label


def test_the_real_collection_has_its_known_peculiarities(data_folder: Path) -> None:
    films = cohen.read(data_folder / "cxr" / "cohen")
    assert len(films) == 711
    assert sum(film.patient is None for film in films) == 12
    assert sum(film.mask_path is not None for film in films) == 415
    assert {film.modality for film in films} == {"X-ray", "CT"}
    assert not {"cohen:339", "cohen:340"} & {film.patient for film in films}
