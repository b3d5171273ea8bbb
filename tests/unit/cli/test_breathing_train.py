"""`thoracle breathing train` leaves a bundle; `ablate` a report of every variant."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.train.breathing import ablation, packing

RUNNER = CliRunner()
RECIPE = """
name = "small"
version = "1.0.0"
seed = 1
[network]
hidden = 2
[training]
epochs = 1
batches_per_epoch = 1
batch = 7
learning_rate = 0.01
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A recipe of one batch."""
    path = tmp_path / "small.toml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


def test_a_bundle_is_trained_and_the_next_step_named(
    recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "CALIBRATION_WINDOWS", 70)
    run = tmp_path / "run"
    done = RUNNER.invoke(app, ["breathing", "train", str(recipe), "--run", str(run)])
    assert done.exit_code == 0, done.output
    assert (run / "bundle" / "bundle.toml").is_file()
    assert f"breathing judge --bundle {run / 'bundle'}" in done.output.replace("\n", " ")


def test_an_ablation_is_printed_and_written(
    recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ablation, "TEST_WINDOWS", 24)
    out = tmp_path / "study"
    words = ["breathing", "ablate", str(recipe), "--seeds", "2", "--out", str(out)]
    done = RUNNER.invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "| BI-AT-LSTM |" in done.output
    assert (out / "ablation.md").is_file()
    refused = RUNNER.invoke(app, [*words[:4], "1", "--out", str(out)])
    assert refused.exit_code == 2
