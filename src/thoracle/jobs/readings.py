"""Keep what readers say, measure how they agree, and turn it into a manifest."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Final

from thoracle.core.errors import StoreError
from thoracle.core.files import write_atomically
from thoracle.datasets.film import Film
from thoracle.datasets.labels import WORDS, label_text
from thoracle.datasets.manifest import Manifest, write_manifest
from thoracle.evaluation.agreement import cohen_kappa
from thoracle.evaluation.estimate import Estimate
from thoracle.jobs.results import PIXELS_NAME
from thoracle.store.results import ResultStore
from thoracle.store.types import Mark, MarkKind, NewReading, Reading, StoredResult

SOURCE: Final = "readings"
MARKS_MAX: Final = 200
POINTS_MAX: Final = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How two readers agree on the findings of the films that both have read."""

    first: str
    second: str
    kappa: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export of readings wrote and left out.

    `without_consensus` films have no finding that most of their readers name, `without_film`
    no kept pixels, `without_label` a finding that training does not know.
    """

    films: int
    without_consensus: int
    without_film: int
    without_label: int


def save_reading(store: ResultStore, result_id: str, new: NewReading, *, now: datetime) -> str:
    """Keep one reading of a kept result.

    Parameters
    ----------
    store
        Open.
    result_id
        The result that was read.
    new
        Who says what.
    now
        With a time zone.

    Returns
    -------
    str
        The reading's id.

    Raises
    ------
    StoreError
        Nothing is said in it, or more is drawn than is kept.
    """
    says_something = (new.agrees, new.finding, new.comment.strip() or None)
    if all(one is None for one in says_something) and not new.marks:
        raise StoreError(
            "found an empty reading – expected agreement, a finding, a comment or a mark. Fill in "
            "one of them.",
            code="reading-empty",
        )
    if len(new.marks) > MARKS_MAX or sum(len(one.points) for one in new.marks) > POINTS_MAX:
        raise StoreError(
            f"found {len(new.marks)} marks – expected at most {MARKS_MAX} of {POINTS_MAX} points "
            "in all. Draw less.",
            code="reading-marks",
        )
    return store.readings.save(result_id, new, now=now)


def marks_of(said: Iterable[Mapping[str, object]]) -> tuple[Mark, ...]:
    """Read marks from JSON.

    Parameters
    ----------
    said
        Objects with `kind` ("box" or "stroke") and `points`, a list of [x, y], 0 to 1.

    Returns
    -------
    tuple of Mark
        In the order given.

    Raises
    ------
    StoreError
        A mark is of another form, or lies outside the film.
    """
    try:
        return tuple(_mark(one) for one in said)
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(
            "found a mark of another form – expected kind box or stroke and points of two numbers "
            "from 0 to 1. Draw it again.",
            code="reading-marks",
        ) from error


def _mark(said: Mapping[str, object]) -> Mark:
    kind, listed = MarkKind(str(said["kind"])), said["points"]
    if not isinstance(listed, list):
        raise TypeError
    points = tuple((float(x), float(y)) for x, y in listed)
    is_inside = all(0 <= value <= 1 for point in points for value in point)
    if not is_inside or len(points) < 2 or (kind is MarkKind.BOX and len(points) != 2):
        raise ValueError
    return Mark(kind=kind, points=points)


def reading_document(reading: Reading) -> dict[str, object]:
    """Turn a reading into JSON."""
    return {
        "id": reading.id,
        "result_id": reading.result_id,
        "created_at": reading.created_at.isoformat(),
        "reader": reading.reader,
        "agrees": reading.agrees,
        "finding": reading.finding,
        "comment": reading.comment,
        "marks": [
            {"kind": str(one.kind), "points": [list(point) for point in one.points]}
            for one in reading.marks
        ],
    }


def last_findings(
    readings: Iterable[Reading], tops: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Return what each reader last found on each film.

    Parameters
    ----------
    readings
        Oldest first.
    tops
        The likeliest finding of each result, which a reader who only agrees has found.

    Returns
    -------
    dict
        By result, then by reader. A reading without finding or agreement says nothing here.
    """
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for one in readings:
        said = one.finding or (tops.get(one.result_id) if one.agrees else None)
        if said:
            found[one.result_id][one.reader] = said
    return dict(found)


