"""`thoracle prognosis evaluate` reads a cohort's folder and writes the report."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.cli.prognosis_evaluate import patients_of
from thoracle.datasets.prognosis.cohort import write_cohort
from thoracle.datasets.prognosis.simulated import simulate_cohort


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("cohort") / "simulated"
    write_cohort(simulate_cohort(60, rng=np.random.default_rng(0)), place)
    return place


def test_a_report_without_baselines_is_written_and_printed(folder: Path, tmp_path: Path) -> None:
    line = ["prognosis", "evaluate", str(folder), "--no-baselines", "--out", str(tmp_path / "e")]
    found = CliRunner().invoke(app, [*line, "--name", "Mine"])
    assert found.exit_code == 0, found.output
    assert "### Beside the literature" in found.output
    assert sorted(one.name for one in (tmp_path / "e").iterdir()) == [
        "prognosis.html",
        "prognosis.json",
        "prognosis.md",
    ]
    content = json.loads((tmp_path / "e" / "prognosis.json").read_bytes())
    assert content["settings"][0]["models"] == ["three-marker rule", "NEWS2"]


def test_a_file_that_holds_no_risks_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "told.npz").write_bytes(b"nothing")
    line = ["prognosis", "evaluate", str(folder), "--out-of-fold", str(tmp_path / "told.npz")]
    found = CliRunner().invoke(app, [*line, "--out", str(tmp_path / "e")])
    assert found.exit_code != 0


def test_a_list_of_patients_has_one_a_line(tmp_path: Path) -> None:
    (tmp_path / "left-out.txt").write_text("A 1\n\n B2 \n", encoding="utf-8")
    assert patients_of(tmp_path / "left-out.txt") == {"A 1", "B2"}


def test_a_cohort_that_is_none_is_refused(tmp_path: Path) -> None:
    line = ["prognosis", "evaluate", str(tmp_path), "--out", str(tmp_path / "e")]
    assert CliRunner().invoke(app, line).exit_code != 0
