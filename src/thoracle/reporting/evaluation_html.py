"""The evaluation reports: self-contained HTML pages, and the JSON of a classifier's."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from jinja2 import Environment

from thoracle.core.errors import EvaluationError
from thoracle.core.results import DISCLAIMER, Reason
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.figures import EvaluationFigures
from thoracle.evaluation.figures_json import DIGITS, figures_to_json
from thoracle.evaluation.subgroups import SubgroupFigures
from thoracle.reporting.evaluation_judging import judging_tables
from thoracle.reporting.evaluation_plots import (
    confusion_svg,
    decision_svg,
    precision_recall_svg,
    reliability_svg,
    roc_svg,
)
from thoracle.reporting.figure_table import FigureTable
from thoracle.reporting.figures_markdown import UNKNOWN_TEXT, number_text, percent_text
from thoracle.reporting.pages import environment, svg_uri

__all__ = (
    "MISTAKES_SHOWN",
    "FigureTable",
    "MisclassifiedFilm",
    "Reported",
    "evaluation_html",
    "evaluation_json",
    "tables_html",
)
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
MISTAKES_SHOWN = 60  # on the page; the JSON lists all.
_ATTRIBUTES = {"source": "Source", "age_band": "Age, years", "sex": "Sex", "view": "View"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MisclassifiedFilm:
    """A film whose most probable finding is not its reference.

    `film` names it without saying who it is of; `png` is a thumbnail, None where none may
    be shown.
    """

    film: str
    reference: str
    predicted: str
    reference_probability: float
    predicted_probability: float
    source: str | None = None
    png: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """An estimate as the page shows it: text, and what a pointer or a screen reader adds."""

    text: str
    clustered: str
    hint: str


def evaluation_json(
    figures: EvaluationFigures,
    *,
    provenance: Mapping[str, str],
    misclassified: Sequence[MisclassifiedFilm],
    unreadable: Sequence[str],
) -> bytes:
    """Return the figures as JSON in UTF-8, unknown as null, with a last newline.

    Parameters
    ----------
    figures
        Of one evaluation.
    provenance
        As `evaluation_html` shows it.
    misclassified
        All of them, in order.
    unreadable
        Names of the films that could not be read, which no figure counts.

    Returns
    -------
    bytes
        What `figures_from_json` reads, and the lists.
    """
    content = figures_to_json(figures) | {
        "provenance": dict(provenance),
        "misclassified": [_mistake_row(one) for one in misclassified],
        "unreadable": list(unreadable),
        "disclaimer": DISCLAIMER,
    }
    return (json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def evaluation_html(
    figures: EvaluationFigures,
    *,
    title: str,
    subtitle: str,
    provenance: Mapping[str, str],
    misclassified: Sequence[MisclassifiedFilm],
    with_films: bool,
) -> str:
    """Render the report as one HTML page without scripts, fonts or files from elsewhere.

    Parameters
    ----------
    figures
        Of one evaluation.
    title, subtitle
        What was evaluated, on what.
    provenance
        Names and values that say how to repeat it: bundle and digest, manifest digest, split,
        software version.
    misclassified
        All of them, in order; may be empty. The first `MISTAKES_SHOWN` are listed.
    with_films
        Whether thumbnails are embedded. A page with films must be kept like the films.

    Returns
    -------
    str
        HTML.

    Raises
    ------
    EvaluationError
        A thumbnail is not a PNG.
    """
    for one in misclassified:
        if one.png is not None and not one.png.startswith(_PNG_SIGNATURE):
            raise EvaluationError(
                f"The thumbnail of {one.film} is not a PNG, expected one. "
                "Encode it, or leave it out.",
                code="evaluation-thumbnail",
            )
    plots = {
        "confusion": svg_uri(confusion_svg(figures)),
        "roc": svg_uri(roc_svg(figures)),
        "precision_recall": svg_uri(precision_recall_svg(figures)),
        "reliability": svg_uri(reliability_svg(figures)),
        "decisions": svg_uri(decision_svg(figures)) if figures.decision_curves else "",
    }
    return (
        _environment()
        .get_template("evaluation.html.j2")
        .render(
            figures=figures,
            overall=figures.overall,
            data=figures.data,
            title=title,
            subtitle=subtitle,
            provenance=provenance,
            misclassified=misclassified[:MISTAKES_SHOWN],
            mistakes=len(misclassified),
            with_films=with_films,
            plots=plots,
            groups=_groups(figures),
            judging=judging_tables(figures),
            repeated=figures.data.films > figures.data.patients,
            disclaimer=DISCLAIMER,
        )
    )


def tables_html(
    tables: Sequence[FigureTable],
    *,
    title: str,
    subtitle: str,
    cautions: Sequence[Reason],
    provenance: Mapping[str, str],
) -> str:
    """Render tables of figures as one HTML page with the look of `evaluation_html`.

    Parameters
    ----------
    tables
        In order.
    title, subtitle
        What was evaluated, on what.
    cautions
        What the figures cannot show; may be empty.
    provenance
        As in `evaluation_html`.

    Returns
    -------
    str
        HTML.
    """
    return (
        _environment()
        .get_template("evaluation_tables.html.j2")
        .render(
            tables=tables,
            title=title,
            subtitle=subtitle,
            cautions=cautions,
            provenance=provenance,
            disclaimer=DISCLAIMER,
        )
    )


def _mistake_row(one: MisclassifiedFilm) -> dict[str, object]:
    return {
        "film": one.film,
        "source": one.source,
        "reference": one.reference,
        "predicted": one.predicted,
        "reference_probability": round(one.reference_probability, DIGITS),
        "predicted_probability": round(one.predicted_probability, DIGITS),
    }


def _groups(figures: EvaluationFigures) -> dict[str, list[SubgroupFigures]]:
    """Sort the slices under the attribute's heading, in the order they come."""
    groups: dict[str, list[SubgroupFigures]] = {}
    for one in figures.subgroups:
        groups.setdefault(_ATTRIBUTES[one.attribute], []).append(one)
    return groups


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = environment()
    made.filters["percent"] = _percent
    made.filters["number"] = _number
    return made


def _percent(estimate: Estimate, clustered: Estimate | None = None) -> Reported:
    return _reported(
        percent_text(estimate), "" if clustered is None else percent_text(clustered), estimate
    )


def _number(estimate: Estimate, clustered: Estimate | None = None) -> Reported:
    return _reported(
        number_text(estimate), "" if clustered is None else number_text(clustered), estimate
    )


def _reported(text: str, clustered: str, estimate: Estimate) -> Reported:
    """Keep of the clustered figure only its interval: the value is the same."""
    bracket = clustered.find("(")
    hint = f"n = {estimate.n}; {estimate.method}"
    if estimate.reason is not None:
        hint = f"{estimate.reason.text} {hint}"
    if estimate.left_out_resamples:
        hint = f"{hint}; {estimate.left_out_resamples} resamples left out"
    return Reported(
        text=text,
        clustered=clustered[bracket:] if bracket >= 0 and text != UNKNOWN_TEXT else "",
        hint=hint,
    )
