"""Weeks gather films, and say when more of them are far than chance allows."""

from datetime import UTC, date, datetime, timedelta

import pytest

from thoracle.core.results import Status
from thoracle.jobs.drift import weeks
from thoracle.store.types import ResultSummary

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _line(
    days: int,
    *,
    status: Status = Status.ANALYZED,
    distance: float | None = 50.0,
    parent: str | None = None,
) -> ResultSummary:
    judged = status is Status.ANALYZED
    return ResultSummary(
        id="x",
        created_at=MONDAY + timedelta(days=days),
        file="a",
        sha256="0",
        status=status,
        gate_kind=None,
        top_label=None,
        format=None,
        parent_id=parent,
        risk=0.25 if judged else None,
        distance=distance if judged else None,
    )


def test_a_week_begins_on_monday_and_empty_ones_are_left_out() -> None:
    found = weeks([_line(20), _line(0), _line(6), _line(7)])
    assert [(one.begins, one.films) for one in found] == [
        (date(2026, 3, 2), 2),
        (date(2026, 3, 9), 1),
        (date(2026, 3, 16), 1),
    ]


def test_refusals_count_among_readable_films_and_second_looks_not_at_all() -> None:
    lines = [
        _line(0),
        _line(0, status=Status.REFUSED),
        _line(0, status=Status.FAILED),
        _line(0, parent="y"),
    ]
    (week,) = weeks(lines)
    assert (week.films, week.unreadable) == (3, 1)
    assert week.refused.value == pytest.approx(0.5)
    assert week.mean_risk == pytest.approx(0.25)
    assert week.median_distance == 50.0


def test_a_week_is_unlike_only_when_chance_does_not_explain_it() -> None:
    few = [_line(0, distance=99.0), *(_line(0) for _ in range(9))]
    many = [_line(0, distance=99.0)] * 20 + [_line(0)] * 30
    assert not weeks(few)[0].is_unlike
    assert weeks(many)[0].is_unlike


def test_a_week_without_judged_films_says_so() -> None:
    (week,) = weeks([_line(0, status=Status.FAILED)])
    assert week.refused.value is None
    assert week.median_distance is None
    assert week.mean_risk is None
    assert not week.is_unlike
