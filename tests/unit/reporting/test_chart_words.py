from dataclasses import replace

import pytest

from thoracle.core.languages import ENGLISH_TEXTS, language
from thoracle.core.results import Reason
from thoracle.prognosis.reading import Course
from thoracle.reporting.chart_words import ChartWords

WORDS = ChartWords(ENGLISH_TEXTS)


def _course(low: float | None, high: float | None) -> Course:
    return Course(
        name="ldh",
        title="",
        unit="U/L",
        kind="laboratory",
        reference_low=low,
        reference_high=high,
        times_h=(0.0,),
        values=(1.0,),
    )


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "0.0 %"),
        (0.0004, "< 0.1 %"),
        (0.034, "3.4 %"),
        (0.104, "10 %"),
        (0.996, "> 99 %"),
        (1.0, "100 %"),
    ],
)
def test_small_risks_have_a_decimal_and_none_is_certain(share: float, said: str) -> None:
    assert WORDS.percent(share) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (620.0, "620"),
        (35.987, "36"),
        (7.354, "7.35"),
        (0.045, "0.045"),
        (12345.6, "12346"),
        (-2.5, "−2.5"),
    ],
)
def test_values_have_three_digits_or_more(value: float, said: str) -> None:
    assert WORDS.value(value) == said


@pytest.mark.parametrize(
    ("time_h", "said"),
    [(51.0, "day 2, 3 h"), (0.0, "day 0, 0 h"), (47.7, "day 2, 0 h"), (-0.4, "day 0, 0 h")],
)
def test_times_are_days_and_hours_since_admission(time_h: float, said: str) -> None:
    assert WORDS.time(time_h) == said


def test_what_was_before_admission_is_said_to_be_so() -> None:
    assert WORDS.time(-5.0) == WORDS.since(-5.0) == "5 h before admission"
    assert WORDS.time(-80.0) == "3 days before admission"
    assert WORDS.since(5.0) == "day 0, 5 h after admission"


@pytest.mark.parametrize(
    ("code", "admitted_at", "said"),
    [
        ("en", "2020-01-21T23:30:31", "2020-01-23 00:30"),
        ("pt", "2020-01-21T23:30:31", "23/01/2020 00:30"),
        ("pt", "2020-01-21T23:30:00+00:00", "23/01/2020 00:30 UTC"),
        ("en", "2020-01-21T23:30:00-03:00", "2020-01-23 00:30 UTC-0300"),
        ("pt", "2020-01-21", "22/01/2020"),
        ("pt", "ontem", ""),
        ("pt", "", ""),
    ],
)
def test_a_moment_has_the_order_of_its_language_and_no_seconds(
    code: str, admitted_at: str, said: str
) -> None:
    assert ChartWords(language(code)).moment(admitted_at, 25.0) == said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("supplemental_oxygen", 1.0, "yes"),
        ("vasopressor", 0.0, "no"),
        ("consciousness", 0.0, "alert"),
        ("consciousness", 1.0, "not alert"),
        ("ph", 7.354, "7.35"),
        ("oxygen_flow", 1.0, "1 L/min"),
    ],
)
def test_what_is_given_or_not_is_no_number(name: str, value: float, said: str) -> None:
    assert WORDS.said(name, value) == said


def test_the_name_of_consciousness_holds_no_code() -> None:
    assert WORDS.title("consciousness") == "Consciousness"


def test_a_course_in_short_is_its_first_and_last_value() -> None:
    course = replace(_course(None, None), times_h=(0.0, 5.0), values=(320.0, 648.0))
    assert WORDS.values(course) == "320 → 648 U/L (2 values)"
    assert WORDS.last(course) == "648 U/L (day 0, 5 h)"
    assert WORDS.values(_course(None, None)) == "1 U/L"
    oxygen = replace(course, name="supplemental_oxygen", unit="", values=(0.0, 1.0))
    assert WORDS.values(oxygen) == "no → yes (2 values)"


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (120.0, 250.0, "120–250"),
        (None, 34.2, "≤ 34.2"),
        (95.0, None, "≥ 95"),
        (0.0, 1.0, "0–1"),
        (None, None, ""),
    ],
)
def test_usual_ranges_may_be_open(low: float | None, high: float | None, said: str) -> None:
    assert WORDS.usual(_course(low, high)) == said


@pytest.mark.parametrize(
    ("value", "said"), [(99.7, "100"), (99.4, "99"), (36.42, "36"), (0.0312, "0.031"), (0.0, "0")]
)
def test_ends_of_axes_have_two_digits_or_all(value: float, said: str) -> None:
    assert WORDS.axis(value) == said


@pytest.mark.parametrize(
    ("hours", "said"), [(0.4, "0 h before"), (71.0, "71 h before"), (305.0, "13 days before")]
)
def test_long_ago_is_told_in_days(hours: float, said: str) -> None:
    assert WORDS.before(hours) == said


def test_points_have_their_error_where_orders_were_drawn() -> None:
    assert WORDS.points(-0.0123, 0.0) == "−1.2"
    assert WORDS.points(0.0123, 0.004) == "+1.2 ± 0.4"


def test_portuguese_has_a_decimal_comma() -> None:
    words = ChartWords(language("pt"))
    assert words.value(2.5) == "2,5"
    assert words.percent(0.034) == "3,4 %"
    assert words.signed(-0.5) == "−0,50"


def test_variables_that_a_warning_names_are_translated_each() -> None:
    text = (
        "Shown here, but unknown to the model, so that no risk changes by it: Lactate, Albumin, "
        "Lactate dehydrogenase, Eosinophils, share of white cells."
    )
    warning = Reason(code="chart-not-used", text=text)
    assert WORDS.reason(warning) == warning
    assert (
        ChartWords(language("pt"))
        .reason(warning)
        .text.endswith(
            ": Lactato, Albumina, Desidrogenase lática, Eosinófilos, proporção dos leucócitos."
        )
    )


def test_a_warning_names_no_code_of_a_variable() -> None:
    text = (
        "Shown here, but unknown to the model, so that no risk changes by it: Body temperature, "
        "Consciousness: 0 alert, 1 confused, to voice, to pain or unresponsive, Albumin."
    )
    warning = Reason(code="chart-not-used", text=text)
    assert WORDS.reason(warning).text.endswith(": Body temperature, Consciousness, Albumin.")
    said = ChartWords(language("pt")).reason(warning).text
    assert said.endswith(": Temperatura corporal, Consciência, Albumina.")


def test_other_warnings_are_translated_as_they_are() -> None:
    warning = Reason(
        code="chart-old-values",
        text="Nothing new was measured for 36 h: the risk is that of old values.",
    )
    said = ChartWords(language("pt")).reason(warning)
    assert said.text == "Nada de novo foi medido há 36 h: o risco é o de valores antigos."
