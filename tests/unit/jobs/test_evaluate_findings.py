"""The classifier's report has every figure, and shows films only when asked."""

import json
import re
import sys
from pathlib import Path

import pytest

from thoracle.core.errors import MissingExtraError
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import open_bundle
from thoracle.jobs import evaluate_findings as module
from thoracle.jobs.evaluate_findings import evaluate_findings
from thoracle.jobs.evaluation_scope import EvaluationScope, Report


@pytest.fixture
def reports(bundles: Path, collection: Manifest) -> tuple[Report, Report]:
    bundle = open_bundle(str(bundles / "radiograph"))
    scope = EvaluationScope(name="All", manifest=collection)
    return (
        evaluate_findings(bundle, scope, with_films=True),
        evaluate_findings(bundle, scope, with_films=False),
    )


def test_the_report_counts_films_and_repeats_itself(reports: tuple[Report, Report]) -> None:
    figures = json.loads(reports[0].json)
    assert figures["data"]["films"] == 60
    assert figures["data"]["patients"] == 30
    assert sum(figures["overall"]["support"]) == 60
    assert reports[0].json == reports[1].json


def test_films_are_shown_only_when_asked(reports: tuple[Report, Report]) -> None:
    with_films, without = (report.html or "" for report in reports)
    assert "data:image/png" in with_films
    assert "data:image/png" not in without
    assert re.search(r"f\d\d\.png", without)


def test_the_markdown_says_the_scope(reports: tuple[Report, Report]) -> None:
    assert reports[0].markdown.startswith("Scope: all films; all sources; all ages.")


def test_the_json_says_what_was_judged_and_lists_every_mistake(
    reports: tuple[Report, Report], bundles: Path, collection: Manifest
) -> None:
    content = json.loads(reports[0].json)
    assert content["provenance"]["bundle digest"] == open_bundle("radiograph").digest
    assert content["provenance"]["manifest digest"] == collection.digest
    assert content["provenance"]["scope"] == "all films; all sources; all ages"
    confusion = content["overall"]["confusion"]
    wrong = sum(map(sum, confusion)) - sum(confusion[place][place] for place in range(3))
    assert len(content["misclassified"]) == wrong > 0
    labels = {film.path: film.finding for film in collection.films}
    for one in content["misclassified"]:
        assert one["reference"] == labels[one["film"]] != one["predicted"]
        assert one["predicted_probability"] >= one["reference_probability"]
    assert content["unreadable"] == []


def test_films_that_cannot_be_read_are_counted_and_named(
    bundles: Path, collection: Manifest
) -> None:
    for name in ("f00.png", "f01.png"):
        (collection.root / name).write_bytes(b"broken")
    scope = EvaluationScope(name="All", manifest=collection)
    report = evaluate_findings(open_bundle("radiograph"), scope, with_films=False)
    content = json.loads(report.json)
    assert content["unreadable"] == ["f00.png", "f01.png"]
    assert content["provenance"]["films"] == "58"
    assert content["cautions"][0]["code"] == "unreadable-films"
    assert "- 2 films could not be read and are left out." in report.markdown
    assert "2 films could not be read" in (report.html or "")


def test_without_plots_nothing_is_scored(
    bundles: Path, collection: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_arguments: object, **_options: object) -> None:
        raise AssertionError("films were scored")

    monkeypatch.setattr(module, "score_films", never)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    scope = EvaluationScope(name="All", manifest=collection)
    with pytest.raises(MissingExtraError, match="research"):
        evaluate_findings(open_bundle("radiograph"), scope, with_films=False)


def test_a_table_of_covariates_reaches_the_regression(
    bundles: Path, collection: Manifest, tmp_path: Path
) -> None:
    rows = "".join(f"p{number},{20 + number % 13},\n" for number in range(30))
    table = tmp_path / "covariates.csv"
    table.write_text("patient,bmi,ethnicity\n" + rows, encoding="utf-8")
    scope = EvaluationScope(name="All", manifest=collection, covariates=table, half_width=0.1)
    report = evaluate_findings(open_bundle("radiograph"), scope, with_films=False)
    content = json.loads(report.json)
    known = {one["name"]: one["known"] for one in content["dependence"]["factors"]}
    assert known == {"Age": 60, "Sex": 60, "BMI": 60, "Ethnicity": 0}
    assert content["options"]["half_width"] == 0.1
    assert len(content["decision_curves"]) == 3
    assert content["family"]["intervals"] == 4
    assert "Ethnicity is known of no film. Give it with --covariates." in (report.html or "")


def test_without_statsmodels_nothing_is_scored(
    bundles: Path, collection: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_arguments: object, **_options: object) -> None:
        raise AssertionError("films were scored")

    monkeypatch.setattr(module, "score_films", never)
    monkeypatch.setitem(sys.modules, "statsmodels", None)
    scope = EvaluationScope(name="All", manifest=collection)
    with pytest.raises(MissingExtraError, match="statsmodels"):
        evaluate_findings(open_bundle("radiograph"), scope, with_films=False)
