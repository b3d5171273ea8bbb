"""The opened models that an audit asks, and the explainers over a classifier."""

from collections.abc import Callable
from dataclasses import dataclass

from thoracle.inference.bundle import Bundle, list_bundles, open_bundle
from thoracle.jobs.analyze import ANOMALY_BUNDLE, GATE_BUNDLE, LUNG_BUNDLE
from thoracle.radiograph.anomaly import AnomalyExplainer, AnomalyFinder
from thoracle.radiograph.explainers import Explainer, gradient_explainers
from thoracle.radiograph.gate import Gate
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier
from thoracle.radiograph.occlusion import OcclusionMap

MakeExplainers = Callable[[Classifier], tuple[Explainer, ...]]
"""From an opened classifier to what explains it; made anew over random weights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditModels:
    """Classifier, lungs and gate."""

    classifier: Classifier
    lungs: LungFinder
    gate: Gate


def open_models(bundle: Bundle) -> AuditModels:
    """Open a classifier with the lungs and the gate in use; another task is a BundleError."""
    return AuditModels(
        classifier=Classifier(bundle),
        lungs=LungFinder(open_bundle(LUNG_BUNDLE)),
        gate=Gate(open_bundle(GATE_BUNDLE)),
    )


def classifier_explainers(classifier: Classifier) -> tuple[Explainer, ...]:
    """Return every map of the network's graph, and the occlusion map."""
    return (*gradient_explainers(classifier), OcclusionMap(classifier))


def installed_explainers(classifier: Classifier) -> tuple[Explainer, ...]:
    """Return what explains a classifier, and the anomaly map where its bundle is installed."""
    own = classifier_explainers(classifier)
    if all(folder.name != ANOMALY_BUNDLE for folder in list_bundles()):
        return own
    finder = AnomalyFinder(open_bundle(ANOMALY_BUNDLE))
    return (*own, AnomalyExplainer(finder, findings=len(classifier.bundle.labels)))
