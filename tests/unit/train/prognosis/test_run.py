"""The folder of a run gives back what was trained, and refuses another run."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import RecipeError
from thoracle.prognosis.landmarks import after_admission
from thoracle.prognosis.types import Chart
from thoracle.train.prognosis.ensemble import Ensemble
from thoracle.train.prognosis.recipe import RiskRecipe
from thoracle.train.prognosis.run import begin_run, is_finished, open_ensemble, save_ensemble


def test_an_ensemble_comes_back_as_it_was_saved(
    small_ensemble: Ensemble, risk_recipe: RiskRecipe, stays: tuple[Chart, ...], tmp_path: Path
) -> None:
    with pytest.raises(RecipeError, match="expected the weights of a finished run"):
        open_ensemble(tmp_path)
    begin_run(tmp_path, risk_recipe, {"patients": 40})
    save_ensemble(small_ensemble, tmp_path)
    assert is_finished(tmp_path)
    found = open_ensemble(tmp_path)
    landmarks = after_admission(stays, days=1)
    np.testing.assert_allclose(
        found.risks(stays, landmarks), small_ensemble.risks(stays, landmarks), rtol=1e-12
    )
    assert found.trials == small_ensemble.trials
    assert found.recipe == small_ensemble.recipe


def test_another_recipe_or_other_patients_need_another_folder(
    risk_recipe: RiskRecipe, tmp_path: Path
) -> None:
    begin_run(tmp_path, risk_recipe, {"patients": 40})
    begin_run(tmp_path, risk_recipe, {"patients": 40})
    with pytest.raises(RecipeError, match="found another run") as caught:
        begin_run(tmp_path, risk_recipe, {"patients": 41})
    assert caught.value.code == "run-input"
    with pytest.raises(RecipeError, match="found another run"):
        begin_run(tmp_path, replace(risk_recipe, text="# other"), {"patients": 40})
