"""`thoracle prognosis train` leaves a bundle; `cross-validate` risks of patients never seen."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.datasets.prognosis.cohort import write_cohort
from thoracle.datasets.prognosis.out_of_fold import read_out_of_fold
from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.train.export import Parity
from thoracle.train.prognosis import command

RUNNER = CliRunner()
RECIPE = """
name = "small"
version = "1.0.0"
seed = 1
patients_min = 3
[network]
hidden = 2
[training]
epochs = 1
batch = 8
learning_rate = 0.01
members = 2
[tuning]
folds = 2
members = 1
"""


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """A recipe and a cohort of thirty simulated patients."""
    recipe, cohort = tmp_path / "small.toml", tmp_path / "cohort"
    recipe.write_text(RECIPE, encoding="utf-8")
    write_cohort(simulate_cohort(30, rng=np.random.default_rng(2)), cohort)
    return [str(recipe), str(cohort), "--run", str(tmp_path / "run")]


def test_training_says_what_was_chosen_and_where_the_bundle_lies(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parity = Parity(films=16, logit_difference=1e-7, map_difference=0.0)
    monkeypatch.setattr(command, "pack_risks", lambda *_: parity)
    done = RUNNER.invoke(app, ["prognosis", "train", *words, "--before", "2030-01-01"])
    assert done.exit_code == 0, done.output
    assert "chosen: gru, 2 units" in done.output
    assert f"{tmp_path / 'run' / 'bundle'}: 1.0e-07 in a logit from torch." in done.output
    assert (tmp_path / "run" / "risks.safetensors").is_file()


def test_cross_validation_leaves_risks_of_every_fold(words: list[str], tmp_path: Path) -> None:
    done = RUNNER.invoke(
        app, ["prognosis", "cross-validate", *words, "--folds", "2", "--repeats", "1"]
    )
    assert done.exit_code == 0, done.output
    told = read_out_of_fold(tmp_path / "run" / "out_of_fold.npz")
    assert set(told.fold.tolist()) == {0, 1}
    assert (tmp_path / "run" / "forecasts.json").is_file()
