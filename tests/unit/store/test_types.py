"""What goes into the store is frozen, and its pictures start empty."""

from dataclasses import FrozenInstanceError

import pytest

from thoracle.core.results import FileResult
from thoracle.store.types import NewResult


def test_a_new_result_has_no_pictures_and_no_parent_unless_told(failed_result: FileResult) -> None:
    new = NewResult(result=failed_result)
    assert dict(new.pictures) == {}
    assert new.parent_id is None
    assert new.format is None


def test_a_new_result_cannot_be_changed_and_its_default_pictures_neither(
    failed_result: FileResult,
) -> None:
    new = NewResult(result=failed_result)
    with pytest.raises(FrozenInstanceError):
        new.format = "PNG"  # type: ignore[misc]
    with pytest.raises(TypeError):
        new.pictures["film.png"] = b""  # type: ignore[index]
