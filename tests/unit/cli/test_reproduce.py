"""`thoracle reproduce` leads from a manifest to a report, and says what is wrong with a name."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.core.errors import RecipeError
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest, write_manifest


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    rng = np.random.default_rng(1)
    films = []
    kinds = (
        ("kermany", "normal"),
        ("kermany", "bacterial"),
        ("kermany", "viral"),
        ("cohen", "covid-19"),
    )
    for source, label in kinds:
        for number in range(14):
            path = tmp_path / "films" / f"{source}-{label}-{number}.png"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (64, 64), dtype=np.uint8)).save(path)
            who = f"{source}:{label}{number}"
            films.append(Film(path=path.name, source=source, patient=who, label=label, view="PA"))
    written = tmp_path / "manifest.csv"
    write_manifest(Manifest(films=tuple(films), root=tmp_path / "films"), written)
    return written


def test_a_quick_run_prints_and_writes_the_report(manifest: Path, tmp_path: Path) -> None:
    words = ["reproduce", "middlemore", "--quick", "--manifest", str(manifest), "--no-films"]
    words += ["--out", str(tmp_path / "out"), "--run", str(tmp_path / "run")]
    result = CliRunner().invoke(
        app, [*words, "--cache", str(tmp_path / "cache")], catch_exceptions=False
    )
    assert result.exit_code == 0
    assert "| Figure | Published | Ours | 95 % interval |" in result.output
    assert "Why they differ:" in result.output
    written = {one.name for one in (tmp_path / "out").iterdir()}
    assert written == {"report.html", "report.md", "report.json"}


def test_an_unknown_paper_is_named_at_once() -> None:
    result = CliRunner().invoke(app, ["reproduce", "mit"])
    assert isinstance(result.exception, RecipeError)
    assert "expected one of feup, usp, nagpur, puc-rio, middlemore" in str(result.exception)


def test_quick_with_a_size_of_ones_own_is_refused(manifest: Path) -> None:
    words = ["reproduce", "middlemore", "--quick", "--size", "96", "--manifest", str(manifest)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert "expected one or the" in result.output


@pytest.mark.parametrize("option", ["--size", "--epochs", "--films-per-epoch"])
def test_a_negative_number_is_refused(option: str) -> None:
    result = CliRunner().invoke(app, ["reproduce", "nagpur", option, "-4"])
    assert result.exit_code == 2
    assert option in result.output
    assert "Error" in result.output
