"""The command maps compare reads its options and leaves its report."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest, write_manifest
from thoracle.jobs import compare_maps as job
from thoracle.jobs.compare_maps import MapBundles, MapComparison

RUNNER = CliRunner()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = []

    def answer(bundles: MapBundles, scope: Any, options: Any, **more: Any) -> MapComparison:
        calls.append({"bundles": bundles, "scope": scope, "options": options, **more})
        return MapComparison(json=b"{}", html="<p>", markdown="said")

    monkeypatch.setattr(job, "compare_maps", answer)
    return calls


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.csv"
    films = (Film(path="a.png", source="here", label="normal"),)
    write_manifest(Manifest(films=films, root=tmp_path), path)
    return path


def test_every_option_reaches_the_comparison(
    tmp_path: Path, manifest: Path, asked: list[dict[str, Any]]
) -> None:
    found = RUNNER.invoke(
        app,
        ["maps", "compare", str(manifest), "--out", str(tmp_path / "out"), "--bundle", "mine",
         "--anomaly", "one", "--anomaly", "two", "--sources", "here", "--populations", "adult",
         "--boxes", "boxes.csv", "--films-per-finding", "3", "--seed", "5", "--films",
         "--colors", "viridis"],
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    assert found.output.strip() == "said"
    (call,) = asked
    assert call["bundles"] == MapBundles(classifier="mine", anomaly=("one", "two"))
    assert call["scope"].sources == ("here",)
    assert call["scope"].populations == ("adult",)
    assert (call["options"].explained_per_finding, call["options"].seed) == (3, 5)
    assert (call["boxes"], call["colormap"]) == (Path("boxes.csv"), "viridis")
    assert (tmp_path / "out" / "maps.md").read_text() == "said"


def test_no_film_is_shown_unless_it_is_asked_for(
    tmp_path: Path, manifest: Path, asked: list[dict[str, Any]]
) -> None:
    found = RUNNER.invoke(app, ["maps", "compare", str(manifest), "--out", str(tmp_path / "out")])
    assert found.exit_code == 0, found.output
    assert asked[0]["colormap"] is None
    assert asked[0]["bundles"].anomaly == ("anomaly",)
