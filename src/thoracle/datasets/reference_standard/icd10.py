"""ICD-10 codes as hospitals write them, brought to one spelling, and what a plan says of them."""

import re
from collections.abc import Iterable
from typing import Final, Protocol, TypeVar

# One letter, a digit, a digit or letter, then up to four: WHO's and its national versions'.
_CODE: Final = re.compile(r"[A-Z][0-9][0-9A-Z][0-9A-Z]{0,4}")
# Dagger and asterisk of WHO, ! of ICD-10-GM, and the placeholder of a category (J18.-).
_MODIFIERS: Final = "†*+!-"


class _Meaning(Protocol):
    @property
    def code(self) -> str: ...


_M = TypeVar("_M", bound=_Meaning)


def plain_code(text: str) -> str | None:
    """Return a code in capitals, without dot, spaces and trailing dagger, asterisk, + ! or -.

    Returns
    -------
    str or None
        None for what is no ICD-10 code in form; whether it exists is not asked.

    Examples
    --------
    >>> plain_code(" j18.9 *")
    'J189'
    """
    plain = "".join(text.upper().split()).rstrip(_MODIFIERS)
    head, dot, tail = plain.partition(".")
    if dot and (len(head) != 3 or "." in tail):
        return None
    plain = head + tail
    return plain if _CODE.fullmatch(plain) else None


def dotted(code: str) -> str:
    """Return a plain code as it is printed: J189 becomes J18.9."""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


def meaning_of(code: str, meanings: Iterable[_M]) -> _M | None:
    """Return the meaning whose code is the longest beginning of a plain code, None without one."""
    fitting = [one for one in meanings if code.startswith(one.code)]
    return max(fitting, key=lambda one: len(one.code), default=None)


def is_cut_short(code: str, meanings: Iterable[_Meaning]) -> bool:
    """Say whether digits are missing that would decide: J10 may be J10.0, a pneumonia, or not."""
    meanings = tuple(meanings)
    if meaning_of(code, meanings) is not None:
        return False
    return any(one.code.startswith(code) for one in meanings)
