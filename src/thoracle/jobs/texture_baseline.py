"""What texture alone can tell: gradient-boosted trees on it, beside the network, on its films."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray, IntArray
from thoracle.core.errors import EvaluationError
from thoracle.core.extras import require_research
from thoracle.datasets.film import Film
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.labels import FINDINGS
from thoracle.datasets.split import TRAIN, TUNE
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.film_set import SetFigures
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.measurement import set_figures
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.paired import PairedFigures, compare_classifiers
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.analyze import LUNG_BUNDLE
from thoracle.jobs.evaluation_scope import SEED, EvaluationScope, Report, provenance
from thoracle.jobs.scoring import evaluation_input, reference_index, score_films
from thoracle.jobs.texture_table import texture_table
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier

TEXTURE_NAME: Final = "texture alone"
SCHEMA: Final = "thoracle-texture-baseline/1"
ROUNDS_MAX: Final = 300
_TREES: Final = {
    "learning_rate": 0.05,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 20,
    "l2_regularization": 1.0,
    "max_features": 0.1,  # of 2000 columns that say much the same
    "class_weight": "balanced",
}
"""Fixed before the test films were judged; only the number of rounds is chosen, on tune films."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Both judged on the same test films.

    Attributes
    ----------
    texture, network
        Figures of each, with intervals by patient.
    paired
        Texture minus network.
    rounds
        Of boosting, chosen on the tune films.
    films
        How many films trained, tuned and tested.
    """

    texture: SetFigures
    network: SetFigures
    paired: PairedFigures
    rounds: int
    films: tuple[int, int, int]


def texture_baseline(
    bundle: str, scope: EvaluationScope, *, folder: Path, workers: int
) -> tuple[Report, Baseline]:
    """Train trees on texture alone and judge them beside a bundle on the same test films.

    The split is the manifest's by patient: the trees see train films, the number of rounds is
    chosen on tune films, and both are judged on films of the scope's part. The trees are not kept.

    Parameters
    ----------
    bundle
        Of task "classifier".
    scope
        With a split. Frontal films of known finding are taken.
    folder
        Keeps the table of features, so that a run can be resumed.
    workers
        Threads that measure texture.

    Returns
    -------
    Report, Baseline
        baseline.json and .md; and the figures.

    Raises
    ------
    EvaluationError
        The scope has no split.
    """
    require_trees()
    if scope.splits is None:
        raise EvaluationError(
            "found no split – expected one: trees that have seen the test films say nothing. Give "
            "it with --split.",
            code="evaluation-no-split",
        )
    parts = [_labeled(replace(scope, part=part)) for part in (TRAIN, TUNE, scope.part)]
    table = texture_table(
        scope.manifest,
        [film for part in parts for film in part],
        folder=folder,
        workers=workers,
        on_progress=scope.on_progress,
    )
    chances, rounds = _boosted(
        [table.of(part) for part in parts], [_references(part) for part in parts]
    )
    network = _network(bundle, scope, parts[2])
    texture = _as_input(chances, network)
    generator = np.random.default_rng(SEED)
    options = EvaluationOptions()
    found = Baseline(
        texture=set_figures(texture, generator=generator, options=options),
        network=set_figures(network, generator=generator, options=options),
        paired=compare_classifiers(texture, network, generator=generator),
        rounds=rounds,
        films=(len(parts[0]), len(parts[1]), len(parts[2])),
    )
    return _report(found, bundle, scope), found


def require_trees() -> None:
    """Stop early where trees cannot be grown; that is a MissingExtraError."""
    require_research("sklearn", package="scikit-learn", need="the texture baseline needs")


def _labeled(scope: EvaluationScope) -> list[Film]:
    return scope.films(lambda film: is_frontal(film) and film.finding is not None)


def _references(films: Sequence[Film]) -> IntArray:
    return np.array([reference_index(film) for film in films], dtype=np.int64)


def _boosted(
    features: Sequence[FloatArray], references: Sequence[IntArray]
) -> tuple[DoubleArray, int]:
    """Return the test films' chances, (films, findings), and the rounds chosen on tune films."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    known = _known(features[0])
    features = [one[:, known] for one in features]
    trees = HistGradientBoostingClassifier(
        max_iter=ROUNDS_MAX, early_stopping=False, random_state=SEED, **_TREES
    )
    trees.fit(features[0], references[0])
    seen = trees.classes_
    losses = [
        _surprise(_all_findings(chances, seen), references[1])
        for chances in trees.staged_predict_proba(features[1])
    ]
    rounds = int(np.argmin(losses)) + 1
    chosen = next(islice(trees.staged_predict_proba(features[2]), rounds - 1, None))
    return _all_findings(chosen, seen), rounds


