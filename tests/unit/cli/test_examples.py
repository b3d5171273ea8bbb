"""The command `thoracle examples`: what it writes, says and refuses."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from thoracle.cli.examples import examples_app
from thoracle.core.errors import ThoracleError
from thoracle.datasets.film import Film
from thoracle.datasets.film_model import shipped_model
from thoracle.datasets.film_privacy import Nearness
from thoracle.datasets.manifest import Manifest, write_manifest
from thoracle.jobs import examples
from thoracle.jobs.examples import FilmChoice

RUNNER = CliRunner()


def test_make_writes_films_and_says_where(tmp_path: Path) -> None:
    out = tmp_path / "films"
    result = RUNNER.invoke(
        examples_app,
        ["make", "2", "--out", str(out), "--size", "128", "--format", "both", "--opacity"],
    )
    assert result.exit_code == 0, result.output
    assert "2 synthetic films, 8 files, written to" in result.output
    assert len(list(out.iterdir())) == 8


def test_make_of_an_unknown_finding_is_an_error_of_the_package(tmp_path: Path) -> None:
    result = RUNNER.invoke(examples_app, ["make", "1", "--out", str(tmp_path), "--finding", "flu"])
    assert result.exit_code == 1
    assert isinstance(result.exception, ThoracleError)


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Return a manifest of one film that is never opened."""
    path = tmp_path / "manifest.csv"
    films = (Film(path="a.png", source="here"),)
    write_manifest(Manifest(films=films, root=tmp_path), path)
    return path


def test_fit_writes_a_model_from_the_manifest(
    manifest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[FilmChoice] = []

    def fit(choice: FilmChoice, **_: object) -> object:
        seen.append(choice)
        return shipped_model()

    monkeypatch.setattr(examples, "fit_film_model", fit)
    monkeypatch.setattr("thoracle.jobs.film_lungs.mask_finder", lambda name: name)
    out = tmp_path / "model.npz"
    result = RUNNER.invoke(
        examples_app, ["fit", str(manifest), "--out", str(out), "--per-finding", "77"]
    )
    assert result.exit_code == 0, result.output
    assert out.is_file()
    assert "films used: No finding" in result.output
    assert (seen[0].per_finding, seen[0].pairs) == (77, ())


@pytest.mark.parametrize(("nearest", "code"), [(0.5, 0), (0.05, 1)])
def test_audit_fails_when_a_film_comes_too_near(
    manifest: Path, monkeypatch: pytest.MonkeyPatch, nearest: float, code: int
) -> None:
    found = Nearness(
        name="whole",
        synthetic=np.array([nearest, 0.6], np.float32),
        patients=np.array([0.1, 0.2], np.float32),
    )
    monkeypatch.setattr(examples, "audit_examples", lambda *_, **__: (found,))
    monkeypatch.setattr("thoracle.jobs.film_lungs.mask_finder", lambda name: name)
    result = RUNNER.invoke(examples_app, ["audit", str(manifest)])
    assert result.exit_code == code, result.output
    assert "nearer than the nearest two patients" in result.output


def test_duplicates_of_another_manifest_are_refused(manifest: Path, tmp_path: Path) -> None:
    result = RUNNER.invoke(
        examples_app, ["audit", str(manifest), "--duplicates", str(tmp_path / "none.csv")]
    )
    assert result.exit_code == 1
    assert isinstance(result.exception, ThoracleError)


def test_make_needs_nothing_but_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = RUNNER.invoke(examples_app, ["make", "1", "--size", "128"])
    assert result.exit_code == 0, result.output
    names = sorted(path.name for path in (tmp_path / "examples").iterdir())
    assert names == ["synthetic-0-000.json", "synthetic-0-000.png"]
