"""Nobody is told of by a network that saw them; what is done is kept."""

from pathlib import Path

import numpy as np
import pytest

from thoracle.datasets.prognosis.out_of_fold import read_out_of_fold
from thoracle.prognosis.types import Chart
from thoracle.prognosis.variables import place_of
from thoracle.train.prognosis import cross_validate as module
from thoracle.train.prognosis.cross_validate import (
    Dealing,
    cross_validate,
    forecast_figures,
    judged_landmarks,
    only_variables,
)
from thoracle.train.prognosis.ensemble import Ensemble
from thoracle.train.prognosis.recipe import RiskRecipe


def test_each_patient_is_told_of_once_a_repeat_by_networks_that_never_saw_them(
    risk_recipe: RiskRecipe,
    stays: tuple[Chart, ...],
    small_ensemble: Ensemble,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trained: list[set[str]] = []

    def fit(charts: list[Chart], recipe: RiskRecipe) -> Ensemble:
        assert recipe.seed == risk_recipe.seed + len(trained) // 2
        trained.append({one.patient for one in charts})
        return small_ensemble

    monkeypatch.setattr(module, "fit_ensemble", fit)
    dealing = Dealing(folds=2, repeats=2)
    said: list[str] = []
    path = cross_validate(stays, risk_recipe, tmp_path, dealing=dealing, told=said.append)
    found = read_out_of_fold(path)
    assert len(trained) == len(said) == 4
    for number, seen in enumerate(trained):
        own = {
            name
            for name, repeat, fold in zip(
                found.patient, found.repeat.tolist(), found.fold.tolist(), strict=True
            )
            if (repeat, fold) == divmod(number, 2)
        }
        assert own
        assert not own & seen
    keys = list(
        zip(
            found.patient,
            found.repeat.tolist(),
            found.index_h.tolist(),
            found.is_only_three.tolist(),
            strict=True,
        )
    )
    assert len(set(keys)) == len(keys)
    assert found.is_only_three.any()
    trained.clear()
    cross_validate(stays, risk_recipe, tmp_path, dealing=dealing)
    assert trained == []


def test_later_patients_are_told_of_by_networks_of_earlier_ones(
    risk_recipe: RiskRecipe,
    stays: tuple[Chart, ...],
    small_ensemble: Ensemble,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trained: list[str] = []

    def fit(charts: list[Chart], _: RiskRecipe) -> Ensemble:
        trained.extend(one.admitted_at for one in charts)
        return small_ensemble

    monkeypatch.setattr(module, "fit_ensemble", fit)
    path = cross_validate(stays, risk_recipe, tmp_path, dealing=Dealing(by_admission=True))
    told = set(read_out_of_fold(path).patient)
    judged = [one.admitted_at for one in stays if one.patient in told]
    assert max(trained) < min(judged)


def test_landmarks_of_both_kinds_are_judged_each_once(stays: tuple[Chart, ...]) -> None:
    found = judged_landmarks(stays, event="death")
    keys = [(one.chart, one.index_h) for one in found]
    assert len(set(keys)) == len(keys)
    assert any(index_h == 24.0 for _, index_h in keys)
    first = stays[found[0].chart].outcome
    assert first is not None
    assert any(index_h == first.time_h for place, index_h in keys if place == found[0].chart)


def test_only_the_named_variables_are_left_of_a_chart(stays: tuple[Chart, ...]) -> None:
    found = only_variables(stays[0], ("ldh",))
    assert set(found.variables.tolist()) == {place_of("ldh")}
    assert np.isnan(found.age_years)
    assert found.sex == ""
    assert found.outcome == stays[0].outcome


def test_forecasts_are_compared_with_what_was_measured_and_the_last_value() -> None:
    latest = np.array([[1.0, 0.0, 1.0, 0.0, 0.5, 0.0, 0, 0, 0, 0]], np.float32)
    ahead = np.array([[[2.0, 9.0], [np.nan, np.nan]]], np.float32)
    quantiles = np.zeros((1, 2, 2, 3))
    quantiles[0, 0, 0] = [1.0, 1.5, 3.0]
    quantiles[0, 0, 1] = [0.0, 1.0, 2.0]
    found = forecast_figures(latest, ahead, quantiles)
    assert found.values.tolist() == [2, 0]
    assert found.covered[0] == 0.5
    assert (found.error[0], found.carried_error[0]) == (0.5, 1.0)
    assert np.isnan(found.covered[1])
