"""Files of an archive under numbers in the caller's folder."""

from pathlib import Path

import pytest

from thoracle.core.errors import ImageError
from thoracle.imaging.members import Member, need_members, write_members


def test_files_are_written_under_numbers_whatever_they_are_called(tmp_path: Path) -> None:
    members = write_members([("../../a", b"1"), ("b", b"2")], tmp_path, files_max=2)
    assert [(one.name, one.path.read_bytes()) for one in members] == [
        ("../../a", b"1"),
        ("b", b"2"),
    ]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["0", "1"]


def test_too_many_files_none_and_no_room_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="more than 1 files"):
        write_members([("a", b"1"), ("b", b"2")], tmp_path, files_max=1)
    with pytest.raises(ImageError, match="holds no file"):
        need_members([])
    with pytest.raises(ImageError, match="cannot be unpacked here"):
        write_members([("a", b"1")], tmp_path / "nowhere", files_max=1)


def test_members_are_given_back_as_they_came(tmp_path: Path) -> None:
    one = Member(name="a", path=tmp_path)
    assert need_members([one]) == (one,)
