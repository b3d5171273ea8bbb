"""Films, CT scans, breathing recordings and charts in one list, the newest first."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from thoracle.core.languages import Language
from thoracle.core.results import Status
from thoracle.jobs.results import list_results
from thoracle.radiograph.trust import Verdict
from thoracle.reporting.analysis_texts import KIND_TITLES, STATUS_TITLES
from thoracle.store.chart_types import ChartLine
from thoracle.store.recording_types import RecordingLine
from thoracle.store.scan_types import Scan
from thoracle.store.types import ResultSummary, Search
from thoracle.web.pages.breathing import address_of, recording_line
from thoracle.web.pages.chart_lines import chart_address, chart_line
from thoracle.web.pages.ct_numbers import headline
from thoracle.web.services import Services
from thoracle.web.texts import WEB

FILM, SCAN, RECORDING, CHART = "film", "ct", "breathing", "chart"
KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        FILM: WEB["kind_film"],
        SCAN: WEB["kind_ct"],
        RECORDING: WEB["kind_breathing"],
        CHART: WEB["kind_chart"],
    }
)

SAID: Final[Mapping[str | None, str]] = MappingProxyType(
    {
        str(Verdict.ABSTAINS): WEB["history_abstains"],
        str(Verdict.UNDECIDED): WEB["history_undecided"],
    }
)


def kept_lines(
    services: Services,
    search: Search,
    language: Language,
    *,
    limit: int,
    before: str | None = None,
    kind: str = "",
) -> list[dict[str, Any]]:
    """Return what is kept of every kind, or of one, as lists print it.

    Parameters
    ----------
    services
        With the store.
    search
        What is wanted; what only films have finds films alone.
    language
        Of the page.
    limit
        At most this many.
    before
        Only what is older than this id; ids of all kinds rise with time.
    kind
        One of `KINDS`; anything else is all of them.

    Returns
    -------
    list of dict
        The newest first.
    """
    wanted = {kind} if kind in KINDS else set(KINDS)
    store = services.store
    asked: dict[str, Any] = {"before": before, "search": search}
    listed: dict[str, tuple[Callable[[], Iterable[Any]], Callable[..., dict[str, Any]]]] = {
        FILM: (partial(list_results, store, limit=limit, **asked), line_of),
        SCAN: (partial(store.scans.list_scans, limit, **asked), scan_of),
        RECORDING: (partial(store.recordings.list_recordings, limit, **asked), recording_of),
        CHART: (partial(store.charts.list_charts, limit, **asked), _chart_of),
    }
    lines = [
        printed(one, language)
        for name, (found, printed) in listed.items()
        if name in wanted
        for one in found()
    ]
    return sorted(lines, key=lambda one: str(one["id"]), reverse=True)[:limit]


def line_of(line: ResultSummary, language: Language) -> dict[str, object]:
    """Return one result as lists print it."""
    return {
        **_any(FILM, f"/results/{line.id}", language),
        "id": line.id,
        "time": language.moment(line.created_at),
        "file": line.file,
        "patient": line.patient,
        "status": str(line.status),
        "status_title": language(STATUS_TITLES[line.status]),
        "says": language(says(line)),
        "verdict": line.verdict,
        "risk": None if line.risk is None else language.number(f"{line.risk * 100:.1f}"),
        "width": 0 if line.risk is None else round(line.risk * 100, 1),
        "film": None if line.format is None else f"/results/{line.id}/thumb.png",
    }


def says(line: ResultSummary) -> str:
    """Return what a line of the list says: what is concluded, or what the picture is."""
    if line.verdict in SAID:
        return SAID[line.verdict]
    if line.status is Status.ANALYZED and line.top_label is not None:
        return line.top_label
    return "" if line.gate_kind is None else KIND_TITLES[line.gate_kind]


def scan_of(scan: Scan, language: Language) -> dict[str, object]:
    """Return one scan as lists print it."""
    title = language(WEB["ct_poi_short"])
    poi = headline(scan.newest, language)["poi"]
    return {
        **_any(SCAN, f"/ct/scans/{scan.id}", language),
        "id": scan.id,
        "time": language.moment(scan.created_at),
        "file": scan.file,
        "patient": scan.patient,
        "says": f"{title}: {poi}" if poi else "",
    }


def recording_of(one: RecordingLine, language: Language) -> dict[str, object]:
    """Return one recording as lists print it."""
    line = recording_line(one, language)
    unit = language(WEB["br_rate_short"])
    said = f"{line['rate']} {unit}"
    if one.facts.pattern is not None:
        said += f", {line['pattern']}"
    return {**_any(RECORDING, address_of(one.id), language), **line, "says": said}


def _chart_of(one: ChartLine, language: Language) -> dict[str, object]:
    line = chart_line(one, language)
    title = language(WEB["ch_risk"])
    said = "" if one.facts.risk is None else f"{title}: {line['risk']}"
    return {**_any(CHART, chart_address(one.id), language), **line, "says": said}


def _any(kind: str, address: str, language: Language) -> dict[str, object]:
    """Return what every line has, and what only films have."""
    return {
        "kind": kind,
        "kind_title": language(KINDS[kind]),
        "address": address,
        "status": "",
        "status_title": "",
        "verdict": None,
        "risk": None,
        "width": 0,
        "film": None,
    }
