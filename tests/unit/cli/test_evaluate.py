"""The commands evaluate and calibrate read a manifest and leave reports and bundles."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.core.arrays import FloatArray
from thoracle.core.errors import EvaluationError, SplitError
from thoracle.core.files import sha256_of_file
from thoracle.core.settings import settings
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest, read_manifest, write_manifest
from thoracle.datasets.split import make_split, write_split
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description
from thoracle.jobs import evaluate
from thoracle.jobs.evaluation_scope import EvaluationScope, Report

RUNNER = CliRunner()


@pytest.fixture
def manifest(
    tmp_path: Path, draw: Callable[..., FloatArray], as_png: Callable[[FloatArray], bytes]
) -> Path:
    rng = np.random.default_rng(0)
    films = []
    for number in range(45):
        pixels = draw() * (0.4 + 0.25 * (number % 3)) + rng.uniform(0, 0.1, (256, 240))
        (tmp_path / f"{number}.png").write_bytes(as_png(np.clip(pixels, 0, 1)))
        label = ("normal", "viral", "covid-19")[number % 3]
        films.append(Film(path=f"{number}.png", source="here", patient=str(number), label=label))
    path = tmp_path / "manifest.csv"
    write_manifest(Manifest(films=tuple(films), root=tmp_path), path)
    return path


def test_evaluate_writes_the_report_and_attaches_it(
    bundles: Path, manifest: Path, tmp_path: Path
) -> None:
    out = tmp_path / "report"
    found = RUNNER.invoke(
        app,
        ["evaluate", "radiograph", str(manifest), "--out", str(out), "--attach",
         "--sources", "here, there", "--no-films"],
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    assert (out / "evaluation.html").is_file()
    assert "Test films" in (bundles / "radiograph" / "MODEL_CARD.md").read_text("utf-8")


def test_calibrate_keeps_both_calibrations(bundles: Path, manifest: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    found = RUNNER.invoke(
        app, ["calibrate", "radiograph", str(manifest), "--site", "north", "--out", str(out)]
    )
    assert found.exit_code == 0, found.output
    assert "temperature" in found.output
    assert open_bundle(str(out)).name == "radiograph-north"
    assert [one["name"] for one in read_description(out)["calibrations"]] == ["north"]


def test_calibrate_says_when_a_threshold_was_kept(
    bundles: Path, manifest: Path, tmp_path: Path
) -> None:
    lines = manifest.read_text("utf-8").splitlines()
    few = [lines[0], *lines[1:13]]
    manifest.write_text("\n".join(few) + "\n", encoding="utf-8")
    out = tmp_path / "site"
    found = RUNNER.invoke(
        app, ["calibrate", "radiograph", str(manifest), "--site", "few", "--out", str(out)]
    )
    assert found.exit_code == 0, found.output
    assert "threshold kept" in found.output
    assert "note:" in found.output


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[EvaluationScope]:
    """Stand in for the evaluation and keep what it was asked to judge."""
    scopes: list[EvaluationScope] = []

    def evaluate_bundle(_bundle: str, scope: EvaluationScope, *, with_films: bool) -> Report:
        scopes.append(scope)
        return Report(name=scope.name, json=b"{}", markdown=f"films: {with_films}", html="<p>")

    monkeypatch.setattr(evaluate, "evaluate_bundle", evaluate_bundle)
    return scopes


def test_both_commands_need_a_bundle_and_a_manifest_only(
    bundles: Path,
    manifest: Path,
    tmp_path: Path,
    judged: list[EvaluationScope],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    found = RUNNER.invoke(app, ["evaluate", "radiograph", manifest.name])
    assert found.exit_code == 0, found.output
    assert (tmp_path / "evaluation" / "evaluation.html").is_file()
    assert judged[0].splits is None
    found = RUNNER.invoke(app, ["calibrate", "radiograph", manifest.name])
    assert found.exit_code == 0, found.output
    assert "THORACLE_BUNDLE=radiograph-site" in found.output
    assert open_bundle("radiograph-site").name == "radiograph-site"


def test_a_split_is_checked_against_the_manifest_before_any_film(
    bundles: Path, manifest: Path, tmp_path: Path, judged: list[EvaluationScope]
) -> None:
    films = read_manifest(manifest)
    split = tmp_path / "split.csv"
    write_split(make_split(films, [], {"train": 0.5, "test": 0.5}, 0), split)
    words = ["evaluate", "radiograph", str(manifest), "--split", str(split), "--part", "train",
             "--out", str(tmp_path / "out")]  # fmt: skip
    assert RUNNER.invoke(app, words).exit_code == 0
    assert judged[0].describe().startswith("train split")
    assert judged[0].split_sha256 == sha256_of_file(split)
    write_manifest(films.select(films.films[1:]), manifest)
    found = RUNNER.invoke(app, words)
    assert isinstance(found.exception, SplitError)
    assert found.exception.code == "split-other-manifest"
    assert len(judged) == 1


def test_sites_are_named_with_commas_and_an_unknown_one_is_an_error(
    bundles: Path, manifest: Path, tmp_path: Path, judged: list[EvaluationScope]
) -> None:
    words = ["evaluate", "radiograph", str(manifest), "--out", str(tmp_path / "out"), "--sites"]
    assert RUNNER.invoke(app, [*words, "Italy, example.org"]).exit_code == 0
    assert judged[0].sites == ("Italy", "example.org")
    with pytest.raises(EvaluationError, match="no film of site 'Italy'"):
        judged[0].need_sites()


def test_covariates_and_half_width_reach_the_evaluation(
    bundles: Path, manifest: Path, tmp_path: Path, judged: list[EvaluationScope]
) -> None:
    table = tmp_path / "covariates.csv"
    words = ["evaluate", "radiograph", str(manifest), "--out", str(tmp_path / "out")]
    found = RUNNER.invoke(app, [*words, "--covariates", str(table), "--half-width", "0.1"])
    assert found.exit_code == 0, found.output
    assert judged[0].covariates == table
    assert judged[0].half_width == 0.1
