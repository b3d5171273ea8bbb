"""Stays of a declared table: who, when, and how it ended."""

import math
from datetime import datetime
from pathlib import Path

import pytest

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.checks import Stay
from thoracle.datasets.prognosis.declared_stays import hours_of, rows_of, stays_of
from thoracle.datasets.prognosis.problems import Kind, Problem, Problems
from thoracle.datasets.prognosis.schema import TimeKind, TimePart, read_schema
from thoracle.datasets.prognosis.table_files import read_table

_SCHEMA = """
name = "ward"
layout = "wide"
patient = "id"
stay = "stay"
age_years = "age"
time = { column = "taken", kind = "instant" }
admission = { column = "in", kind = "instant" }
sex = { column = "sex", female = ["w"], male = ["m"] }
OUTCOME
[[values]]
column = "LDH"
variable = "ldh"
unit = "U/L"
"""
_WORDS = """
[outcome]
column = "end"
words = { death = ["died"], discharge = ["home", "moved"] }
time = { column = "out", kind = "instant" }
"""
_TIMES = """
[outcome.times]
death = { column = "died", kind = "instant" }
icu = { column = "icu", kind = "days" }
"""


def _stays(
    tmp_path: Path, outcome: str, *lines: str
) -> tuple[dict[tuple[str, str], Stay], tuple[Problem, ...]]:
    (tmp_path / "schema.toml").write_text(_SCHEMA.replace("OUTCOME", outcome))
    (tmp_path / "ward.csv").write_text("\n".join(lines) + "\n")
    problems = Problems("ward.csv")
    rows = rows_of(read_table(tmp_path / "ward.csv"), "ward.csv", ("id",))
    found = stays_of(rows, read_schema(tmp_path / "schema.toml"), problems)
    return dict(found.stays), problems.all


_HEAD = "id,stay,in,age,sex,end,out"


def test_a_stay_is_told_by_any_of_its_rows(tmp_path: Path) -> None:
    stays, problems = _stays(
        tmp_path,
        _WORDS,
        _HEAD,
        "a,1,2020-02-01,70,w,,",
        "a,1,,,,died,2020-02-03",
        "a,2,2020-05-01,70,w,moved,2020-05-11",
        "b,1,2020-02-01,,,,",
    )
    assert [(stay.patient, stay.age_years, stay.sex) for stay in stays.values()][:2] == [
        ("a", 70.0, "F")
    ] * 2
    ends = [stay.outcome for stay in stays.values()]
    assert [(end.event, end.time_h) for end in ends if end] == [("death", 48), ("discharge", 240)]
    assert ends[2] is None
    assert math.isnan(stays["b", "1"].age_years)
    assert stays["b", "1"].admitted_at == "2020-02-01T00:00:00"
    assert problems == ()


def test_of_several_events_the_first_counts(tmp_path: Path) -> None:
    stays, _ = _stays(
        tmp_path,
        _TIMES,
        "id,stay,in,age,sex,died,icu",
        "a,1,2020-02-01,,,2020-02-03,1.5",
        "b,1,2020-02-01,,,2020-02-02,3",
        "c,1,2020-02-01,,,,",
    )
    ends = [stay.outcome for stay in stays.values()]
    assert [(end.event, end.time_h) if end else None for end in ends] == [
        ("icu", 36.0),
        ("death", 24.0),
        None,
    ]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (",1,2020-02-01,70,w,,", Kind.NO_PATIENT),
        ("a,1,soon,70,w,,", Kind.NO_ADMISSION),
        ("a,1,2020-02-01,700,w,,", Kind.OUT_OF_RANGE),
        ("a,1,2020-02-01,old,w,,", Kind.OUT_OF_RANGE),
        ("a,1,2020-02-01,70,x,,", Kind.UNKNOWN_WORD),
        ("a,1,2020-02-01,70,w,lost,2020-02-03", Kind.UNKNOWN_WORD),
        ("a,1,2020-02-01,70,w,died,", Kind.NO_OUTCOME_TIME),
        ("a,1,2020-02-01,70,w,died,2020-01-03", Kind.OUTCOME_BEFORE_ADMISSION),
    ],
)
def test_what_is_not_understood_is_told(line: str, kind: Kind, tmp_path: Path) -> None:
    stays, problems = _stays(tmp_path, _WORDS, _HEAD, line)
    assert [one.kind for one in problems] == [kind]
    assert all(stay.outcome is None for stay in stays.values())


def test_an_admission_that_is_not_as_declared_is_told_from_none(tmp_path: Path) -> None:
    _, unread = _stays(tmp_path, _WORDS, _HEAD, "a,1,soon,70,w,,")
    _, none = _stays(tmp_path, _WORDS, _HEAD, "a,1,,70,w,,")
    assert [one.detail for one in (*unread, *none)] == ["not as declared", ""]
    assert "expected one as the schema declares it" in unread[0].text


def test_a_stay_that_is_told_in_two_ways_is_not_guessed(tmp_path: Path) -> None:
    stays, problems = _stays(
        tmp_path, _WORDS, _HEAD, "a,1,2020-02-01,70,w,,", "a,1,2020-02-01,71,w,,"
    )
    assert math.isnan(stays["a", "1"].age_years)
    assert [(one.kind, one.detail, one.places) for one in problems] == [
        (Kind.STAY_DIFFERS, "age", (2, 3))
    ]


def test_a_column_that_is_missing_or_there_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_text("id,id,LDH\n1,1,300\n")
    sheet = read_table(tmp_path / "ward.csv")
    with pytest.raises(ChartError, match=r'found the column "id" 2 times in ward\.csv'):
        rows_of(sheet, "ward.csv", ("LDH", "id"))
    with pytest.raises(ChartError, match='found the column "taken" 0 times'):
        rows_of(sheet, "ward.csv", ("taken",))


@pytest.mark.parametrize(
    ("kind", "text", "hours"),
    [
        (TimeKind.HOURS, "1,5", 1.5),
        (TimeKind.DAYS, "2", 48.0),
        (TimeKind.MINUTES, "-30", -0.5),
        (TimeKind.HOURS, "1.5", None),
        (TimeKind.HOURS, "", None),
        (TimeKind.INSTANT, "2020-02-01 12:00", 12.0),
        (TimeKind.INSTANT, "noon", None),
    ],
)
def test_times_become_hours_since_admission(kind: TimeKind, text: str, hours: float | None) -> None:
    admitted = datetime.fromisoformat("2020-02-01")
    found = hours_of(TimePart(column="t", kind=kind), text, admitted, decimal=",")
    assert math.isnan(found) if hours is None else found == pytest.approx(hours)


def test_an_instant_without_an_admission_is_no_time() -> None:
    part = TimePart(column="t", kind=TimeKind.INSTANT)
    assert math.isnan(hours_of(part, "2020-02-01", None, decimal="."))
