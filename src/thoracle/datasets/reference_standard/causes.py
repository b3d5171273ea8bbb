"""From discharge codes and microbiology to the labels that stay possible; conflicts are named."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce

from thoracle.datasets.labels import COVID_19, UNKNOWN, Label, Labels

NOT_DONE = "not done"
NOTHING_FOUND = "negative"


class Conflict(StrEnum):
    """How the records of an admission contradict each other."""

    CODES = "codes of different causes"
    MICROBIOLOGY = "microbiology found what the codes exclude"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The labels that stay possible, and what contradicted what."""

    possible: Labels
    conflict: Conflict | None


def cause_of(coded: Iterable[Labels], found: Labels, *, is_covid_possible: bool) -> Cause:
    """Join what the codes leave possible with what microbiology found.

    Parameters
    ----------
    coded
        For each pneumonia code the labels that it leaves possible; at least one.
    found
        What any specimen of the admission showed; empty if none did.
    is_covid_possible
        False before COVID-19; then only a code that means nothing else keeps it.

    Returns
    -------
    Cause
        The common part of the codes; without one, all of the narrowest sets and a conflict. Then
        what microbiology found, if the codes allow all of it; else both and a conflict.
    """
    sets = {possible if is_covid_possible else _before_covid(possible) for possible in coded}
    common = reduce(frozenset.intersection, sets)
    if not common:
        narrowest = [one for one in sets if not any(other < one for other in sets)]
        return Cause(possible=frozenset().union(*narrowest) | found, conflict=Conflict.CODES)
    if found <= common:
        return Cause(possible=found or common, conflict=None)
    return Cause(possible=common | found, conflict=Conflict.MICROBIOLOGY)


def microbiology_text(results: Iterable[Labels]) -> str:
    """Return what an admission's specimens showed, as a covariate.

    Returns
    -------
    str
        "not done", "negative", or labels with "+" between, such as "bacterial+viral".
    """
    results = tuple(results)
    found = frozenset[Label]().union(*results)
    if found:
        return "+".join(sorted(found))
    return NOTHING_FOUND if results else NOT_DONE


def _before_covid(possible: Labels) -> Labels:
    return possible - COVID_19 or possible or UNKNOWN
