"""Options that name what is written refuse what cannot be, and let the rest through."""

from pathlib import Path

import pytest

from thoracle.cli.outputs import file_to_write, folder_to_write
from thoracle.core.errors import SettingError


def test_what_can_be_written_is_the_option_s_value(tmp_path: Path) -> None:
    assert folder_to_write(tmp_path / "new") == tmp_path / "new"
    assert file_to_write(tmp_path / "new" / "a.png") == tmp_path / "new" / "a.png"


def test_an_option_not_given_is_not_checked() -> None:
    assert folder_to_write(None) is None
    assert file_to_write(None) is None


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note.txt").touch()
    with pytest.raises(SettingError):
        folder_to_write(tmp_path / "note.txt")
    with pytest.raises(SettingError):
        file_to_write(tmp_path)