def agreements(store: ResultStore) -> tuple[Agreement, ...]:
    """Return Cohen's kappa of every two readers who have read a film in common."""
    readings = store.readings.everything()
    found = last_findings(readings, _tops(store, readings))
    names = sorted({name for by_reader in found.values() for name in by_reader})
    made = []
    for first, second in combinations(names, 2):
        both = [one for one in found.values() if first in one and second in one]
        if both:
            kappa = cohen_kappa([one[first] for one in both], [one[second] for one in both])
            made.append(Agreement(first=first, second=second, kappa=kappa))
    return tuple(made)


def consensus(by_reader: Mapping[str, str | None]) -> str | None:
    """Return the finding that more than half of the readers name, None where there is none.

    None is the word of a reader who disagrees and names no finding.
    """
    named = Counter(one for one in by_reader.values() if one is not None)
    finding, count = max(named.items(), key=lambda one: one[1], default=(None, 0))
    return finding if 2 * count > len(by_reader) else None


def export_readings(store: ResultStore, folder: Path) -> Exported:
    """Write the films that readers agree on, and a manifest of them that training reads.

    Parameters
    ----------
    store
        Open.
    folder
        Gets `manifest.csv` and the films, as kept: display pixels without identifiers.

    Returns
    -------
    Exported
        How many films, and why others were left out.
    """
    readings = store.readings.everything()
    found = _words(readings, _tops(store, readings))
    films: list[Film] = []
    left: Counter[str] = Counter()
    for result_id, by_reader in found.items():
        finding = consensus(by_reader)
        labels = None if finding is None else WORDS.get(finding.lower())
        stored = store.load(result_id)
        if finding is None:
            left["consensus"] += 1
        elif labels is None:
            left["label"] += 1
        elif PIXELS_NAME not in stored.picture_names:
            left["film"] += 1
        else:
            path = folder / "films" / f"{result_id}.png"
            write_atomically(path, store.picture(result_id, PIXELS_NAME))
            films.append(_film(stored, path, label_text(labels), readers=len(by_reader)))
    if films:
        write_manifest(Manifest(films=tuple(films), root=folder), folder / "manifest.csv")
    return Exported(
        films=len(films),
        without_consensus=left["consensus"],
        without_film=left["film"],
        without_label=left["label"],
    )


def _words(
    readings: Iterable[Reading], tops: Mapping[str, str]
) -> dict[str, dict[str, str | None]]:
    """Return what each reader last found on each film; None for one who only disagreed."""
    said = list(readings)
    words: dict[str, dict[str, str | None]] = {
        one.result_id: {} for one in said if one.finding or one.agrees is not None
    }
    for result_id, by_reader in last_findings(said, tops).items():
        words[result_id] = dict(by_reader)
    for one in said:
        if one.agrees is False:
            words[one.result_id].setdefault(one.reader, None)
    return {result_id: by_reader for result_id, by_reader in words.items() if by_reader}


def _film(stored: StoredResult, path: Path, label: str, *, readers: int) -> Film:
    patient = stored.summary.patient
    return Film(
        path=f"films/{path.name}",
        source=SOURCE,
        patient=None if patient is None else f"{SOURCE}:{patient}",
        label=label,
        label_origin=f"consensus of {readers} reader{'s' if readers > 1 else ''} in the web app",
        note=f"result {stored.summary.id}",
    )


def _tops(store: ResultStore, readings: Iterable[Reading]) -> dict[str, str]:
    ids = dict.fromkeys(one.result_id for one in readings)
    return {one: label for one in ids if (label := store.load(one).summary.top_label) is not None}
