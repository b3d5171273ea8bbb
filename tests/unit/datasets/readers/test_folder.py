"""A folder per class: names become labels, a pattern names the patient, nothing is guessed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Population
from thoracle.datasets.labels import label_text
from thoracle.datasets.readers import folder

Touch = Callable[..., None]
WriteDicom = Callable[..., Path]


def test_class_folders_become_labels(tmp_path: Path, touch: Touch) -> None:
    root = tmp_path / "clinic"
    touch(root / "normal/7_a.png", root / "COVID-19/sub/8_b.jpg")
    films = folder.read(root, patient_pattern=None).films
    assert [(film.source, film.label, film.patient) for film in films] == [
        ("clinic", "covid-19", None),
        ("clinic", "normal", None),
    ]
    assert films[0].label_origin == "folder COVID-19"


def test_files_are_told_by_their_bytes_and_what_is_no_film_is_counted(
    tmp_path: Path, touch: Touch
) -> None:
    touch(tmp_path / "normal/no-ending", tmp_path / "viral/film.gif", tmp_path / "viral/.hidden")
    touch(tmp_path / "lung_masks/mask.png")
    touch(tmp_path / "viral/a.png", tmp_path / "b.jpg", content=b"GIF89a")
    touch(tmp_path / "viral/notes.txt", content=b"notes")
    touch(tmp_path / "viral/nothing.png", content=b"")
    reading = folder.read(tmp_path, patient_pattern=None)
    found = [Path(film.path).relative_to(tmp_path).as_posix() for film in reading.films]
    assert found == ["normal/no-ending", "viral/film.gif"]
    assert reading.skipped == {"GIF": 2, "text": 1, "empty": 1}


def test_dicom_files_bring_what_their_headers_say(
    tmp_path: Path, touch: Touch, write_dicom: WriteDicom
) -> None:
    root = tmp_path / "clinic"
    tags = {"Modality": "CR", "PatientID": "A", "PatientAge": "009Y", "ViewPosition": "PA"}
    write_dicom(root / "viral/1", **tags, StudyDate="20200301")
    write_dicom(root / "viral/2.jpg", **tags, StudyDate="20200304")
    write_dicom(root / "viral/3", Modality="MR")
    reading = folder.read(root, patient_pattern=None)
    assert [film.study_offset_days for film in reading.films] == [0.0, 3.0]
    for film in reading.films:
        assert (film.patient, film.label, film.label_origin) == (
            "clinic:A",
            "viral",
            "folder viral",
        )
        assert (film.view, film.population) == ("PA", Population.CHILD)
    assert reading.skipped == {"DICOM of modality MR": 1}


def test_a_pattern_goes_before_the_patient_of_the_header(
    tmp_path: Path, write_dicom: WriteDicom
) -> None:
    root = tmp_path / "clinic"
    write_dicom(root / "viral/7_1", Modality="CR", PatientID="A")
    write_dicom(root / "viral/none", Modality="CR", PatientID="A")
    films = folder.read(root, patient_pattern=r"^(\d+)_").films
    assert [film.patient for film in films] == ["clinic:7", "clinic:A"]


@pytest.mark.parametrize("name", ["absent", "empty", "texts"])
def test_a_folder_without_films_is_refused_with_what_it_holds(
    tmp_path: Path, touch: Touch, name: str
) -> None:
    (tmp_path / "empty").mkdir()
    touch(tmp_path / "texts/normal/1.png", content=b"notes")
    what = "1 text" if name == "texts" else "nothing"
    with pytest.raises(ManifestError, match=rf"no film in .*{name} \(skipped: {what}\)"):
        folder.read(tmp_path / name, patient_pattern=None)


def test_a_pattern_names_patients_within_the_source(tmp_path: Path, touch: Touch) -> None:
    root = tmp_path / "clinic"
    touch(root / "normal/7_a.png", root / "viral/7_b.png", root / "viral/none.png")
    films = folder.read(root, patient_pattern=r"^(\d+)_").films
    assert [film.patient for film in films] == ["clinic:7", "clinic:7", None]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Normal", "normal"),
        ("No_Finding", "normal"),
        ("Viral Pneumonia", "viral"),
        ("COVID", "covid-19"),
        ("Lung_Opacity", "bacterial|other|viral"),
        ("pneumonia", "bacterial|covid-19|other|viral"),
        ("viral|other", "other|viral"),
        ("unlabeled", ""),
    ],
)
def test_class_names_in_use_are_known(name: str, label: str) -> None:
    assert label_text(folder.labels_of_class(name)) == label


def test_an_unknown_class_is_refused(tmp_path: Path, touch: Touch) -> None:
    touch(tmp_path / "cats/1.png")
    with pytest.raises(ManifestError, match='"cats" is no known class') as caught:
        folder.read(tmp_path, patient_pattern=None)
    assert caught.value.code == "label-unknown"


def test_an_image_beside_the_class_folders_is_refused(tmp_path: Path, touch: Touch) -> None:
    touch(tmp_path / "1.png")
    with pytest.raises(ManifestError, match="beside the class folders"):
        folder.read(tmp_path, patient_pattern=None)


@pytest.mark.parametrize(("pattern", "why"), [("(", "no regular expression"), (r"\d", "no group")])
def test_a_pattern_without_a_group_is_refused(
    tmp_path: Path, touch: Touch, pattern: str, why: str
) -> None:
    touch(tmp_path / "normal/1.png")
    with pytest.raises(ManifestError, match=why):
        folder.read(tmp_path, patient_pattern=pattern)
