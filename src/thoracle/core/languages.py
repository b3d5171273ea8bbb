"""The languages of pages, reports and errors: texts by table, finished sentences by their pattern.

Everything is written in English where it belongs, and stays English in what is stored. A
catalogue (gettext's PO form, read by Babel) holds each sentence with its places, `{limit}` or
`{0}`; a finished sentence is recognized by that pattern, and what was filled in is carried over.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Final

ENGLISH: Final = "en"
PORTUGUESE: Final = "pt"
LANGUAGES: Final[Mapping[str, str]] = MappingProxyType(
    {ENGLISH: "English", PORTUGUESE: "Português"}
)
"""Codes (BCP 47) and how each language calls itself."""

_PLACE: Final = re.compile(r"\{[A-Za-z0-9_]*\}")
_LETTER: Final = re.compile(r"[^\W\d_]")
_NUMBER: Final = re.compile(r"[+-]?\d+\.\d+( ?%)?")
_QUALITY: Final = re.compile(r"q=([01](?:\.\d{1,3})?)")


class Language:
    """One language: translates what tables hold and what was said in English.

    Parameters
    ----------
    code
        One of `LANGUAGES`.
    catalogue
        English to the language; English needs none.
    """

    def __init__(self, code: str, catalogue: Mapping[str, str]) -> None:
        self.code = code
        self._catalogue = catalogue
        self._patterns = tuple(_patterns(catalogue))

    def __call__(self, text: str, **values: object) -> str:
        """Translate one text of a table and fill its places."""
        found = self._catalogue.get(text, text)
        return found.format(**values) if values else found

    def table(self, texts: Mapping[str, str]) -> Mapping[str, str]:
        """Translate a whole table of texts, places left open."""
        return {key: self(text) for key, text in texts.items()}

    def sentence(self, said: str) -> str:
        """Translate what was said, such as an error, line by line; the unknown stays English."""
        if self.code == ENGLISH:
            return said
        return "\n".join(self._line(one) for one in said.split("\n"))

    def _line(self, said: str) -> str:
        exact = self._catalogue.get(said)
        if exact is not None:
            return exact
        for pattern, translation in self._patterns:
            match = pattern.fullmatch(said)
            if match is not None:
                return _filled(translation, [self._value(part) for part in match.groups()])
        return said

    def number(self, printed: str) -> str:
        """Give a number printed with a decimal point the language's own sign."""
        return printed if self.code == ENGLISH else printed.replace(".", ",")

    def moment(self, when: datetime) -> str:
        """Print a time in UTC in the language's own order of day and month."""
        order = "%Y-%m-%d %H:%M UTC" if self.code == ENGLISH else "%d/%m/%Y %H:%M UTC"
        return when.strftime(order)

    def _value(self, part: str) -> str:
        return self.number(part) if _NUMBER.fullmatch(part) else self.sentence(part)


@lru_cache(maxsize=len(LANGUAGES))
def language(code: str) -> Language:
    """Return a language by its code; its catalogue is read once.

    Parameters
    ----------
    code
        One of `LANGUAGES`.

    Returns
    -------
    Language
        Ready to translate.

    Raises
    ------
    KeyError
        There is no such language.
    """
    if code not in LANGUAGES:
        raise KeyError(code)
    return ENGLISH_TEXTS if code == ENGLISH else Language(code, _read(code))


def preferred(accept_language: str) -> str:
    """Choose a language by a browser's Accept-Language (RFC 9110, 12.5.4); English by default.

    Parameters
    ----------
    accept_language
        The header's value, or anything: what cannot be read counts for nothing.

    Returns
    -------
    str
        One of `LANGUAGES`.
    """
    wished: list[tuple[float, str]] = []
    for part in accept_language.split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        code = name.lower().split("-")[0]
        found = _QUALITY.fullmatch(parameters[0].lower()) if parameters else None
        quality = 1.0 if not parameters else float(found[1]) if found else 0.0
        if code in LANGUAGES and quality > 0:
            wished.append((-quality, code))
    return min(wished, key=lambda one: one[0])[1] if wished else ENGLISH


def _read(code: str) -> dict[str, str]:
    from babel.messages.pofile import read_po

    path = resources.files("thoracle.core") / "catalogues" / f"{code}.po"
    with path.open("rb") as stream:
        catalogue = read_po(stream, locale=code)
    return {str(one.id): str(one.string) for one in catalogue if one.id and one.string}


def _patterns(catalogue: Mapping[str, str]) -> Iterator[tuple[re.Pattern[str], str]]:
    """Yield the sentences that have places as patterns, those with most fixed words first."""
    with_places = [text for text in catalogue if _PLACE.search(text)]
    for text in sorted(with_places, key=lambda one: -len(_PLACE.sub("", one))):
        fixed = _PLACE.split(text)
        if any(_LETTER.search(part) for part in fixed):  # "{0}, {1}" would fit anything
            pattern = "(.*?)".join(re.escape(part) for part in fixed)
            yield re.compile(pattern), _numbered(catalogue[text], text)


def _numbered(translation: str, text: str) -> str:
    """Name the places of a translation by their order in the English text."""
    names = list(dict.fromkeys(_PLACE.findall(text)))
    order = {name: f"{{{_PLACE.findall(text).index(name)}}}" for name in names}
    return _PLACE.sub(lambda place: order[place[0]], translation)


def _filled(translation: str, values: list[str]) -> str:
    return _PLACE.sub(lambda place: values[int(place[0][1:-1])], translation)


ENGLISH_TEXTS: Final = Language(ENGLISH, {})
"""The language everything is written in."""
