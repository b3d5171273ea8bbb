"""Errors carry one line for the user and a stable code."""

import re

import pytest

from thoracle.core import errors
from thoracle.core.errors import ImageError, ThoracleError

CLASSES = [
    one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, ThoracleError)
]


def test_an_error_reads_as_its_sentence() -> None:
    error = ImageError("The file is empty, but a PNG starts with 8 bytes. Send it again.")
    assert str(error) == error.text
    assert error.text.startswith("The file is empty")


def test_an_error_has_the_code_of_its_class_unless_told_otherwise() -> None:
    assert ImageError("x").code == "image"
    assert ImageError("x", code="too-many-pixels").code == "too-many-pixels"
    assert ImageError("x").code == "image", "one error's code must not stick to the class"


def test_one_except_clause_catches_them_all() -> None:
    with pytest.raises(ThoracleError):
        raise ImageError("x")


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_class_has_a_kebab_case_code_of_its_own(kind: type[ThoracleError]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.code)
    assert [one.code for one in CLASSES].count(kind.code) == 1
