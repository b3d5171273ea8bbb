"""A model card in the reader's language: cards are written in English, and stay so in bundles."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Final

from thoracle.core.languages import ENGLISH, Language
from thoracle.reporting.analysis_texts import LABEL_TITLES
from thoracle.reporting.card_texts import SCOPE_TEXTS

_BORDER: Final = re.compile(r"(?<!\\)\|")
_SENTENCE_END: Final = re.compile(r"(?<=\.) ")
_DECIMAL: Final = re.compile(  # no version: 1.2.0
    r"(?<![\w.])(?<![A-Za-z]-)\d+\.\d+(?:e[+-]\d+)?(?!\w|\.\w)"
)
_NO_WORD: Final = re.compile(r"[^A-Za-z]*(?:, n \d+)?")
_LICENSE: Final = re.compile(r"CC[ -][\w .-]+")  # its number is part of its name
_LABELS: Final = re.compile("|".join(map(re.escape, LABEL_TITLES)))
_SCOPE: Final = SCOPE_TEXTS["scope"].partition("{")[0]
_NARROWED: Final = {key: SCOPE_TEXTS[key] for key in ("sources", "sites", "populations")}


def card_in(markdown: str, language: Language) -> str:
    """Return a model card in a language; English is returned as it is.

    Parameters
    ----------
    markdown
        From `model_card`, or of the same form: headings, paragraphs, points and tables.
    language
        To show it in. What its catalogue does not know stays English.

    Returns
    -------
    str
        The same Markdown with wrapped lines joined: as many headings, points, rows and cells.
    """
    if language.code == ENGLISH:
        return markdown
    phrase = cache(lambda text: _phrase(text, language))
    return "\n".join(_line(one, phrase) for one in _joined(markdown.split("\n")))


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Yield headings, table rows, and whole paragraphs and points."""
    held: list[str] = []
    for line in lines:
        if held and (not line.strip() or line.startswith(("#", "|", "- "))):
            yield " ".join(held)
            held = []
        if not line.strip() or line.startswith(("#", "|")):
            yield line
        else:
            held.append(line.strip())
    if held:
        yield " ".join(held)


def _line(line: str, phrase: Callable[[str], str]) -> str:
    if line.startswith("|"):
        return "|".join(
            cell.replace(cell.strip(), phrase(cell.strip())) if cell.strip() else cell
            for cell in _BORDER.split(line)
        )
    mark, gap, text = line.partition(" ")
    if mark == "#":  # the bundle's name and version
        return line
    if mark == "-" or set(mark) == {"#"}:
        return f"{mark}{gap}{phrase(text)}"
    return phrase(line)


def _phrase(text: str, language: Language) -> str:
    """Translate a phrase of one or more sentences; names and codes stay what they are."""
    if _LICENSE.fullmatch(text):
        return text
    before, mark, scope = text.partition(_SCOPE)
    if mark:
        parts = [_narrowed(one, language) for one in scope.removesuffix(".").split("; ")]
        told = language(SCOPE_TEXTS["scope"], parts="; ".join(parts))
    else:
        told = ""
    said = before if _NO_WORD.fullmatch(before) else _sentences(before.rstrip(), language)
    whole = " ".join(one for one in (said, told) if one)
    whole = _LABELS.sub(lambda label: language(label[0]), whole)
    return _DECIMAL.sub(lambda number: language.number(number[0]), whole)


def _sentences(text: str, language: Language) -> str:
    """Translate sentence by sentence; one that is not known alone is tried with those after it."""
    said = []
    left = _SENTENCE_END.split(text)
    while left:
        taken, translated = 1, left[0]
        for count in range(1, len(left) + 1):
            english = " ".join(left[:count])
            found = language.sentence(english)
            if found != english:
                taken, translated = count, found
                break
        said.append(translated)
        left = left[taken:]
    return " ".join(said)


def _narrowed(part: str, language: Language) -> str:
    """Translate what narrows the films of an evaluation: "sites Spain, Italy", "all ages"."""
    kind, _, names = part.partition(" ")
    if kind not in _NARROWED:
        return language.sentence(part)
    listed = ", ".join(language.sentence(name) for name in names.split(", "))
    return language(_NARROWED[kind], names=listed)
