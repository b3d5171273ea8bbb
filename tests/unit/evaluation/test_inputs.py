"""What an evaluation refuses to work on."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.calibration import softmax
from thoracle.evaluation.inputs import EvaluationInput

LOGITS = np.array([[2.0, 0.0], [0.0, 1.0], [3.0, -1.0]])
GOOD = EvaluationInput(
    labels=("No finding", "COVID-19"),
    logits=LOGITS,
    probabilities=softmax(LOGITS),
    reference=np.array([0, 1, -1]),
    patient=("p1", "p2", "p2"),
    source=("a", None, "b"),
    age_years=np.array([40.0, np.nan, 61.0]),
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"patient": ("p1",)}, "patient has 1 entries for 3 films"),
        ({"source": ("a", "b")}, "source has 2 entries"),
        ({"age_years": np.array([1.0])}, "age_years has 1 entries"),
        ({"sex": ("F",)}, "sex has 1 entries"),
        ({"view": ("PA",)}, "view has 1 entries"),
        ({"logits": LOGITS[:, :1]}, r"logits has shape \(3, 1\), expected \(3, 2\)"),
        ({"probabilities": LOGITS[:2]}, "probabilities has shape"),
        ({"labels": ("same", "same")}, "at least 2 different"),
        ({"thresholds": (0.5,)}, "1 thresholds for 2 labels"),
        ({"reference": np.array([0.0, 1.0, -1.0])}, "float64, expected whole numbers"),
        ({"reference": np.array([0, 2, 1])}, "runs from 0 to 2"),
        ({"reference": np.array([0, -2, 1])}, "runs from -2"),
        ({"reference": np.array([-1, -1, -1])}, "0 of 3 films have a known reference"),
        ({"logits": np.full((3, 2), np.nan)}, "not finite"),
        ({"probabilities": LOGITS}, "do not lie in 0 to 1 with sum 1"),
        ({"probabilities": np.full((3, 2), 0.4)}, "do not lie in 0 to 1 with sum 1"),
        ({"logits": softmax(LOGITS)}, "they are probabilities already"),
        ({"patient": ("p1", "", "")}, "2 of 3 films have no patient"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        replace(GOOD, **change)


def test_logits_that_happen_to_lie_in_zero_to_one_are_no_probabilities() -> None:
    logits = np.array([[0.9, 0.9], [0.2, 0.1], [0.5, 0.4]])
    assert replace(GOOD, logits=logits, probabilities=softmax(logits)).films == 3


def test_a_selection_keeps_every_column_in_step() -> None:
    part = GOOD.select(np.array([True, False, True]))
    assert part.patient == ("p1", "p2")
    assert part.source == ("a", "b")
    assert part.age_years is not None
    np.testing.assert_array_equal(part.age_years, [40.0, 61.0])
    np.testing.assert_array_equal(part.logits, LOGITS[[0, 2]])
    assert (part.sex, part.view, part.films) == (None, None, 2)


def test_only_films_of_known_reference_are_kept() -> None:
    known = GOOD.with_known_reference()
    np.testing.assert_array_equal(known.reference, [0, 1])
