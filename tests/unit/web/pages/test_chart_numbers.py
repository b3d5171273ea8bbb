"""What drove a risk is ordered by its horizon; what is left out is counted, not forgotten."""

from dataclasses import replace

import pytest
from tests.unit.jobs.made_charts import made_chart, prognosis

from thoracle.core.languages import language
from thoracle.datasets.prognosis.problems import Kind
from thoracle.jobs.chart_documents import Correction, KeptOut
from thoracle.jobs.charts import tell_chart
from thoracle.prognosis.reading import Added, AddedUp, Suggested
from thoracle.prognosis.variables import VARIABLES
from thoracle.reporting.chart_words import ChartWords
from thoracle.web.pages.chart_numbers import (
    added,
    attention,
    corrections,
    headline,
    kept_out,
    lost,
    next_rows,
    not_read,
)
from thoracle.web.texts.chart import (
    KEPT_ALL_THE_SAME,
    KEPT_OUT_ACTIONS,
    KEPT_OUT_EXPECTED,
    KEPT_OUT_TITLES,
)

WORDS = ChartWords(language("en"))
READING = tell_chart(made_chart(), prognosis(), sha256="a" * 64)


def _added(name: str, *values: float) -> Added:
    return Added(name=name, value=1.0, measured_h=2.0, added=values, error=(0.0,) * 4)


def test_the_headline_is_of_the_event_and_the_horizon() -> None:
    assert headline(READING, 1, WORDS).startswith("Risk of death within 3 days: 26 %")
    intensive = replace(READING, event="icu")
    assert headline(intensive, 3, WORDS).startswith("Risk of intensive care until discharge")
    assert headline(replace(READING, risks=()), 3, WORDS) == ""


def test_what_was_added_is_ordered_by_the_chosen_horizon_and_sums_up() -> None:
    names = [one.name for one in VARIABLES[:14]]
    parts = tuple(
        _added(name, 0.01 * place, 0.0, 0.0, -0.02 * (20 - place))
        for place, name in enumerate(names)
    )
    told = AddedUp(base=(0.1,) * 4, risk=(0.2,) * 4, is_exact=True, parts=parts)
    reading = replace(READING, added=told)
    day, stay = added(reading, 0, WORDS), added(reading, 3, WORDS)
    assert day is not None
    assert stay is not None
    assert (day["rows"][0]["points"], stay["rows"][0]["points"]) == ("+13.0", "−40.0")
    assert day["rows"][0]["width"] == 100.0
    assert stay["rows"][0]["x"] == 0.0
    assert [len(one["rows"]) for one in (day, stay)] == [12, 12]
    assert day["others"] == "2 others together: +1.0"
    assert "standard error" not in day["note"]


def test_a_bar_stands_beside_the_whole_course_and_not_the_last_value_alone() -> None:
    told = added(READING, 3, WORDS)
    assert told is not None
    (ldh,) = [row for row in told["rows"] if row["title"] == "Lactate dehydrogenase"]
    assert (ldh["value"], ldh["measured"]) == (
        "260 → 510 U/L (3 values)",
        "the last one 0 h before",
    )
    (age,) = [row for row in told["rows"] if row["title"] == "Age"]
    assert (age["value"], age["measured"]) == ("64", "")
    assert "all its values with their times, not the last one alone" in told["note"]


def test_nothing_told_drove_nothing() -> None:
    assert added(replace(READING, added=None), 3, WORDS) is None
    assert attention(None, WORDS) is None


def test_attention_is_told_by_variable_and_by_day() -> None:
    told = attention(READING.attention, WORDS)
    assert told is not None
    assert (told["rows"][0]["title"], told["rows"][0]["said"]) == ("Lactate dehydrogenase", "+0.51")
    assert told["days"].count("7.1 %") == 7


def test_what_is_next_is_ordered_by_the_chosen_horizon() -> None:
    one = Suggested(
        name="ldh",
        age_h=None,
        low=1.0,
        median=2.0,
        high=3.0,
        is_forecast=False,
        expected_change=(0.3, 0.0, 0.0, 0.1),
        information_bits=(0.5, 0.0, 0.0, 0.25),
    )
    other = replace(one, name="hs_crp", age_h=80.0, expected_change=(0.1, 0.0, 0.0, 0.2))
    assert [row["change"] for row in next_rows([one, other], 0, WORDS)] == ["30.0", "10.0"]
    first, second = next_rows([one, other], 3, WORDS)
    assert (first["age"], second["age"]) == ("3 days before", "never")
    assert second["likely"] == "2 (1–3) U/L"


def test_every_reason_to_keep_something_out_is_told_with_what_to_do() -> None:
    kinds = {str(one) for one in Kind}
    assert set(KEPT_OUT_TITLES) == set(KEPT_OUT_ACTIONS) == kinds
    assert kinds - set(KEPT_OUT_EXPECTED) == {"another unit", "impossible value"}
    assert set(KEPT_ALL_THE_SAME) < kinds


def _kept_out(kind: str, *, values: int = 3, rows: int = 2, detail: str = "") -> KeptOut:
    return KeptOut(
        kind=kind,
        variable="systolic_pressure",
        detail=detail,
        rows=rows,
        values=values,
        places=(3, 4),
        text="…",
    )


@pytest.mark.parametrize(("values", "count"), [(0, 2), (5, 5)])
def test_what_was_kept_out_is_found_expected_do_this(values: int, count: int) -> None:
    one = _kept_out("unknown unit", values=values, detail="stones")
    assert kept_out([one], WORDS) == [
        {
            "what": "Systolic blood pressure",
            "found": f"{count} × a unit that does not convert (stones)",
            "expected": "a unit that converts into mmHg",
            "action": "Correct the unit at its source.",
            "rows": "3, 4",
        }
    ]
    (typed,) = kept_out([one], WORDS, has_rows=False)
    assert typed["rows"] == ""


def test_a_value_that_cannot_be_is_told_with_the_plausible_range() -> None:
    (told,) = kept_out([_kept_out("another unit", detail="kPa")], WORDS)
    assert told["found"] == "3 × plausible only in another unit (kPa)"
    assert told["expected"] == "30–320 mmHg"
    column = replace(_kept_out("unknown column", values=0, rows=0), variable="")
    (told,) = kept_out([column], WORDS)
    assert (told["what"], told["found"]) == ("", "a column that is no variable")
    assert told["expected"] == "a name of the list of variables"


def test_what_was_not_read_is_counted_and_what_is_doubtful_is_said() -> None:
    missing = _kept_out("impossible value"), _kept_out("no time", values=0)
    doubtful, repeated = _kept_out("doubtful unit"), _kept_out("repeated")
    assert lost([*missing, doubtful, repeated], "a.csv", WORDS) == [
        "Values or rows of a.csv that were not read: 5.",
        "Values of a.csv that are perhaps in another unit: 3.",
    ]
    assert lost([repeated], "a.csv", WORDS) == []
    column = _kept_out("unknown column", values=0, rows=0)
    assert lost([column], "a.csv", WORDS) == ["Not everything in a.csv was read."]
    assert not_read([*missing, doubtful, repeated]) == missing


def test_corrections_are_sentences() -> None:
    timed = Correction(name="ldh", time_h=26.0, before=250.0, after=251.5)
    sex = Correction(name="sex", time_h=None, before="F", after="M")
    age = Correction(name="age_years", time_h=None, before=64.0, after=65.0)
    assert corrections([timed, sex, age], WORDS) == [
        "Lactate dehydrogenase, day 1, 2 h: 250 U/L became 252 U/L",
        "Sex: female became male",
        "Age: 64 became 65",
    ]
