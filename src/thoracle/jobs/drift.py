"""How what is seen changes from week to week: refusals, distances, scores."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from thoracle.core.results import Status
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.intervals import wilson
from thoracle.reporting.trust_view import FAR_PERCENTILE
from thoracle.store.types import ResultSummary

FAR_SHARE_EXPECTED: Final = 0.05
"""By the meaning of a percentile: of films like those of the bundle, 5 % lie farther than 95 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week's films; shares have 95 % intervals by Wilson.

    `begins` is a Monday; `refused` counts refusals among readable films; `far` the share of judged
    films that are farther from the training films than 95 % of unseen ones; `median_distance` and
    `mean_risk` are None where nothing was judged.
    """

    begins: date
    films: int
    unreadable: int
    refused: Estimate
    far: Estimate
    median_distance: float | None
    mean_risk: float | None

    @property
    def is_unlike(self) -> bool:
        """Whether more films are far than chance allows."""
        return self.far.low is not None and self.far.low > FAR_SHARE_EXPECTED


def weeks(lines: Iterable[ResultSummary]) -> tuple[Week, ...]:
    """Gather results by week, the oldest first; second looks are not counted twice.

    Parameters
    ----------
    lines
        Any results.

    Returns
    -------
    tuple of Week
        Weeks without films are left out.
    """
    found: dict[date, list[ResultSummary]] = defaultdict(list)
    for line in lines:
        if line.parent_id is None:
            day = line.created_at.date()
            found[day - timedelta(days=day.weekday())].append(line)
    return tuple(_week(begins, found[begins]) for begins in sorted(found))


def _week(begins: date, lines: list[ResultSummary]) -> Week:
    readable = [one for one in lines if one.status is not Status.FAILED]
    refused = sum(one.status is Status.REFUSED for one in readable)
    distances = sorted(one.distance for one in lines if one.distance is not None)
    risks = [one.risk for one in lines if one.risk is not None]
    return Week(
        begins=begins,
        films=len(lines),
        unreadable=len(lines) - len(readable),
        refused=wilson(refused, len(readable)),
        far=wilson(sum(one >= FAR_PERCENTILE for one in distances), len(distances)),
        median_distance=distances[len(distances) // 2] if distances else None,
        mean_risk=sum(risks) / len(risks) if risks else None,
    )
