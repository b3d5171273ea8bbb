"""What is chosen is chosen among the patients given, and told by their own measure."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import log_loss

from thoracle.core.errors import ChartError
from thoracle.prognosis.calibration import known_share
from thoracle.prognosis.features import STATICS
from thoracle.prognosis.landmarks import after_admission
from thoracle.prognosis.types import Chart, Outcome
from thoracle.prognosis.variables import place_of
from thoracle.train.prognosis.ensemble import (
    Ensemble,
    candidates,
    cross_entropy,
    fit_ensemble,
    views,
)
from thoracle.train.prognosis.examples import examples, fit_scaling, training_landmarks
from thoracle.train.prognosis.recipe import RiskRecipe, parse_risk_recipe


def test_risks_of_an_ensemble_are_probabilities_that_never_fall(
    small_ensemble: Ensemble, stays: tuple[Chart, ...]
) -> None:
    landmarks = after_admission(stays, days=2)
    risks = small_ensemble.risks(stays, landmarks)
    assert risks.shape == (len(landmarks), 4)
    assert ((risks > 0) & (risks < 1)).all()
    assert (np.diff(risks) >= 0).all()
    assert small_ensemble.risks(stays, []).shape == (0, 4)
    assert (small_ensemble.widening > 0).all()


def test_every_combination_is_tried_and_the_best_taken(
    risk_recipe_text: Callable[..., str], stays: tuple[Chart, ...]
) -> None:
    text = risk_recipe_text(cells='["gru", "lstm"]')
    recipe = parse_risk_recipe(text)
    wider = replace(recipe, tuning=replace(recipe.tuning, hidden=(2, 3)))
    assert [(one.network.cell, one.network.hidden) for one in candidates(wider)] == [
        ("gru", 2),
        ("gru", 3),
        ("lstm", 2),
        ("lstm", 3),
    ]
    said: list[str] = []
    found = fit_ensemble(stays, recipe, told=said.append)
    best = min(found.trials, key=lambda one: one.loss)
    assert found.recipe.network.cell == best.cell
    assert [one.cell for one in found.trials] == ["gru", "lstm"]
    assert any(one.startswith("chosen: ") for one in said)


def test_without_index_times_or_markers_nothing_is_trained(
    risk_recipe: RiskRecipe, stays: tuple[Chart, ...]
) -> None:
    with pytest.raises(ChartError, match="found 0 index times"):
        fit_ensemble([replace(one, outcome=None) for one in stays], risk_recipe)


def test_calibration_sees_all_that_is_known_some_of_it_and_the_markers_alone(
    stays: tuple[Chart, ...],
) -> None:
    scaling = fit_scaling(stays, patients_min=5)
    made = examples(stays, training_landmarks(stays, event="death"), scaling)
    markers = scaling.places == place_of("ldh")
    whole, some, bare = views(made, markers, seed=1)
    np.testing.assert_array_equal(whole, made.packed)
    kept = np.concatenate([np.tile(markers, 3), np.zeros(len(STATICS), bool)])
    np.testing.assert_array_equal(bare[..., kept], made.packed[..., kept])
    assert not bare[..., ~kept].any()
    assert ((some == made.packed) | (some == 0)).all()
    assert known_share(bare).mean() < known_share(some).mean() < known_share(whole).mean()
    np.testing.assert_array_equal(some, views(made, markers, seed=1)[1])


def test_the_measure_is_the_weighted_log_loss() -> None:
    rng = np.random.default_rng(3)
    risks, labels = rng.uniform(0.05, 0.95, (50, 4)), (rng.random((50, 4)) < 0.4).astype(float)
    labels[rng.random((50, 4)) < 0.3] = np.nan
    weights = rng.uniform(0.5, 2, 50)
    known = ~np.isnan(labels)
    spread = np.broadcast_to(weights[:, None], labels.shape)
    expected = log_loss(labels[known], risks[known], sample_weight=spread[known])
    assert cross_entropy(risks, labels, weights) == pytest.approx(expected)


def test_an_outcome_that_nobody_was_shown_changes_nothing(
    risk_recipe: RiskRecipe, stays: tuple[Chart, ...]
) -> None:
    unseen, seen = stays[:5], stays[5:]
    other = [
        replace(one, outcome=Outcome(event="death", time_h=one.outcome.time_h + 1))
        for one in unseen
        if one.outcome is not None
    ]
    ensemble = fit_ensemble(seen, risk_recipe)
    landmarks = after_admission(unseen, days=1)
    again = after_admission(other, days=1)
    first, second = ensemble.risks(unseen, landmarks), ensemble.risks(other, again)
    assert len(first) == len(second) > 0
    np.testing.assert_array_equal(first, second)
