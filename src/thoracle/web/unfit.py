"""A value that does not fit its parameter, in one sentence: what was found, what was expected."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from thoracle.web.texts import WEB

SHOWN: Final = 40
"""Signs of a value that are repeated; what is longer is cut."""

_EXPECTED: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "greater_than_equal": (WEB["expected_at_least"], "ge"),
        "less_than_equal": (WEB["expected_at_most"], "le"),
        "string_too_long": (WEB["expected_signs"], "max_length"),
        "int_parsing": (WEB["expected_whole"], ""),
        "int_type": (WEB["expected_whole"], ""),
        "int_from_float": (WEB["expected_whole"], ""),
        "day": (WEB["expected_day"], ""),
        "missing": (WEB["expected_some"], ""),
    }
)
"""By pydantic's type of an error: our words, and where the bound stands in its context."""

_QUOTED: Final = re.compile(r"'([^']*)'")


def unfit_value(error: Mapping[str, Any]) -> str:
    """Say what was found for a parameter, and what may stand there.

    Parameters
    ----------
    error
        One of pydantic's, with `loc`, `type`, `input` and, mostly, `ctx`.

    Returns
    -------
    str
        In English, from texts that a catalogue holds.
    """
    place, *names = (str(part) for part in error["loc"])
    return WEB["error_value"].format(
        found=WEB["found_nothing"] if error["type"] == "missing" else _shown(error["input"]),
        name=".".join(names) or place,
        expected=_expected(error["type"], error.get("ctx") or {}),
    )


def _expected(kind: str, context: Mapping[str, Any]) -> str:
    choices = _QUOTED.findall(str(context.get("expected", "")))
    if choices:
        return WEB["expected_one_of"].format(values=", ".join(choices))
    words, bound = _EXPECTED.get(kind, (WEB["expected_other"], ""))
    return words.format(limit=context.get(bound))


def _shown(found: object) -> str:
    text = str(found)
    return f"“{text[:SHOWN]}…”" if len(text) > SHOWN else f"“{text}”"
