"""The films are counted before they are judged."""

import dataclasses

import numpy as np
import pytest

from thoracle.evaluation.calibration import softmax
from thoracle.evaluation.description import describe
from thoracle.evaluation.inputs import EvaluationInput

LOGITS = np.arange(12.0).reshape(6, 2) % 5
FILMS = EvaluationInput(
    labels=("No finding", "COVID-19"),
    logits=LOGITS,
    probabilities=softmax(LOGITS),
    reference=np.array([0, 0, 0, 1, 1, -1]),
    patient=("p1", "p1", "p2", "p3", "p4", "p5"),
    source=("a", "a", "b", "b", "b", "b"),
    age_years=np.array([12.0, 30.0, 50.0, 70.0, np.nan, 99.0]),
    sex=("F", "F", None, "M", "M", "M"),
)


def test_films_of_unknown_reference_are_counted_apart() -> None:
    data = describe(FILMS)
    assert (data.films, data.films_unknown_reference, data.patients) == (5, 1, 4)
    assert data.films_per_patient_max == 2
    assert data.support == (3, 2)
    assert data.by_source == {"a": (2, 0), "b": (1, 2)}


def test_the_source_alone_tells_four_of_five_films() -> None:
    assert describe(FILMS).source_only_accuracy == pytest.approx(4 / 5)


def test_ages_and_sexes_are_those_of_known_films() -> None:
    data = describe(FILMS)
    assert (data.age.known, data.age.under_18) == (4, 1)
    assert (data.age.minimum_years, data.age.median_years, data.age.maximum_years) == (12, 40, 70)
    assert data.sex == {"F": 2, "M": 2, "unknown": 1}
    assert data.view == {}


def test_without_attributes_nothing_is_made_up() -> None:
    data = describe(dataclasses.replace(FILMS, source=None, age_years=None, sex=None))
    assert data.source_only_accuracy is None
    assert data.by_source == {}
    assert (data.age.known, data.age.median_years) == (0, None)


def test_a_film_without_source_is_of_an_unknown_one() -> None:
    source = ("a", "a", None, "b", "b", "b")
    assert "unknown" in describe(dataclasses.replace(FILMS, source=source)).by_source
