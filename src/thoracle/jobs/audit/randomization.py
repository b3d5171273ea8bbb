"""Whether maps go when the weights go: the same graph with random weights, last layer first."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray, FloatArray
from thoracle.core.progress import Progress
from thoracle.evaluation.bootstrap import PatientResamples
from thoracle.evaluation.map_similarity import rank_correlation, structural_similarity
from thoracle.evaluation.survival import mean_estimate
from thoracle.evaluation.verdicts import verdict
from thoracle.inference.weights import Weight, randomized, read_weights
from thoracle.jobs.audit.films import AuditFilms
from thoracle.jobs.audit.models import MakeExplainers
from thoracle.jobs.audit.options import AuditOptions
from thoracle.radiograph.explainers import Explainer, in_box
from thoracle.radiograph.model import Classifier
from thoracle.reporting.shortcut_report import AuditSection, AuditTable, Cell

GRID = 28  # a side: twice the finest map's, so that none is flattened.
STAGES: Final = {"the last layer": 0.0, "the last half": 0.5, "all": 1.0}
"""How much of the layers, counted from the output, is random; at least one."""
_COLUMNS = ("explainer", "random", "rank correlation", "SSIM", "empty maps")


def audit_randomization(
    films: AuditFilms,
    classifier: Classifier,
    make: MakeExplainers,
    options: AuditOptions,
    on_progress: Progress,
) -> AuditSection:
    """Compare maps of trained and of random weights.

    Parameters
    ----------
    films
        Judged untouched; the finding explained is each film's likeliest.
    classifier
        With the trained weights.
    make
        From a classifier to its explainers. One that reads no classifier returns the same map and
        fails, rightly: it does not explain this network.
    options
        Resamples and seed.
    on_progress
        Told of each film.

    Returns
    -------
    AuditSection
        A verdict per explainer, with all weights random.

    References
    ----------
    Adebayo et al., Sanity Checks for Saliency Maps, NeurIPS 2018.
    """
    content = classifier.bundle.network.read_bytes()
    weights = read_weights(content)
    networks = [
        Classifier(
            classifier.bundle,
            content=randomized(content, last_layers(weights, share), seed=options.seed),
        )
        for share in STAGES.values()
    ]
    own, others = make(classifier), [make(one) for one in networks]
    likeness = np.full((len(films.films), len(STAGES), len(own), 3), np.nan)
    for place, pixels in films.pixels("randomize", on_progress):
        trained = [_map(one, films, place, pixels) for one in own]
        for stage, explainers in enumerate(others):
            for index, (one, before) in enumerate(zip(explainers, trained, strict=True)):
                likeness[place, stage, index] = _likeness(before, _map(one, films, place, pixels))
    resamples = films.answers(options).resamples
    return _section([one.name for one in own], likeness, resamples)


def last_layers(weights: Sequence[Weight], share: float) -> tuple[Weight, ...]:
    """Return the weights of a share of the layers, from the output on; at least one layer."""
    layers = 1 + max(one.layer for one in weights)
    first = layers - max(1, math.ceil(share * layers))
    return tuple(one for one in weights if one.layer >= first)


def _map(explainer: Explainer, films: AuditFilms, place: int, pixels: FloatArray) -> FloatArray:
    lungs = films.lungs[place]
    whole = explainer.explain(pixels, lungs)[int(films.logits[place].argmax())]
    return in_box(whole, lungs.box, rows=GRID, columns=GRID)


def _likeness(before: FloatArray, after: FloatArray) -> tuple[float, float, float]:
    """Return rank correlation, structural similarity, and whether the second map is empty."""
    return (
        rank_correlation(before, after),
        structural_similarity(before, after),
        float(np.ptp(after) == 0.0),
    )


def _section(
    names: Sequence[str], likeness: DoubleArray, resamples: PatientResamples
) -> AuditSection:
    rows: list[tuple[Cell, ...]] = []
    verdicts = []
    for index, name in enumerate(names):
        for stage, random in enumerate(STAGES):
            ranks, structure, empty = likeness[:, stage, index].T
            correlation = mean_estimate(ranks, resamples)
            rows.append(
                (name, random, correlation, mean_estimate(structure, resamples),
                 int(np.nansum(empty)))
            )  # fmt: skip
        verdicts.append(verdict("random_weights", name, correlation))
    table = AuditTable(title="Maps of random weights", columns=_COLUMNS, rows=tuple(rows))
    return AuditSection(key="randomization", verdicts=tuple(verdicts), tables=(table,))
