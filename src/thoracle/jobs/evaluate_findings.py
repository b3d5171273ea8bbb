"""Judge a classifier bundle: every figure of the evaluation report."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from thoracle.datasets.film import Film
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.manifest import Manifest
from thoracle.evaluation.figures import evaluate_classifier
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.mistakes import misclassified_films
from thoracle.imaging.decode import decode_trusted_file
from thoracle.imaging.encode import png_bytes
from thoracle.imaging.resample import resize, to_bytes
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.jobs.analyze import LUNG_BUNDLE
from thoracle.jobs.evaluation_scope import SEED, EvaluationScope, Report, provenance
from thoracle.jobs.scoring import evaluation_input, score_films
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier

if TYPE_CHECKING:
    from thoracle.reporting.evaluation_html import MisclassifiedFilm

SHOWN_MISTAKES = 60
THUMBNAIL_PX = 192


def evaluate_findings(bundle: Bundle, scope: EvaluationScope, *, with_films: bool) -> Report:
    """Return every figure of the evaluation report, with intervals.

    Parameters
    ----------
    bundle
        Of task "classifier".
    scope
        Frontal films in scope are judged; those of unknown finding are counted and left out.
    with_films
        Whether the report shows misclassified films.

    Returns
    -------
    Report
        JSON, HTML and Markdown.
    """
    from thoracle.reporting.evaluation_html import evaluation_html, evaluation_json
    from thoracle.reporting.figures_markdown import markdown_table

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
    figures = evaluate_classifier(inputs, generator=np.random.default_rng(SEED))
    page = evaluation_html(
        figures,
        title=f"{bundle.name} {bundle.version}: {scope.name}",
        subtitle=scope.describe(),
        provenance=provenance(bundle, scope, films=len(scored.films)),
        misclassified=_mistakes(scope.manifest, scored.films, inputs, with_films=with_films),
        with_films=with_films,
    )
    return Report(
        name=scope.name,
        json=evaluation_json(figures),
        markdown=f"Scope: {scope.describe()}.\n\n{markdown_table(figures)}",
        html=page,
    )


def _mistakes(
    manifest: Manifest, films: Sequence[Film], inputs: EvaluationInput, *, with_films: bool
) -> list["MisclassifiedFilm"]:
    from thoracle.reporting.evaluation_html import MisclassifiedFilm

    made = []
    for index in misclassified_films(inputs, limit=SHOWN_MISTAKES):
        reference = int(inputs.reference[index])
        predicted = int(inputs.probabilities[index].argmax())
        made.append(
            MisclassifiedFilm(
                film=films[index].path,
                reference=inputs.labels[reference],
                predicted=inputs.labels[predicted],
                reference_probability=float(inputs.probabilities[index, reference]),
                predicted_probability=float(inputs.probabilities[index, predicted]),
                source=films[index].source,
                png=_thumbnail(manifest, films[index]) if with_films else None,
            )
        )
    return made


def _thumbnail(manifest: Manifest, film: Film) -> bytes:
    pixels = decode_trusted_file(manifest.resolve(film)).pixels
    rows, columns = pixels.shape
    share = THUMBNAIL_PX / max(rows, columns)
    small = resize(pixels, rows=max(1, round(rows * share)), columns=max(1, round(columns * share)))
    return png_bytes(to_bytes(small))
