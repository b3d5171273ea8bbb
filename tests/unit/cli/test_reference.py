"""`thoracle data reference`: simulate, build, plan, and every problem on its own line."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from thoracle.cli.data import data_app
from thoracle.datasets.reference_standard.problems import TablesError

TABLES = ("xrays", "admissions", "codes", "microbiology")


def _run(*words: str | Path) -> Result:
    return CliRunner().invoke(data_app, ["reference", *(str(word) for word in words)])


@pytest.fixture
def hospital(tmp_path: Path) -> Path:
    assert _run("simulate", tmp_path / "tables", "--patients", "30").exit_code == 0
    return tmp_path / "tables"


def _build(hospital: Path, out: Path, *more: str | Path) -> Result:
    given = [word for name in TABLES for word in (f"--{name}", hospital / f"{name}.csv")]
    return _run("build", *given, "--out", out, "--key-folder", out.with_name("keys"), *more)


def test_a_hospital_is_simulated_built_and_compared(hospital: Path, tmp_path: Path) -> None:
    result = _build(hospital, tmp_path / "out", "--truth", hospital / "truth.csv")
    assert result.exit_code == 0
    assert "X-rays in the table: " in result.output
    assert "readers A and B: kappa " in result.output
    assert "0 have lost it" in result.output
    assert "small cells: " in result.stderr
    assert (tmp_path / "out" / "manifest.csv").is_file()


def test_errors_of_the_simulation_are_options(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    shares = ("--miscoded", "0.5", "--contaminated", "0.9", "--missed", "0", "--false-alarm", "0")
    assert "X-rays of 40 patients" in _run("simulate", folder, "--patients", "40", *shares).output
    result = _build(folder, tmp_path / "out", "--truth", folder / "truth.csv")
    assert " 0 have lost it" not in result.output
    assert "conflicts, see conflicts.csv: " in result.stderr


def test_every_problem_stands_on_a_line_of_its_own(hospital: Path, tmp_path: Path) -> None:
    path = hospital / "codes.csv"
    path.write_text(path.read_text(encoding="utf-8") + "ADM0000-0,nonsense\nADM0000-0,J10\n")
    result = _build(hospital, tmp_path / "out")
    assert isinstance(result.exception, TablesError)
    assert len([line for line in result.stderr.splitlines() if line.startswith("codes, row ")]) == 2
    assert not (tmp_path / "out").exists()


def test_rows_on_which_readers_are_undecided_are_told(hospital: Path, tmp_path: Path) -> None:
    path = hospital / "xrays.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",Dr One,negative", ",Dr One,uncertain"), encoding="utf-8")
    told = _build(hospital, tmp_path / "out").stderr
    assert re.search(r"^xrays, rows \d+, .*: readers undecided$", told, re.MULTILINE)


def test_the_shipped_plan_is_written_to_be_edited(hospital: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    assert _run("plan", plan).exit_code == 0
    assert _build(hospital, tmp_path / "out", "--plan", plan).exit_code == 0
