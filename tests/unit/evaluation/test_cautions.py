"""What the figures cannot show is said where, and only where, it holds."""

import dataclasses

import numpy as np

from thoracle.evaluation.calibration import softmax
from thoracle.evaluation.cautions import cautions
from thoracle.evaluation.description import describe
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.measurement import set_figures
from thoracle.evaluation.options import EvaluationOptions

OPTIONS = EvaluationOptions(resamples=50)
ALWAYS = {"prevalence", "sampling-only", "many-figures"}


def texts(films: EvaluationInput) -> dict[str, str]:
    figures = set_figures(films, generator=np.random.default_rng(0), options=OPTIONS)
    found = cautions(describe(films), figures, labels=films.labels, options=OPTIONS)
    return {one.code: one.text for one in found}


def test_good_films_leave_only_what_always_holds(films: EvaluationInput) -> None:
    apart = dataclasses.replace(
        films,
        patient=tuple(str(index) for index in range(films.films)),
        probabilities=softmax(films.logits),
    )
    assert set(texts(apart)) == ALWAYS


def test_findings_that_follow_the_source_are_said_with_both_accuracies(
    films: EvaluationInput,
) -> None:
    told = dataclasses.replace(films, source=tuple(f"s{index}" for index in films.reference))
    text = texts(told)["finding-is-source"]
    assert "right on 100.0 % (this model: " in text
    assert "inside one source" in text


def test_one_source_and_no_source_are_said(films: EvaluationInput) -> None:
    assert "one-source" in texts(dataclasses.replace(films, source=("a",) * films.films))
    assert "no-source" in texts(dataclasses.replace(films, source=None))


def test_repeated_patients_unknown_films_and_children_are_said(films: EvaluationInput) -> None:
    reference, ages = films.reference.copy(), np.array(films.age_years)
    reference[:7] = -1
    ages[20:30] = 9.0
    found = texts(dataclasses.replace(films, reference=reference, age_years=ages))
    assert found["unknown-reference"].startswith("7 films")
    assert "10 of" in found["ages-mixed"]
    assert "233 films are of" in found["repeated-patients"]


def test_rare_findings_are_named_with_their_count(films: EvaluationInput) -> None:
    kept = (films.reference != 2) | (np.cumsum(films.reference == 2) <= 12)
    assert "COVID-19 (12)" in texts(films.select(kept))["few-positives"]


def test_an_error_that_chance_explains_is_said(films: EvaluationInput) -> None:
    assert "neither proves nor disproves" in texts(films)["ece-within-chance"]
