"""The surest mistakes come first."""

import numpy as np

from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.mistakes import misclassified_films

PROBABILITIES = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.05, 0.95], [0.3, 0.7], [0.2, 0.8]])
FILMS = EvaluationInput(
    labels=("a", "b"),
    logits=np.log(PROBABILITIES),
    probabilities=PROBABILITIES,
    reference=np.array([0, 0, 0, -1, 1, 0]),
    patient=tuple("123456"),
)


def test_the_surest_mistake_is_first_ties_in_order_and_unknown_films_are_none() -> None:
    assert misclassified_films(FILMS, limit=9) == (1, 5, 2)


def test_no_more_than_asked_are_given() -> None:
    assert misclassified_films(FILMS, limit=1) == (1,)
    assert misclassified_films(FILMS, limit=0) == ()
