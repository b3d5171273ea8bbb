"""Options outside their range are refused."""

from typing import Any

import pytest

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.options import EvaluationOptions


def test_the_defaults_are_those_of_the_reference_page() -> None:
    options = EvaluationOptions()
    assert (options.confidence, options.resamples, options.bins) == (0.95, 2000, 10)
    assert (options.bin_scheme, options.minimum_cases, options.minimum_films) == (
        "equal-mass",
        10,
        20,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"confidence": 95.0},
        {"resamples": 0},
        {"bins": 0},
        {"minimum_cases": 1},
        {"minimum_films": 0},
    ],
)
def test_an_impossible_option_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(EvaluationError, match="Leave the defaults"):
        EvaluationOptions(**change)


@pytest.mark.parametrize("half_width", [0.0, 0.5, -0.1])
def test_a_half_width_that_no_interval_can_have_is_refused(half_width: float) -> None:
    with pytest.raises(EvaluationError, match=r"expected above 0 and below 0\.5"):
        EvaluationOptions(half_width=half_width)
