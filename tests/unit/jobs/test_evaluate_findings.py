"""The classifier's report has every figure, and shows films only when asked."""

import json
import re
from pathlib import Path

import pytest

from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import open_bundle
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
