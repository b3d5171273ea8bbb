"""The command `thoracle examples`: what it writes, says and refuses."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from thoracle.cli.examples import examples_app
from thoracle.core.errors import ThoracleError
from thoracle.core.files import sha256_of
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


@pytest.fixture
def film_list(web_place: Any, tmp_path: Path) -> Path:
    """Return a list of two films, of which only the first lies where it says."""
    web_place.put("/one.png", b"one")
    lines = [f'address = "{web_place.address}/{{name}}"', "bytes_max = 100"]
    for name, content in (("one.png", b"one"), ("two.png", b"two")):
        lines += [
            "[[films]]", f'name = "{name}"', 'finding = "COVID-19"', 'view = "PA"',
            'license = "CC BY 4.0"', 'credit = "Somebody"', 'source = "https://example.org/a"',
            f'sha256 = "{sha256_of(content)}"',
        ]  # fmt: skip
    path = tmp_path / "list.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_fetch_tells_of_each_film_and_fails_when_one_did(film_list: Path, tmp_path: Path) -> None:
    out = tmp_path / "films"
    result = RUNNER.invoke(examples_app, ["fetch", "--list", str(film_list), "--out", str(out)])
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == ("one.png: fetched – COVID-19; CC BY 4.0, Somebody, https://example.org/a")
    assert lines[1].startswith("two.png: failed – found HTTP status 404 at http://127.0.0.1")
    assert lines[1].endswith(" [download-status]")
    assert lines[2] == f"1 of 2 films are in {out}"
    assert "Fetching films" in result.stderr


def test_fetch_keeps_films_where_the_first_page_looks_for_them(
    film_list: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, web_place: Any
) -> None:
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path / "home"))
    web_place.put("/mirror/one.png", b"one")
    web_place.put("/mirror/two.png", b"two")
    arguments = ["fetch", "--list", str(film_list), "--from", f"{web_place.address}/mirror"]
    assert RUNNER.invoke(examples_app, arguments).exit_code == 0
    result = RUNNER.invoke(examples_app, arguments)
    assert result.exit_code == 0
    assert result.stdout.count(": there already – ") == 2
    assert (tmp_path / "home" / "examples" / "two.png").read_bytes() == b"two"
    assert len(web_place.asked) == 2


def test_fetch_takes_the_packages_own_list(tmp_path: Path, web_place: Any) -> None:
    result = RUNNER.invoke(
        examples_app, ["fetch", "--from", web_place.address, "--out", str(tmp_path)]
    )
    assert result.exit_code == 1
    assert web_place.asked[0] == "/cae2c0a9.jpg"
    assert list(tmp_path.iterdir()) == []
