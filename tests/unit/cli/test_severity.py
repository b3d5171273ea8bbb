"""`thoracle severity evaluate` leaves a report and, if asked, puts it onto the bundle's card."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.core.errors import EvaluationError
from thoracle.datasets.duplicates import write_pairs
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest, write_manifest
from thoracle.datasets.split import make_split, write_split
from thoracle.jobs import card, severity_report
from thoracle.jobs.evaluate_severity import PREDICTIONS
from thoracle.train import start
from thoracle.train.recipe import Recipe
from thoracle.train.start import TrainingPlaces
from thoracle.train.tables import TrainingData

RUNNER = CliRunner()
RECIPE = Path(__file__).parents[3] / "recipes" / "severity.toml"


@pytest.fixture
def split_manifest(tmp_path: Path) -> Manifest:
    """Write a manifest of twelve films with its split and near-duplicates."""
    films = tuple(
        Film(path=f"{i}.png", source="here", patient=str(i), label="normal") for i in range(12)
    )
    for film in films:
        (tmp_path / film.path).write_bytes(film.path.encode())
    manifest = Manifest(films=films, root=tmp_path)
    write_manifest(manifest, tmp_path / "manifest.csv")
    split = make_split(manifest, (), {"train": 0.6, "tune": 0.2, "test": 0.2}, 0)
    write_split(split, tmp_path / "split.csv")
    write_pairs((), tmp_path / "split.duplicates.csv", manifest_digest=manifest.digest)
    return manifest


@pytest.mark.usefixtures("split_manifest")
def test_a_severity_run_ends_without_a_learning_curve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def learn(_recipe: Recipe, data: TrainingData, places: TrainingPlaces) -> None:
        assert len(data.groups) == 12
        places.run.mkdir()
        (places.run / "predictions.csv").write_text("path,group\n", encoding="utf-8")

    monkeypatch.setattr(start, "train", learn)
    found = RUNNER.invoke(
        app,
        ["train", str(RECIPE), "--manifest", str(tmp_path / "manifest.csv"),
         "--split", str(tmp_path / "split.csv"), "--run", str(tmp_path / "run")],
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    assert [one.name for one in (tmp_path / "run").iterdir()] == ["predictions.csv"]


@pytest.mark.usefixtures("split_manifest")
def test_the_report_is_written_printed_and_attached(
    bundles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached: list[str] = []
    written: list[Path] = []
    report = SimpleNamespace(markdown="| two readers |")

    def judged(run: Path, bundle: object, scope: object, groups: dict[str, str]) -> object:
        assert run == tmp_path / "run"
        assert len(groups) == 12
        return SimpleNamespace(report=report, write=written.append)

    (tmp_path / "run").mkdir()
    (tmp_path / "run" / PREDICTIONS).touch()
    monkeypatch.setattr(severity_report, "severity_report", judged)
    monkeypatch.setattr(card, "attach", lambda name, _: attached.append(name))
    found = RUNNER.invoke(
        app,
        ["severity", "evaluate", str(tmp_path / "run"), "--bundle", str(bundles / "lungs"),
         "--manifest", str(tmp_path / "manifest.csv"), "--split", str(tmp_path / "split.csv"),
         "--out", str(tmp_path / "out"), "--attach"],
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    assert "two readers" in found.output
    assert written == [tmp_path / "out"]
    assert attached == [str(bundles / "lungs")]


def test_a_run_that_is_missing_is_told_before_manifest_and_split() -> None:
    found = RUNNER.invoke(app, ["severity", "evaluate", "runs/nope"])
    assert isinstance(found.exception, EvaluationError)
    assert found.exception.code == "run-unfinished"
