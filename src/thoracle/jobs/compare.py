"""Judge two classifier bundles on the same films, and say whether one is better or not worse."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from thoracle.core.results import Reason
from thoracle.datasets.film import Film
from thoracle.datasets.gate_films import is_frontal
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.non_inferiority import need_margin
from thoracle.evaluation.paired import (
    PRIMARY,
    PairedFigures,
    compare_classifiers,
    need_primary,
    need_same_findings,
)
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.jobs.analyze import LUNG_BUNDLE
from thoracle.jobs.evaluation_cautions import scope_cautions
from thoracle.jobs.evaluation_scope import SEED, EvaluationScope, Report, provenance
from thoracle.jobs.scoring import evaluation_input, score_films, unreadable_note
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a comparison before it is made: the primary figure, and a margin.

    A figure that cannot decide, and a margin that is not above 0, are an EvaluationError.
    """

    primary: str = PRIMARY
    margin: float | None = None

    def __post_init__(self) -> None:
        need_primary(self.primary)
        if self.margin is not None:
            need_margin(self.margin)


def compare_bundles(
    first: str, second: str, scope: EvaluationScope, question: Question
) -> tuple[Report, PairedFigures]:
    """Judge the same films with two bundles.

    Parameters
    ----------
    first, second
        Names or folders of bundles of task "classifier"; differences are first minus second.
    scope
        Frontal films in scope are judged; those of unknown finding, and those that cannot be
        read, are left out of both.
    question
        Primary figure and margin.

    Returns
    -------
    tuple of Report and PairedFigures
        What is written as comparison.html, .json and .md; and the figures. Without matplotlib
        this is a MissingExtraError before the first film.
    """
    from thoracle.reporting.comparison_html import (
        Comparison,
        comparison_html,
        comparison_json,
        comparison_markdown,
    )
    from thoracle.reporting.svg import require_plots

    require_plots()
    scope.need_sites()
    bundles = open_bundle(first), open_bundle(second)
    classifiers = [Classifier(bundle) for bundle in bundles]
    need_same_findings(*([label.name for label in bundle.labels] for bundle in bundles))
    films = scope.films(is_frontal)
    judged = [_judge(classifier, scope, films) for classifier in classifiers]
    unreadable = judged[0].unreadable
    figures = compare_classifiers(
        judged[0].inputs,
        judged[1].inputs,
        generator=np.random.default_rng(SEED),
        primary=question.primary,
        margin=question.margin,
    )
    names = _names(*bundles)
    comparison = Comparison(
        title=f"{names[0]} against {names[1]}: {scope.name}",
        subtitle=scope.describe(),
        first=names[0],
        second=names[1],
        figures=figures,
        provenance=_provenance(bundles, scope, films=len(films) - len(unreadable)),
        cautions=(*_cautions(bundles, names, scope, figures), *_note(unreadable)),
    )
    report = Report(
        name=scope.name,
        json=comparison_json(comparison),
        markdown=f"# {comparison.title}\n\n{comparison_markdown(comparison)}",
        html=comparison_html(comparison),
        stem="comparison",
    )
    return report, figures


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    inputs: EvaluationInput
    unreadable: tuple[str, ...]


def _judge(classifier: Classifier, scope: EvaluationScope, films: list[Film]) -> _Judged:
    lungs = LungFinder(open_bundle(LUNG_BUNDLE))
    scored = score_films(
        scope.manifest,
        films,
        lungs=lungs,
        classifier=classifier,
        with_maps=False,
        on_progress=scope.on_progress,
    )
    return _Judged(inputs=evaluation_input(scored, classifier), unreadable=scored.unreadable)


def _names(first: Bundle, second: Bundle) -> tuple[str, str]:
    """Name both so that they can be told apart: by version, else by the digest's beginning."""
    names = [f"{one.name} {one.version}" for one in (first, second)]
    if names[0] == names[1]:
        names = [
            f"{name} ({one.digest[:8]})" for name, one in zip(names, (first, second), strict=True)
        ]
    return names[0], names[1]


def _provenance(
    bundles: tuple[Bundle, Bundle], scope: EvaluationScope, *, films: int
) -> dict[str, str]:
    both = [provenance(one, scope, films=films) for one in bundles]
    second = {f"second {name}": both[1][name] for name in ("bundle", "bundle digest")}
    return {**both[0], **second}


def _cautions(
    bundles: tuple[Bundle, Bundle],
    names: tuple[str, str],
    scope: EvaluationScope,
    figures: PairedFigures,
) -> Iterator[Reason]:
    for bundle, name in zip(bundles, names, strict=True):
        for one in scope_cautions(bundle, scope):
            yield replace(one, text=f"{name}: {one.text}")
    if bundles[0].digest == bundles[1].digest:
        yield Reason(code="same-bundle", text="Both are one and the same bundle.")
    if figures.films > figures.patients:
        text = (
            f"{figures.films} films are of {figures.patients} patients (up to "
            f"{figures.films_per_patient_max} of one): go by the intervals and p values by "
            "patient, not by those that take films as independent."
        )
        yield Reason(code="repeated-patients", text=text)
    yield Reason(
        code="one-primary",
        text="One figure was chosen to decide; the others describe. Of many differences some lie "
        "off 0 by chance.",
    )
    yield Reason(
        code="no-difference-is-no-proof",
        text="An interval that holds 0 does not show that two bundles are alike: only one that "
        "lies above minus a margin, declared before, shows that the first is not worse.",
    )


def _note(unreadable: tuple[str, ...]) -> tuple[Reason, ...]:
    note = unreadable_note(unreadable)
    return () if note is None else (note,)
