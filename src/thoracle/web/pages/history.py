"""The list of results, searched; and the worklist, by urgency."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from thoracle.core.results import Status
from thoracle.jobs.documents import results_csv
from thoracle.jobs.results import list_results
from thoracle.radiograph.trust import Verdict
from thoracle.reporting.analysis_texts import LABEL_TITLES, STATUS_TITLES
from thoracle.store.types import Order, ResultSummary, Search
from thoracle.web.pages.asking import Asking, Spoken, Using
from thoracle.web.pages.kept import KINDS, kept_lines, line_of
from thoracle.web.render import page

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
    kind: str = ""

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


def wanted_kind(
    asked: Annotated[Wanted, Depends(wanted)], kind: Annotated[str, Query(max_length=9)] = ""
) -> Wanted:
    """Read the form of the list, with the kind of what is listed."""
    return replace(asked, kind=kind)


@router.get("/results")
def history_page(
    request: Request,
    services: Using,
    language: Spoken,
    visitor: Asking,
    asked: Annotated[Wanted, Depends(wanted_kind)],
    before: str | None = None,
) -> Response:
    """List what is kept and wanted, of all kinds, newest first."""
    lines = kept_lines(
        services,
        asked.search(visitor.name),
        language,
        limit=_PAGE_LINES + 1,
        before=before,
        kind=asked.kind,
    )
    shown = lines[:_PAGE_LINES]
    more = asked.query(before=shown[-1]["id"]) if len(lines) > _PAGE_LINES else None
    return page(
        request,
        "history.html",
        lines=shown,
        asked=asked,
        kinds=[(name, language(title)) for name, title in KINDS.items()],
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


def _midnight(day: str, *, days: int) -> datetime | None:
    """Return the beginning of a day in UTC, some days later; None for none."""
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=days), time(), UTC)
    except (ValueError, OverflowError):
        return None
