"""A value that does not fit is told with its parameter and with what may stand there."""

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from thoracle.core.languages import language
from thoracle.core.results import Status
from thoracle.web.unfit import SHOWN, unfit_value


class _Asked(BaseModel):
    status: Status = Status.ANALYZED
    whose: Literal["mine"] = "mine"
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    text: Annotated[str, Field(max_length=3)] = ""
    since: date | None = None
    needed: str


def _said(**values: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        _Asked(**({"needed": "x"} | values))
    (error,) = caught.value.errors()
    return unfit_value({**error, "loc": ("query", *error["loc"])})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"status": "foo"}, "“foo” for status – expected one of analyzed, refused, failed."),
        ({"whose": "theirs"}, "“theirs” for whose – expected one of mine."),
        ({"limit": 0}, "“0” for limit – expected at least 1."),
        ({"limit": 501}, "“501” for limit – expected at most 500."),
        ({"limit": "many"}, "“many” for limit – expected a whole number."),
        ({"text": "long"}, "“long” for text – expected at most 3 characters."),
        ({"since": "never"}, "“never” for since – expected another value."),
    ],
)
def test_the_parameter_and_its_values_are_named(values: dict[str, Any], said: str) -> None:
    assert _said(**values) == f"Found {said} Correct it, then send it again."


def test_what_is_missing_is_nothing() -> None:
    with pytest.raises(ValidationError) as caught:
        _Asked()  # type: ignore[call-arg]
    text = unfit_value(caught.value.errors()[0])
    assert text.startswith("Found nothing for needed – expected a value.")


def test_a_long_value_is_cut() -> None:
    assert f"“{'x' * SHOWN}…”" in _said(status="x" * 1000)


def test_it_is_said_in_portuguese_too() -> None:
    said = language("pt").sentence(_said(status="foo"))
    assert said == (
        "“foo” em status – esperava-se um destes: analyzed, refused, failed. Corrija e envie de "
        "novo."
    )
