"""Where a command will write is tried before the work, and nothing is left of the trial."""

import tempfile
from pathlib import Path
from typing import Never

import pytest

from thoracle.core.errors import SettingError
from thoracle.core.outputs import need_writable_file, need_writable_folder


def test_a_folder_that_can_be_made_is_taken_and_not_left_behind(tmp_path: Path) -> None:
    need_writable_folder(tmp_path / "new" / "deep")
    need_writable_file(tmp_path / "other" / "out.json")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_keeps_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "film.png").touch()
    need_writable_folder(tmp_path / "empty")
    need_writable_folder(tmp_path)
    assert {one.name for one in tmp_path.iterdir()} == {"empty", "film.png"}


def test_a_file_is_no_folder_and_holds_none(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.touch()
    for folder in (note, note / "deep" / "er"):
        with pytest.raises(SettingError, match="no way to write into") as caught:
            need_writable_folder(folder)
        assert caught.value.code == "output-unwritable"


def test_a_folder_without_the_right_to_write_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_: object) -> Never:
        raise PermissionError

    monkeypatch.setattr(tempfile, "TemporaryFile", refused)  # root may write anywhere
    with pytest.raises(SettingError, match="Choose another"):
        need_writable_folder(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_a_file_to_write_must_not_be_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"found a folder at .* Add a name to it"):
        need_writable_file(tmp_path)
