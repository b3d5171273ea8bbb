"""The list of results, searched; and the worklist, by urgency."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from thoracle.core.languages import Language
from thoracle.core.results import Status
from thoracle.jobs.documents import results_csv
from thoracle.jobs.results import list_results
from thoracle.radiograph.trust import Verdict
from thoracle.reporting.analysis_texts import KIND_TITLES, LABEL_TITLES, STATUS_TITLES
from thoracle.store.types import Order, ResultSummary, Search
from thoracle.web.pages.asking import Asking, Spoken, Using
from thoracle.web.render import page
from thoracle.web.texts import WEB

router: Final = APIRouter(include_in_schema=False)

_PAGE_LINES: Final = 50
_WORKLIST_LINES: Final = 500
_CSV_LINES: Final = 100_000
MINE: Final = "mine"

Day = Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the form of the list asks for, as it stands in the address."""

    text: str = ""
    finding: str = ""
    status: str = ""
    since: str = ""
    until: str = ""
    whose: str = ""

    def search(self, visitor_name: str) -> Search:
        """Return what the store is asked; the last day is included."""
        return Search(
            text=self.text,
            finding=self.finding or None,
            status=Status(self.status) if self.status in set(Status) else None,
            since=_midnight(self.since, days=0),
            until=_midnight(self.until, days=1),
            owner=visitor_name if self.whose == MINE else None,
        )

    def query(self, **more: str) -> str:
        """Return the same wishes as part of an address."""
        given = {name: getattr(self, name) for name in self.__slots__} | more
        return urlencode({name: value for name, value in given.items() if value})


def wanted(
    text: Annotated[str, Query(max_length=200)] = "",
    finding: Annotated[str, Query(max_length=200)] = "",
    status: Annotated[str, Query(max_length=16)] = "",
    since: Day = "",
    until: Day = "",
    whose: Annotated[str, Query(max_length=8)] = "",
) -> Wanted:
    """Read the form of the list."""
    return Wanted(text=text, finding=finding, status=status, since=since, until=until, whose=whose)


@router.get("/results")
def history_page(
    request: Request,
    services: Using,
    language: Spoken,
    visitor: Asking,
    asked: Annotated[Wanted, Depends(wanted)],
    before: str | None = None,
) -> Response:
    """List the kept results that are wanted, newest first."""
    lines = list_results(
        services.store, limit=_PAGE_LINES + 1, before=before, search=asked.search(visitor.name)
    )
    shown = lines[:_PAGE_LINES]
    more = asked.query(before=shown[-1].id) if len(lines) > _PAGE_LINES else None
    return page(
        request,
        "history.html",
        lines=[line_of(line, language) for line in shown],
        asked=asked,
        statuses=[(str(one), language(title)) for one, title in STATUS_TITLES.items()],
        findings=[(label, language(title)) for label, title in LABEL_TITLES.items()],
        older=more,
        newest=None if before is None else asked.query(),
    )


@router.get("/results.csv")
def history_csv(
    services: Using, visitor: Asking, asked: Annotated[Wanted, Depends(wanted)]
) -> Response:
    """Send the results that are wanted as a table."""
    lines = list_results(services.store, limit=_CSV_LINES, search=asked.search(visitor.name))
    return Response(
        results_csv(lines),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="results.csv"'},
    )


@router.get("/worklist")
def worklist_page(
    request: Request,
    services: Using,
    language: Spoken,
    batch_id: Annotated[str, Query(max_length=36)] = "",
) -> Response:
    """List films by the probability of any finding; those that decide nothing stand apart."""
    search = Search(batch_id=batch_id or None)
    lines = list_results(services.store, limit=_WORKLIST_LINES, search=search, order=Order.URGENT)
    judged = [line for line in lines if _is_ranked(line)]
    apart = [line for line in lines if not _is_ranked(line)]
    return page(
        request,
        "worklist.html",
        judged=[line_of(line, language) for line in judged],
        apart=[line_of(line, language) for line in apart],
        batch_id=batch_id,
        is_cut=len(lines) == _WORKLIST_LINES,
    )


def _is_ranked(line: ResultSummary) -> bool:
    return line.risk is not None and line.verdict != Verdict.ABSTAINS


def line_of(line: ResultSummary, language: Language) -> dict[str, object]:
    """Return one result as lists print it."""
    return {
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


SAID: Final[Mapping[str | None, str]] = MappingProxyType(
    {
        str(Verdict.ABSTAINS): WEB["history_abstains"],
        str(Verdict.UNDECIDED): WEB["history_undecided"],
    }
)


def says(line: ResultSummary) -> str:
    """Return what a line of the list says: what is concluded, or what the picture is."""
    if line.verdict in SAID:
        return SAID[line.verdict]
    if line.status is Status.ANALYZED and line.top_label is not None:
        return line.top_label
    return "" if line.gate_kind is None else KIND_TITLES[line.gate_kind]


def _midnight(day: str, *, days: int) -> datetime | None:
    """Return the beginning of a day in UTC, some days later; None for none."""
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=days), time(), UTC)
    except (ValueError, OverflowError):
        return None
