"""Films, CT scans and breathing of a chart's patient, on the chart's own time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from thoracle.core.languages import Language
from thoracle.jobs.results import list_results
from thoracle.store.types import Search
from thoracle.web.pages.kept import line_of, recording_of, scan_of
from thoracle.web.services import Services

_LINES: Final = 200
_HOUR_S: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One result of another kind.

    Attributes
    ----------
    kind
        One of `kept.KINDS`.
    at
        Of the study where the installation keeps it, otherwise of the analysis.
    hours
        Since admission; None where nobody knows when that was.
    title, address
        What it says, and where it is shown.
    time
        As pages print it.
    """

    kind: str
    at: datetime
    hours: float | None
    title: str
    address: str
    time: str


def events_of(
    services: Services, patient: str | None, admitted_at: str, language: Language
) -> tuple[Event, ...]:
    """Return what else is kept of a patient.

    Parameters
    ----------
    services
        With the store.
    patient
        A pseudonym; None finds nothing, for nobody knows whose it is.
    admitted_at
        ISO 8601; without a time zone it is taken for UTC, as all kept times are.
    language
        Of the page.

    Returns
    -------
    tuple of Event
        In order of time, at most 200 of each kind.
    """
    if patient is None:
        return ()
    began = _moment(admitted_at)
    found = [
        _event(line, at, began) for line, at in _lines(services, Search(patient=patient), language)
    ]
    return tuple(sorted(found, key=lambda one: one.at))


def _lines(
    services: Services, search: Search, language: Language
) -> Iterator[tuple[dict[str, object], datetime]]:
    store = services.store
    for film in list_results(store, limit=_LINES, search=search):
        yield line_of(film, language), film.created_at
    for scan in store.scans.list_scans(_LINES, search=search):
        studied = _day(scan.study_date)
        yield scan_of(scan, language), scan.created_at if studied is None else studied
    for recording in store.recordings.list_recordings(_LINES, search=search):
        yield recording_of(recording, language), recording.created_at


def _event(line: dict[str, object], at: datetime, began: datetime | None) -> Event:
    said = f"{line['kind_title']}: {line['says'] or line['file']}"
    return Event(
        kind=str(line["kind"]),
        at=at,
        hours=None if began is None else (at - began).total_seconds() / _HOUR_S,
        title=said,
        address=str(line["address"]),
        time=str(line["time"]),
    )


def _moment(said: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _day(study_date: str | None) -> datetime | None:
    try:
        return datetime.strptime(study_date or "", "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
