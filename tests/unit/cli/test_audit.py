"""`thoracle audit` parses, asks the laboratory, writes, and attaches when asked."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.core.errors import BundleError
from thoracle.datasets.manifest import Manifest, write_manifest
from thoracle.jobs.audit import run
from thoracle.jobs.audit.options import QUICK, AuditOptions
from thoracle.jobs.audit.run import Audit
from thoracle.jobs.card import audit_of

CONTENT = {"scope": "S.", "provenance": {}, "cautions": [], "verdicts": [], "sections": []}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Stand in for the laboratory, and note what it was asked."""
    calls: list[Any] = []

    def stand_in(bundle: str, scope: Any, options: AuditOptions, **left_out: Any) -> Audit:
        calls.append((bundle, scope, options, left_out))
        content = json.dumps(CONTENT).encode()
        return Audit(report=None, json=content, markdown="VERDICTS", html="<p>")  # type: ignore[arg-type]

    monkeypatch.setattr(run, "audit_bundle", stand_in)
    return calls


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.csv"
    write_manifest(Manifest(films=(), root=tmp_path), path)
    return path


def test_the_verdicts_are_printed_and_written(
    asked: list[Any], manifest: Path, tmp_path: Path, bundles: Path
) -> None:
    out, split = tmp_path / "out", tmp_path / "split.csv"
    split.write_text("path,group,split\n")
    result = CliRunner().invoke(
        app,
        ["audit", "radiograph", str(manifest), "--out", str(out), "--sources", "nih, cohen",
         "--populations", "adult", "--without", "nih=radiograph", "--without", "cohen=lungs",
         "--without-split", str(split)],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "VERDICTS" in result.stdout
    assert (out / "audit.html").is_file()
    ((bundle, scope, options, left_out),) = asked
    assert bundle == "radiograph"
    assert scope.sources == ("nih", "cohen")
    assert scope.populations == ("adult",)
    assert options == AuditOptions()
    assert left_out == {"without": {"nih": "radiograph", "cohen": "lungs"}, "splits": (split,)}
    assert audit_of(bundles / "radiograph") is None


def test_quick_looks_at_fewer_films_and_attach_keeps_the_verdicts(
    asked: list[Any], manifest: Path, tmp_path: Path, bundles: Path
) -> None:
    result = CliRunner().invoke(
        app, ["audit", "radiograph", str(manifest), "--out", str(tmp_path), "--quick", "--attach"]
    )
    assert result.exit_code == 0, result.output
    assert asked[0][2] == QUICK
    assert audit_of(bundles / "radiograph") is not None
    assert "## Shortcut laboratory" in (bundles / "radiograph" / "MODEL_CARD.md").read_text("utf-8")


def test_a_bundle_that_is_missing_is_told_before_any_film_is_judged(
    asked: list[Any], manifest: Path, bundles: Path
) -> None:
    words = ["audit", "radiograph", str(manifest), "--without", "nih=nope"]
    result = CliRunner().invoke(app, words)
    assert isinstance(result.exception, BundleError)
    assert result.exception.code == "bundle-missing"
    assert asked == []


@pytest.mark.parametrize("wrong", ["nih", "=a", "nih="])
def test_a_bundle_without_its_source_is_refused(
    wrong: str, asked: list[Any], manifest: Path
) -> None:
    result = CliRunner().invoke(app, ["audit", "radiograph", str(manifest), "--without", wrong])
    assert result.exit_code != 0
    assert "expected SOURCE=BUNDLE" in str(result.exception)
    assert asked == []
