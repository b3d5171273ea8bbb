"""How what is seen changes from week to week."""

from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from thoracle.core.languages import Language
from thoracle.evaluation.estimate import Estimate
from thoracle.jobs.drift import Week, weeks
from thoracle.jobs.results import list_results
from thoracle.store.types import Search
from thoracle.web.pages.asking import Spoken, Using
from thoracle.web.render import page

router: Final = APIRouter(include_in_schema=False)

WEEKS_SHOWN: Final = 52
_LINES: Final = 100_000


@router.get("/drift")
def drift_page(request: Request, services: Using, language: Spoken) -> Response:
    """Show the last year by weeks."""
    since = services.options.now() - timedelta(weeks=WEEKS_SHOWN)
    lines = list_results(services.store, limit=_LINES, search=Search(since=since))
    found = weeks(lines)
    return page(
        request,
        "drift.html",
        rows=[_row(week, language) for week in reversed(found)],
        is_unlike=any(week.is_unlike for week in found[-1:]),
    )


def _row(week: Week, language: Language) -> dict[str, object]:
    return {
        "week": f"{week.begins:%d/%m/%Y}" if language.code == "pt" else f"{week.begins:%Y-%m-%d}",
        "films": week.films,
        "unreadable": week.unreadable,
        "refused": _share(week.refused),
        "refused_width": _width(week.refused),
        "far": _share(week.far),
        "far_width": _width(week.far),
        "distance": _number(week.median_distance, language),
        "risk": _number(None if week.mean_risk is None else 100 * week.mean_risk, language),
        "is_unlike": week.is_unlike,
    }


def _share(estimate: Estimate) -> str:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "–"
    return f"{estimate.value:.0%} ({estimate.low:.0%} – {estimate.high:.0%})".replace("%", " %")


def _width(estimate: Estimate) -> float:
    return 0.0 if estimate.value is None else round(100 * estimate.value, 1)


def _number(value: float | None, language: Language) -> str:
    return "–" if value is None else language.number(f"{value:.1f}")
