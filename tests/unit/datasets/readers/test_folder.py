"""A folder per class: names become labels, a pattern names the patient, nothing is guessed."""

from pathlib import Path

import pytest

from thoracle.core.errors import ManifestError
from thoracle.datasets.labels import label_text
from thoracle.datasets.readers import folder


def _touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_class_folders_become_labels(tmp_path: Path) -> None:
    root = tmp_path / "clinic"
    _touch(root / "normal/7_a.png", root / "COVID-19/sub/8_b.jpg")
    films = folder.read(root, patient_pattern=None)
    assert [(film.source, film.label, film.patient) for film in films] == [
        ("clinic", "covid-19", None),
        ("clinic", "normal", None),
    ]
    assert films[0].label_origin == "folder COVID-19"


def test_a_pattern_names_patients_within_the_source(tmp_path: Path) -> None:
    root = tmp_path / "clinic"
    _touch(root / "normal/7_a.png", root / "viral/7_b.png", root / "viral/none.png")
    films = folder.read(root, patient_pattern=r"^(\d+)_")
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


def test_an_unknown_class_is_refused(tmp_path: Path) -> None:
    _touch(tmp_path / "cats/1.png")
    with pytest.raises(ManifestError, match='"cats" is no known class') as caught:
        folder.read(tmp_path, patient_pattern=None)
    assert caught.value.code == "label-unknown"


def test_an_image_beside_the_class_folders_is_refused(tmp_path: Path) -> None:
    _touch(tmp_path / "1.png")
    with pytest.raises(ManifestError, match="beside the class folders"):
        folder.read(tmp_path, patient_pattern=None)


@pytest.mark.parametrize(("pattern", "why"), [("(", "no regular expression"), (r"\d", "no group")])
def test_a_pattern_without_a_group_is_refused(tmp_path: Path, pattern: str, why: str) -> None:
    _touch(tmp_path / "normal/1.png")
    with pytest.raises(ManifestError, match=why):
        folder.read(tmp_path, patient_pattern=pattern)
