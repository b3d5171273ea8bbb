"""Each typed field that cannot be says what was found, what is expected, and what to do."""

import pytest

from thoracle.core.languages import language
from thoracle.reporting.chart_words import ChartWords
from thoracle.web.pages.chart_entry import typed_faults

WORDS = ChartWords(language("en"))
GOOD = {"time_h-1": "0,5", "ldh-1": "250", "consciousness-1": "0", "age_years": "64"}


def test_what_can_be_has_no_fault() -> None:
    assert typed_faults(GOOD, WORDS) == {}
    assert typed_faults({"time_h-1": " ", "ldh-2": ""}, WORDS) == {}
    assert typed_faults({**GOOD, "time_h-1": "-5", "ldh-1": "1e3"}, WORDS) == {}


@pytest.mark.parametrize(
    ("field", "said", "fault"),
    [
        (
            "systolic_pressure-1",
            "12",
            "12 cannot be – expected 30–320 mmHg. Type it in this unit, or empty it.",
        ),
        (
            "ldh-1",
            "<5",
            "“<5” is no number – expected 20–30000 U/L. Correct it, or empty it.",
        ),
        ("age_years", "131", "131 cannot be – expected 0–130 years. Type it in this unit"),
        ("time_h-1", "1d", "“1d” is no number of hours – expected hours since admission, such"),
        ("time_h-1", "inf", "“inf” is no number of hours"),
        ("time_h-1", "", "No time – expected the hours since admission at which the values"),
        ("time_h-2", "7", "A time without a value – expected a value at it."),
    ],
)
def test_each_fault_stands_at_its_field(field: str, said: str, fault: str) -> None:
    ((name, text),) = typed_faults({**GOOD, field: said}, WORDS).items()
    assert name == field
    assert text.startswith(fault)


def test_a_time_is_typed_once() -> None:
    twice = {**GOOD, "time_h-3": "0.5", "spo2-3": "95"}
    assert typed_faults(twice, WORDS) == {
        "time_h-3": "The same time as time 1 – expected each time once. Put its values there."
    }


def test_it_is_said_in_the_language_of_the_page() -> None:
    words = ChartWords(language("pt"))
    (text,) = typed_faults({**GOOD, "time_h-1": "1d"}, words).values()
    assert "26,5" in text
