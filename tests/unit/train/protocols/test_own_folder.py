"""Any folder with a subfolder per class becomes a protocol."""

import shutil
from pathlib import Path

import pytest

from thoracle.core.errors import ManifestError
from thoracle.datasets.manifest import Manifest
from thoracle.train.architectures.build import Architecture
from thoracle.train.protocols.own_folder import protocol_of_folder, read_class_folder
from thoracle.train.protocols.protocol import Arm, Step


@pytest.fixture
def folder(toy_films: Manifest, tmp_path: Path) -> Path:
    for film in toy_films.films:
        target = tmp_path / "set" / film.label.replace("-19", "") / f"p{film.path}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(toy_films.resolve(film), target)
    (tmp_path / "set" / "notes.txt").write_text("no film")
    (tmp_path / "set" / "normal" / "table.csv").write_text("no film either")
    return tmp_path / "set"


def test_classes_are_the_subfolders_and_patients_come_from_the_name(folder: Path) -> None:
    read = read_class_folder(folder, patient_pattern=r"-(\d\d)$")
    assert read.classes == ("bacterial", "covid", "normal")
    assert len(read.manifest.films) == 60
    assert {film.patient for film in read.manifest.films} == {f"set:{n:02d}" for n in range(20)}
    assert read_class_folder(folder, patient_pattern=None).manifest.films[0].patient is None


def test_a_pattern_that_finds_nobody_is_refused_with_a_name_to_look_at(folder: Path) -> None:
    with pytest.raises(
        ManifestError, match=r"no patient in 60 of 60 file names .*'\^x\("
    ) as caught:
        read_class_folder(folder, patient_pattern=r"^x(\d+)")
    assert caught.value.code == "patient-pattern"
    assert ", for instance p" in caught.value.text


def test_a_folder_of_one_class_is_refused(folder: Path) -> None:
    for name in ("bacterial", "covid"):
        shutil.rmtree(folder / name)
    with pytest.raises(ManifestError, match="found 1 subfolders with films"):
        read_class_folder(folder, patient_pattern=None)


def test_its_protocol_has_the_folders_classes_and_shares(folder: Path) -> None:
    arm = Arm(
        name="vgg-16",
        size=32,
        network=Architecture(backbone="vgg-16"),
        steps=(Step(name="training", epochs=1, learning_rate=1e-3, batch=8),),
    )
    protocol = protocol_of_folder(
        read_class_folder(folder, patient_pattern=None), arm, test_share=0.25
    )
    assert protocol.class_names == ("bacterial", "covid", "normal")
    assert (protocol.shares.test, protocol.shares.tune) == (0.25, 0.1)
    assert protocol.shares.train == pytest.approx(0.65)
