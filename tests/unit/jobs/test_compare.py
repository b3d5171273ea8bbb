"""Two bundles judged on the same films leave a page, JSON and Markdown."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from thoracle.core.errors import BundleError, EvaluationError, MissingExtraError
from thoracle.datasets.manifest import Manifest
from thoracle.inference.description import read_description, write_description
from thoracle.jobs import compare as module
from thoracle.jobs.compare import Question, compare_bundles
from thoracle.jobs.evaluation_scope import EvaluationScope


@pytest.fixture
def scope(collection: Manifest) -> EvaluationScope:
    return EvaluationScope(name="All", manifest=collection)


@pytest.fixture
def other(bundles: Path) -> Path:
    """Return a copy of the tiny bundle that calls every film COVID-19."""
    folder = bundles / "radiograph-lenient"
    shutil.copytree(bundles / "radiograph", folder)
    table = read_description(folder)
    table.pop("files")
    table["version"] = "9.9.9"
    table["labels"][-1]["threshold"] = 1e-6
    write_description(folder, table)
    return folder


def test_thresholds_of_each_bundle_count_and_the_network_they_share_does_not(
    bundles: Path, other: Path, scope: EvaluationScope
) -> None:
    report, figures = compare_bundles(
        str(bundles / "radiograph"), str(other), scope, Question(margin=0.05)
    )
    assert figures.films == 60
    assert figures.patients == 30
    assert figures.of("accuracy").difference.value == 0.0
    found = figures.of("sensitivity", "COVID-19")
    assert (found.first or 0.0) < 1.0
    assert found.second == 1.0
    content = json.loads(report.json)
    assert content["second"].endswith("9.9.9")
    assert {"repeated-patients", "one-primary"} <= {one["code"] for one in content["cautions"]}
    assert content["provenance"]["second bundle"] == content["second"]
    assert report.markdown.startswith("# ")


def test_the_files_are_called_comparison(
    bundles: Path, other: Path, scope: EvaluationScope, tmp_path: Path
) -> None:
    report, _ = compare_bundles("radiograph", str(other), scope, Question())
    report.write(tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["comparison.html", "comparison.json", "comparison.md"]


def test_a_bundle_and_itself_are_told_apart_by_nothing_and_said_to_be_one(
    bundles: Path, scope: EvaluationScope
) -> None:
    report, _ = compare_bundles("radiograph", "radiograph", scope, Question())
    assert "Both are one and the same bundle." in report.markdown


def test_a_film_that_cannot_be_read_is_left_out_of_both(
    bundles: Path, other: Path, scope: EvaluationScope, collection: Manifest
) -> None:
    (collection.root / "f00.png").write_bytes(b"broken")
    report, figures = compare_bundles("radiograph", str(other), scope, Question())
    assert figures.films == 59
    assert "1 film could not be read" in report.markdown


def test_what_could_decide_nothing_is_refused_as_it_is_asked() -> None:
    with pytest.raises(EvaluationError, match="found primary figure 'auc'"):
        Question(primary="auc")
    with pytest.raises(EvaluationError, match="The margin is 0, expected above 0"):
        Question(margin=0.0)


def test_a_gate_and_other_findings_are_refused_before_any_film_is_judged(
    bundles: Path, other: Path, scope: EvaluationScope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "score_films", lambda *_, **__: pytest.fail("scored"))
    table = read_description(other)
    table.pop("files")
    table["labels"].reverse()
    write_description(other, table)
    with pytest.raises(EvaluationError, match="same in the same order"):
        compare_bundles("radiograph", str(other), scope, Question())
    with pytest.raises(BundleError, match="classifier"):
        compare_bundles("radiograph", "gate", scope, Question())


def test_without_plots_nothing_is_scored(
    bundles: Path, scope: EvaluationScope, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_arguments: object, **_options: object) -> None:
        raise AssertionError("films were scored")

    monkeypatch.setattr(module, "score_films", never)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match="research"):
        compare_bundles("radiograph", "radiograph", scope, Question())
