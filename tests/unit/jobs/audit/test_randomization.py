"""Random weights: an explainer that reads the network changes, one that does not fails."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.core.progress import no_progress
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.verdicts import Outcome
from thoracle.inference.weights import Weight
from thoracle.jobs.audit.films import AuditFilms
from thoracle.jobs.audit.models import AuditModels
from thoracle.jobs.audit.randomization import STAGES, audit_randomization, last_layers
from thoracle.radiograph.explainers import Explainer
from thoracle.radiograph.model import Classifier
from thoracle.radiograph.occlusion import OcclusionMap
from thoracle.radiograph.types import Lungs

Looked = Callable[[str], tuple[AuditFilms, AuditModels]]


class Edges:
    """What Adebayo and others warn of: a map of the film's edges, whatever the network."""

    name = "edges"

    def explain(self, pixels: FloatArray, _lungs: Lungs) -> FloatArray:
        return np.stack([np.abs(np.gradient(pixels)[0]).astype(np.float32)] * 3)


def both(classifier: Classifier) -> tuple[Explainer, ...]:
    return (Edges(), OcclusionMap(classifier))


def test_only_the_explainer_that_reads_the_network_passes(
    looked: Looked, lab: SimpleNamespace
) -> None:
    films, models = looked("beside")
    chosen = films.select(films.reference > 0).sample(7, seed=0)
    section = audit_randomization(chosen, models.classifier, both, lab.options, no_progress)
    edges, occlusion = section.verdicts
    assert (edges.subject, edges.outcome) == ("edges", Outcome.FAILS)
    assert edges.estimate.value == pytest.approx(1.0)
    assert (occlusion.subject, occlusion.outcome) == ("occlusion", Outcome.PASSES)
    (table,) = section.tables
    assert [row[:2] for row in table.rows] == [
        (name, stage) for name in ("edges", "occlusion") for stage in STAGES
    ]
    last = table.rows[len(STAGES) - 1]
    assert isinstance(last[3], Estimate)
    assert last[3].value == pytest.approx(1.0)
    assert last[4] == 0


def test_the_bundle_s_own_file_is_not_touched(looked: Looked, lab: SimpleNamespace) -> None:
    films, models = looked("lungs")
    before = models.classifier.bundle.network.read_bytes()
    audit_randomization(
        films.sample(1, seed=0), models.classifier, lambda _one: (Edges(),), lab.options,
        no_progress,
    )  # fmt: skip
    assert models.classifier.bundle.network.read_bytes() == before


def test_layers_are_counted_from_the_output_and_copies_go_along() -> None:
    weights = [
        Weight(name=f"{layer}{copy}", shape=(2, 2), start=0, stop=16, layer=layer)
        for layer in range(6)
        for copy in ("", "'")
    ]
    assert {one.layer for one in last_layers(weights, 0.0)} == {5}
    assert len(last_layers(weights, 0.0)) == 2
    assert {one.layer for one in last_layers(weights, 0.5)} == {3, 4, 5}
    assert len(last_layers(weights, 1.0)) == 12
