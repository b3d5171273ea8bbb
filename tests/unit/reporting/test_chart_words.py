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
    [(51.0, "day 2, 3 h"), (0.0, "day 0, 0 h"), (47.7, "day 2, 0 h"), (-3.0, "day −1, 21 h")],
)
def test_times_are_days_and_hours_since_admission(time_h: float, said: str) -> None:
    assert WORDS.time(time_h) == said


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


def test_other_warnings_are_translated_as_they_are() -> None:
    warning = Reason(
        code="chart-old-values",
        text="Nothing new was measured for 36 h: the risk is that of old values.",
    )
    said = ChartWords(language("pt")).reason(warning)
    assert said.text == "Nada de novo foi medido há 36 h: o risco é o de valores antigos."
