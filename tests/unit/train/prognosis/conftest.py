"""A recipe and patients small enough for a test."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.prognosis.types import Chart
from thoracle.train.prognosis.ensemble import Ensemble, fit_ensemble
from thoracle.train.prognosis.packing import pack_risks
from thoracle.train.prognosis.recipe import RiskRecipe, parse_risk_recipe
from thoracle.train.prognosis.run import begin_run, save_ensemble

SMALL = """
name = "small"
version = "1.0.0"
seed = 3
patients_min = {patients_min}
[network]
cell = "{cell}"
hidden = 4
[training]
epochs = {epochs}
batch = 16
learning_rate = 0.02
members = 2
average = 0.8
[tuning]
cells = {cells}
folds = 2
members = 1
"""


@pytest.fixture(scope="session")
def risk_recipe_text() -> Callable[..., str]:
    """Return what writes a small recipe's text."""

    def text(
        *, cell: str = "gru", cells: str = "[]", epochs: int = 1, patients_min: int = 5
    ) -> str:
        return SMALL.format(cell=cell, cells=cells, epochs=epochs, patients_min=patients_min)

    return text


@pytest.fixture(scope="session")
def risk_recipe(risk_recipe_text: Callable[..., str]) -> RiskRecipe:
    """Read a small recipe."""
    return parse_risk_recipe(risk_recipe_text())


@pytest.fixture(scope="session")
def stays() -> tuple[Chart, ...]:
    """Forty simulated stays."""
    return simulate_cohort(40, rng=np.random.default_rng(11)).charts


@pytest.fixture(scope="session")
def small_ensemble(risk_recipe: RiskRecipe, stays: tuple[Chart, ...]) -> Ensemble:
    """An ensemble of two networks, hardly trained."""
    return fit_ensemble(stays, risk_recipe)


@pytest.fixture(scope="session")
def small_run(
    small_ensemble: Ensemble, risk_recipe: RiskRecipe, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a finished run, with its bundle: exporting takes seconds."""
    folder = tmp_path_factory.mktemp("prognosis") / "run"
    facts = {"cohort": "simulated", "patients": 40, "patients_with_the_event": 12}
    begin_run(folder, risk_recipe, facts)
    save_ensemble(small_ensemble, folder)
    pack_risks(folder, folder / "bundle")
    return folder
