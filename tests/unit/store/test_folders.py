"""A result's folder is whole or absent, and no name leads out of it."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from thoracle.core.errors import StoreError
from thoracle.core.files import write_atomically
from thoracle.store import folders as module
from thoracle.store.folders import (
    file_names,
    folders,
    read_file,
    remove_folder,
    remove_unknown,
    write_folder,
)

ID = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_files_are_written_read_listed_and_removed(tmp_path: Path) -> None:
    write_folder(tmp_path, ID, {"film.png": b"film", "maps.npz": b"maps"})
    assert read_file(tmp_path, ID, "film.png") == b"film"
    assert file_names(tmp_path, ID) == ("film.png", "maps.npz")
    remove_folder(tmp_path, ID)
    remove_folder(tmp_path, ID)
    assert file_names(tmp_path, ID) == ()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_half_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def full_disk(path: Path, content: bytes) -> None:
        if written:
            raise OSError(28, "No space left on device")
        written.append(path.name)
        write_atomically(path, content)

    monkeypatch.setattr(module, "write_atomically", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_folder(tmp_path, ID, {"film.png": b"1", "overlay-0.png": b"2"})
    assert written == ["film.png"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["", "../x.png", "a/b.png", "film.PNG", ".png", "film.png\n", "film.exe", "a.b.png"]
)
def test_a_name_that_could_lead_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="expected lower-case letters"):
        read_file(tmp_path, ID, name)
    with pytest.raises(StoreError, match="expected lower-case letters"):
        write_folder(tmp_path, ID, {name: b""})
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no file film.png") as caught:
        read_file(tmp_path, ID, "film.png")
    assert caught.value.code == "unknown-picture"


@pytest.mark.parametrize("call", [file_names, remove_folder])
def test_an_id_is_checked_before_it_becomes_a_path(tmp_path: Path, call: Any) -> None:
    with pytest.raises(StoreError, match="expected a result's id"):
        call(tmp_path, "../..")


def test_folders_tells_whole_from_half_written(tmp_path: Path) -> None:
    assert list(folders(tmp_path / "missing")) == []
    write_folder(tmp_path, ID, {})
    (tmp_path / f".staging-{ID}").mkdir()
    assert [(path.name, found) for path, found in folders(tmp_path)] == [
        (f".staging-{ID}", None),
        (ID, ID),
    ]


def test_old_folders_that_no_row_knows_go(tmp_path: Path) -> None:
    for name in ("known", "unknown", "young", ".staging-half"):
        (tmp_path / name).mkdir()
        if name != "young":
            os.utime(tmp_path / name, (0, 0))
    older = datetime(2020, 1, 1, tzinfo=UTC)
    assert remove_unknown(tmp_path, {"known"}, older_than=older) == 2
    assert sorted(one.name for one in tmp_path.iterdir()) == ["known", "young"]
