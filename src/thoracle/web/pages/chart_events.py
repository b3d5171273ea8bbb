"""Films, CT scans and breathing of a chart's patient, on the chart's own time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from thoracle.core.languages import Language
from thoracle.jobs.results import list_results
from thoracle.reporting.chart_words import ChartWords
from thoracle.store.types import Search
from thoracle.web.pages.kept import line_of, recording_of, scan_of
from thoracle.web.services import Services
from thoracle.web.texts import WEB

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
        As pages print it, with what it is the time of.
    is_of_analysis
        Whether it stands at the time of its analysis: what it shows may be older.
    """

    kind: str
    at: datetime
    hours: float | None
    title: str
    address: str
    time: str
    is_of_analysis: bool


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
        _event(line, began, language)
        for line in _lines(services, Search(patient=patient), language)
    ]
    return tuple(sorted(found, key=lambda one: one.at))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A result as lists print it, when it was analyzed, and its day of study where that is kept."""

    printed: Mapping[str, object]
    analyzed: datetime
    study_date: str = ""


def _lines(services: Services, search: Search, language: Language) -> Iterator[_Line]:
    store = services.store
    for film in list_results(store, limit=_LINES, search=search):
        yield _Line(printed=line_of(film, language), analyzed=film.created_at)
    for scan in store.scans.list_scans(_LINES, search=search):
        yield _Line(
            printed=scan_of(scan, language),
            analyzed=scan.created_at,
            study_date=scan.study_date or "",
        )
    for recording in store.recordings.list_recordings(_LINES, search=search):
        yield _Line(printed=recording_of(recording, language), analyzed=recording.created_at)


def _event(line: _Line, began: datetime | None, language: Language) -> Event:
    printed, studied = line.printed, _day(line.study_date)
    at = line.analyzed if studied is None else studied
    time = language(WEB["ch_analyzed"], time=printed["time"])
    if studied is not None:
        day = ChartWords(language).moment(f"{studied:%Y-%m-%d}")
        time = language(WEB["ch_studied"], day=day)
    return Event(
        kind=str(printed["kind"]),
        at=at,
        hours=None if began is None else (at - began).total_seconds() / _HOUR_S,
        title=f"{printed['kind_title']}: {printed['says'] or printed['file']}",
        address=str(printed["address"]),
        time=time,
        is_of_analysis=studied is None,
    )


def _moment(said: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _day(study_date: str) -> datetime | None:
    try:
        return datetime.strptime(study_date, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
