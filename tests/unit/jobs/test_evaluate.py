"""The bundle's task decides which evaluation is made."""

from pathlib import Path

import pytest

from thoracle.core.errors import EvaluationError
from thoracle.datasets.manifest import Manifest
from thoracle.jobs.evaluate import evaluate_bundle
from thoracle.jobs.evaluation_scope import EvaluationScope


def test_a_classifier_gets_findings(bundles: Path, collection: Manifest) -> None:
    scope = EvaluationScope(name="x", manifest=collection)
    assert "COVID-19" in evaluate_bundle("radiograph", scope, with_films=False).markdown


def test_a_gate_asks_for_its_collections(bundles: Path, collection: Manifest) -> None:
    with pytest.raises(EvaluationError, match="collections"):
        evaluate_bundle("gate", EvaluationScope(name="x", manifest=collection), with_films=False)


def test_a_lung_bundle_asks_for_masks(bundles: Path, collection: Manifest) -> None:
    with pytest.raises(EvaluationError, match="found no film"):
        evaluate_bundle("lungs", EvaluationScope(name="x", manifest=collection), with_films=False)