def _known(values: FloatArray) -> BoolArray:
    """Say which columns have a known value: trees cannot cut the others."""
    return np.asarray(~np.isnan(values).all(axis=0))


def _all_findings(chances: Any, seen: IntArray) -> DoubleArray:
    """Give a finding that no train film has the least chance."""
    whole = np.full((len(chances), len(FINDINGS)), 1e-9)
    whole[:, seen] = np.clip(chances, 1e-9, 1.0)
    return np.asarray(whole / whole.sum(axis=1, keepdims=True), np.float64)


def _surprise(chances: DoubleArray, references: IntArray) -> float:
    return float(-np.log(chances[np.arange(len(references)), references]).mean())


def _network(bundle: str, scope: EvaluationScope, films: Sequence[Film]) -> EvaluationInput:
    classifier = Classifier(open_bundle(bundle))
    scored = score_films(
        scope.manifest,
        films,
        lungs=LungFinder(open_bundle(LUNG_BUNDLE)),
        classifier=classifier,
        with_maps=False,
        on_progress=scope.on_progress,
    )
    if scored.unreadable:
        raise EvaluationError(
            f"found {len(scored.unreadable)} test films that cannot be read – expected all, so "
            "that both are judged on the same. Take them out of the manifest.",
            code="evaluation-unreadable",
        )
    return evaluation_input(scored, classifier)


def _as_input(chances: DoubleArray, network: EvaluationInput) -> EvaluationInput:
    return replace(network, logits=np.log(chances), probabilities=chances, thresholds=None)


def _report(found: Baseline, bundle: str, scope: EvaluationScope) -> Report:
    opened = open_bundle(bundle)
    made_by = provenance(opened, scope, films=found.films[2])
    rows = _rows(found)
    name = f"{opened.name} {opened.version}"
    title = f"# {TEXTURE_NAME.capitalize()} against {name}"
    scope_line = (
        f"Scope: {scope.describe()}; {found.films[0]} train, {found.films[1]} tune and "
        f"{found.films[2]} test films of {found.paired.patients} patients. {found.rounds} rounds. "
        "Intervals of 95 %, by patient."
    )
    caution = (
        "The finding of an adult's film is nearly its collection: a high figure of either does "
        "not say that disease was seen. Go by AUROC: for balanced accuracy each names one "
        "finding, and the trees learned from findings of equal weight, the network's probabilities "
        "follow how frequent each is, which favors the trees."
    )
    table = [
        f"| figure | {TEXTURE_NAME} | {name} | difference |",
        "|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    lines = [title, "", scope_line, "", *table, "", caution]
    content = {
        "schema": SCHEMA,
        "rounds": found.rounds,
        "films": list(found.films),
        "trees": dict(_TREES),
        "rows": [
            dict(zip(("figure", "texture", "network", "difference"), row, strict=True))
            for row in rows
        ],
        "provenance": made_by,
    }
    return Report(
        name=scope.name,
        json=(json.dumps(content, indent=1) + "\n").encode("utf-8"),
        markdown="\n".join(lines) + "\n",
        stem="baseline",
    )


def _rows(found: Baseline) -> list[tuple[str, str, str, str]]:
    """Return the figures, those first that do not depend on how a finding is picked."""
    paired = found.paired
    ranking = [
        (
            f"AUROC, {texture.label} against the rest",
            _told(texture.auroc_clustered),
            _told(network.auroc_clustered),
            _told(paired.of("auroc", texture.label).difference),
        )
        for texture, network in zip(found.texture.ranking, found.network.ranking, strict=True)
    ]
    picked = (
        "Balanced accuracy",
        _told(found.texture.balanced_accuracy),
        _told(found.network.balanced_accuracy),
        _told(paired.of("balanced_accuracy").difference),
    )
    return [*ranking, picked]


def _told(one: Estimate) -> str:
    if one.value is None or one.low is None or one.high is None:
        return "unknown"
    return f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"
