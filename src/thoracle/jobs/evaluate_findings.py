"""Judge a classifier bundle: every figure of the evaluation report."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from thoracle.datasets.film import Film
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.thumbnails import read_grey
from thoracle.evaluation.dependence import dependence
from thoracle.evaluation.figures import evaluate_classifier
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.logistic import require_statsmodels
from thoracle.evaluation.mistakes import misclassified_films
from thoracle.evaluation.options import EvaluationOptions
from thoracle.imaging.encode import png_bytes
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.jobs.analyze import LUNG_BUNDLE
from thoracle.jobs.evaluation_cautions import scope_cautions
from thoracle.jobs.evaluation_covariates import read_covariates, with_covariates
from thoracle.jobs.evaluation_scope import SEED, EvaluationScope, Report, provenance
from thoracle.jobs.scoring import evaluation_input, score_films, unreadable_note
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier

if TYPE_CHECKING:
    from thoracle.reporting.evaluation_html import MisclassifiedFilm

THUMBNAIL_PX = 192


def evaluate_findings(bundle: Bundle, scope: EvaluationScope, *, with_films: bool) -> Report:
    """Return every figure of the evaluation report, with intervals.

    Parameters
    ----------
    bundle
        Of task "classifier".
    scope
        Frontal films in scope are judged; those of unknown finding, and those that cannot be
        read, are counted and left out.
    with_films
        Whether the report shows misclassified films.

    Returns
    -------
    Report
        JSON, HTML and Markdown. Without matplotlib and statsmodels, which plots and regression
        need, this is a MissingExtraError before the first film.
    """
    from thoracle.reporting.evaluation_html import evaluation_html, evaluation_json
    from thoracle.reporting.figures_markdown import markdown_table
    from thoracle.reporting.svg import require_plots

    require_plots()
    require_statsmodels()
    covariates = None if scope.covariates is None else read_covariates(scope.covariates)
    classifier, lungs = Classifier(bundle), LungFinder(open_bundle(LUNG_BUNDLE))
    films = scope.films(is_frontal)
    scored = score_films(
        scope.manifest,
        films,
        lungs=lungs,
        classifier=classifier,
        with_maps=False,
        on_progress=scope.on_progress,
    )
    inputs = evaluation_input(scored, classifier)
    if covariates is not None:
        inputs = with_covariates(inputs, scored.films, covariates)
    options = EvaluationOptions(half_width=scope.half_width)
    figures = evaluate_classifier(inputs, generator=np.random.default_rng(SEED), options=options)
    unread = unreadable_note(scored.unreadable)
    cautions = (*scope_cautions(bundle, scope), *(() if unread is None else (unread,)))
    figures = replace(
        figures,
        cautions=(*cautions, *figures.cautions),
        dependence=dependence(inputs, confidence=options.confidence),
    )
    made_by = provenance(bundle, scope, films=len(scored.films))
    mistakes = _mistakes(scope.manifest, scored.films, inputs, with_films=with_films)
    page = evaluation_html(
        figures,
        title=f"{bundle.name} {bundle.version}: {scope.name}",
        subtitle=scope.describe(),
        provenance=made_by,
        misclassified=mistakes,
        with_films=with_films,
    )
    return Report(
        name=scope.name,
        json=evaluation_json(
            figures, provenance=made_by, misclassified=mistakes, unreadable=scored.unreadable
        ),
        markdown=f"Scope: {scope.describe()}.\n\n{markdown_table(figures)}",
        html=page,
    )


def _mistakes(
    manifest: Manifest, films: Sequence[Film], inputs: EvaluationInput, *, with_films: bool
) -> list["MisclassifiedFilm"]:
    from thoracle.reporting.evaluation_html import MISTAKES_SHOWN, MisclassifiedFilm

    made = []
    for place, index in enumerate(misclassified_films(inputs, limit=len(films))):
        reference = int(inputs.reference[index])
        predicted = int(inputs.probabilities[index].argmax())
        is_shown = with_films and place < MISTAKES_SHOWN
        made.append(
            MisclassifiedFilm(
                film=films[index].path,
                reference=inputs.labels[reference],
                predicted=inputs.labels[predicted],
                reference_probability=float(inputs.probabilities[index, reference]),
                predicted_probability=float(inputs.probabilities[index, predicted]),
                source=films[index].source,
                png=_small_picture(manifest, films[index]) if is_shown else None,
            )
        )
    return made


def _small_picture(manifest: Manifest, film: Film) -> bytes:
    return png_bytes(read_grey(manifest.resolve(film), side_max=THUMBNAIL_PX))
