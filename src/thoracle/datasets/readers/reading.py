"""What a reader of a folder returns: its films, and how many files it left out and why."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from thoracle.datasets.film import Film


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedFilm:
    """A film and the day of its study, from which offsets are counted."""

    film: Film
    study_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Films of a folder; `skipped` counts the files that are no film, by what they are."""

    films: tuple[Film, ...]
    skipped: Mapping[str, int] = field(default_factory=dict)

    @property
    def skipped_text(self) -> str:
        """For instance "3 GIF, 1 text", the most frequent first; "nothing" for none."""
        ordered = sorted(self.skipped.items(), key=lambda item: (-item[1], item[0]))
        return ", ".join(f"{count} {what}" for what, count in ordered) or "nothing"


class SkippedFileError(Exception):
    """A file is no film; its text says what it is, in words under which it is counted."""


def read_each(paths: Iterable[Path], read_one: Callable[[Path], DatedFilm]) -> Reading:
    """Read files one by one and count those that are no film.

    Parameters
    ----------
    paths
        The files, in the order of the films.
    read_one
        From a file to its film; raises `SkippedFileError` for what is none.

    Returns
    -------
    Reading
        Each film with the days since its patient's first study among them.
    """
    dated: list[DatedFilm] = []
    skipped: Counter[str] = Counter()
    for path in paths:
        try:
            dated.append(read_one(path))
        except SkippedFileError as what:
            skipped[str(what)] += 1
    return Reading(films=_with_offsets(dated), skipped=dict(skipped))


def _with_offsets(dated: Iterable[DatedFilm]) -> tuple[Film, ...]:
    dated = tuple(dated)
    first: dict[str, date] = {}
    for one in dated:
        patient, day = one.film.patient, one.study_date
        if patient is not None and day is not None:
            first[patient] = min(day, first.get(patient, day))
    return tuple(replace(one.film, study_offset_days=_offset(one, first)) for one in dated)


def _offset(one: DatedFilm, first: Mapping[str, date]) -> float | None:
    start = first.get(one.film.patient or "")
    return float((one.study_date - start).days) if one.study_date and start else None
