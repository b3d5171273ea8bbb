"""The bundle's task decides which evaluation is made."""

from collections.abc import Callable
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


def test_a_bundle_that_reads_ct_is_sent_to_its_own_command(
    collection: Manifest, ct_bundle: Callable[..., Path]
) -> None:
    scope = EvaluationScope(name="x", manifest=collection)
    with pytest.raises(EvaluationError, match="Judge it with thoracle evaluate-ct"):
        evaluate_bundle(str(ct_bundle()), scope, with_films=False)
