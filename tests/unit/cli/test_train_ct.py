"""`thoracle train ct` and `ct-study` pass on what they were told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.core.errors import RecipeError
from thoracle.train.ct import study as module
from thoracle.train.ct.fit import CtRun
from thoracle.train.export import Parity

RUNNER = CliRunner()
RECIPES = Path(__file__).parents[3] / "recipes"


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Three cases of two patients; the files are empty, since nothing reads them here."""
    rows = ["case,patient", "a,p1", "b,p1", "c,p2"]
    (tmp_path / "cases.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    for name in "abc":
        for kind in ("image", "labels"):
            (tmp_path / f"{name}_{kind}.nii.gz").touch()
    return tmp_path


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[CtRun]:
    """Whatever was to be trained."""
    seen: list[CtRun] = []

    def fit_and_pack(run: CtRun) -> Parity:
        seen.append(run)
        return Parity(films=1, logit_difference=2e-6, map_difference=0.0)

    monkeypatch.setattr(module, "fit_and_pack", fit_and_pack)
    return seen


def _invoke(*words: str | Path) -> Callable[[], str]:
    return lambda: RUNNER.invoke(app, ["train", *map(str, words)], catch_exceptions=False).output


def test_a_run_without_a_patient_says_whom_it_learned_from(
    cases: Path, runs: list[CtRun], tmp_path: Path
) -> None:
    said = _invoke(
        "ct", RECIPES / "ct-3d.toml", "--cases", cases, "--leave-out", "p1", "--run", tmp_path / "r"
    )()
    assert [one.name for one in runs[0].cases] == ["c"]
    assert "Trained on p2" in said
    assert "2.0e-06 in a logit from torch" in said


def test_an_unknown_patient_is_an_error(cases: Path, runs: list[CtRun]) -> None:
    with pytest.raises(RecipeError, match="found no patient 'p7'"):
        _invoke("ct", RECIPES / "ct-3d.toml", "--cases", cases, "--leave-out", "p7")()
    assert runs == []


def test_a_study_trains_the_parts_that_are_asked_for(
    cases: Path, runs: list[CtRun], tmp_path: Path
) -> None:
    recipe = RECIPES / "ct-2d.toml"
    _invoke("ct-study", recipe, "--cases", cases, "--out", tmp_path, "--no-everybody")()
    assert [one.folder.name for one in runs] == ["without-p1", "without-p2"]
    runs.clear()
    said = _invoke("ct-study", recipe, "--cases", cases, "--out", tmp_path, "--no-one-out")()
    assert [one.folder.name for one in runs] == ["all"]
    assert "all: learns from p1, p2" in said
