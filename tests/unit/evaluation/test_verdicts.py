"""Verdicts: which side of its limit a figure's interval lies on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.results import Reason
from thoracle.evaluation.estimate import Estimate, unknown
from thoracle.evaluation.verdicts import LIMITS, Outcome, verdict


def figure(value: float, low: float, high: float, n: int = 50) -> Estimate:
    return Estimate(value=value, low=low, high=high, n=n, method="test")


@pytest.mark.parametrize(
    ("test", "low", "high", "outcome"),
    [
        ("without_lungs", 0.1, 0.5, Outcome.PASSES),  # a ceiling of one half
        ("without_lungs", 0.4, 0.6, Outcome.CANNOT_TELL),
        ("without_lungs", 0.51, 0.9, Outcome.FAILS),
        ("change", -0.05, 0.02, Outcome.PASSES),  # a floor of -0.05
        ("change", -0.2, 0.0, Outcome.CANNOT_TELL),
        ("change", -0.3, -0.06, Outcome.FAILS),
    ],
)
def test_the_whole_interval_decides(test: str, low: float, high: float, outcome: Outcome) -> None:
    assert verdict(test, "x", figure((low + high) / 2, low, high)).outcome is outcome


def test_few_films_tell_nothing_and_say_so() -> None:
    found = verdict("change", "x", figure(0.0, -0.01, 0.01, n=9))
    assert found.outcome is Outcome.CANNOT_TELL
    assert found.reason is not None
    assert found.reason.text == "9 films; 10 or more are needed."
    assert verdict("change", "x", figure(0.0, -0.01, 0.01, n=10)).outcome is Outcome.PASSES


def test_an_unknown_figure_keeps_its_reason() -> None:
    reason = Reason(code="c", text="No film.")
    found = verdict("probe", "source", unknown(reason, n=0, method="m"))
    assert (found.outcome, found.reason) == (Outcome.CANNOT_TELL, reason)


def test_a_figure_without_interval_tells_nothing() -> None:
    found = verdict("probe", "x", Estimate(value=0.9, low=None, high=None, n=50, method="m"))
    assert found.outcome is Outcome.CANNOT_TELL
    assert found.reason is not None


def test_a_doubt_outweighs_the_figure() -> None:
    doubt = Reason(code="d", text="Shuffled labels do as well.")
    found = verdict("probe", "x", figure(0.9, 0.8, 1.0), doubt=doubt)
    assert (found.outcome, found.reason) == (Outcome.CANNOT_TELL, doubt)


@given(st.sampled_from(sorted(LIMITS)), st.floats(-1, 1), st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_wider_interval_never_turns_a_pass_into_a_failure(
    test: str, value: float, reach: float, more: float
) -> None:
    narrow = verdict(test, "x", figure(value, value - reach, value + reach)).outcome
    wide = verdict(test, "x", figure(value, value - reach - more, value + reach + more)).outcome
    assert wide in {narrow, Outcome.CANNOT_TELL}
