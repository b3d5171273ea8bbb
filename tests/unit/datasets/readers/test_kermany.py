"""Kermany's children: one number is one child, in the flat and in the published layout."""

from pathlib import Path

import pytest

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Film, Population
from thoracle.datasets.readers import kermany

NAMES = {
    "NORMAL/IM-0115-0001.jpg": ("kermany:im115", "normal"),
    "NORMAL/NORMAL2-IM-0115-0001-0002.jpg": ("kermany:im115", "normal"),
    "NORMAL/NORMAL-28501-0001.jpeg": ("kermany:serial28501", "normal"),
    "NORMAL/other.jpg": (None, "normal"),
    "PNEUMONIA/person10_bacteria_43.jpg": ("kermany:person10", "bacterial"),
    "PNEUMONIA/person10_virus_35.jpg": ("kermany:person10", "viral"),
    "PNEUMONIA/person1_virus_6_2.jpg": ("kermany:person1", "viral"),
    "PNEUMONIA/BACTERIA-28501-0001.jpeg": ("kermany:serial28501", "bacterial"),
    "PNEUMONIA/unnamed.jpg": (None, "bacterial|other|viral"),
}


def _write(folder: Path, names: list[str]) -> dict[str, Film]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return {Path(film.path).relative_to(folder).as_posix(): film for film in kermany.read(folder)}


def test_patients_and_labels_come_from_folder_and_name(tmp_path: Path) -> None:
    films = _write(tmp_path, list(NAMES))
    assert {name: (film.patient, film.label) for name, film in films.items()} == NAMES


def test_every_film_is_a_child_of_unknown_age(tmp_path: Path) -> None:
    film = _write(tmp_path, ["NORMAL/IM-0115-0001.jpg"])["NORMAL/IM-0115-0001.jpg"]
    assert (film.age_years, film.population) == (None, Population.CHILD)
    assert "1 to 5" in (film.note or "")


def test_the_table_of_the_papers_split_and_masks_are_kept(tmp_path: Path) -> None:
    (tmp_path / "official_split.csv").write_text(
        "file,class,split\nIM-0001-0001,NORMAL,test_or_val\n"
    )
    (tmp_path / "lung_masks").mkdir()
    (tmp_path / "lung_masks/IM-0001-0001.png").write_bytes(b"x")
    films = _write(tmp_path, ["NORMAL/IM-0001-0001.jpg", "NORMAL/IM-0003-0001.jpg"])
    first, second = films["NORMAL/IM-0001-0001.jpg"], films["NORMAL/IM-0003-0001.jpg"]
    assert (first.official_split, second.official_split) == ("test_or_val", None)
    assert first.mask_path == str(tmp_path / "lung_masks/IM-0001-0001.png")
    assert second.mask_path is None


def test_the_published_layout_tells_the_split_by_its_folders(tmp_path: Path) -> None:
    films = _write(
        tmp_path,
        [
            "chest_xray/train/NORMAL/IM-0115-0001.jpeg",
            "chest_xray/test/PNEUMONIA/person3_virus_1.jpeg",
            "chest_xray/val/NORMAL/NORMAL2-IM-1427-0001.jpeg",
            "__MACOSX/chest_xray/val/NORMAL/._NORMAL2-IM-1427-0001.jpeg",
        ],
    )
    assert sorted(film.official_split or "" for film in films.values()) == [
        "test_or_val",
        "test_or_val",
        "train",
    ]


def test_a_folder_without_the_two_classes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(ManifestError, match="folders called NORMAL and PNEUMONIA"):
        kermany.read(tmp_path)


def test_the_real_collection_is_read_whole(data_folder: Path) -> None:
    films = kermany.read(data_folder / "cxr" / "kermany")
    assert len(films) == 5856
    assert sum(film.mask_path is not None for film in films) == 4828
    assert all(film.patient for film in films)
    assert sum(film.official_split == "test_or_val" for film in films) == 640
