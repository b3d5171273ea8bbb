"""The audit of a manifest as one self-contained HTML page, and as JSON."""

import json
from dataclasses import dataclass, field

from thoracle.core.results import DISCLAIMER
from thoracle.reporting.audit_plots import ages_svg, counts_svg, scores_svg
from thoracle.reporting.pages import report_environment, svg_uri


@dataclass(frozen=True, slots=True, kw_only=True)
class CountTable:
    """A table of counts: a title, column names, and rows of texts and counts."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TornGroup:
    """A patient or a group of near-duplicates that stands in more than one split."""

    what: str
    splits: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPair:
    """Two near-duplicates side by side.

    `pngs` are thumbnails, None where none is shown; `is_conflict` says that the two labels
    exclude each other; `is_shown` whether the pair stands on the page or in the JSON only.
    """

    a: str
    b: str
    score: float
    kind: str
    patients: tuple[str | None, str | None]
    labels: tuple[str, str]
    splits: tuple[str | None, str | None]
    is_one_patient: bool
    is_conflict: bool
    pngs: tuple[bytes | None, bytes | None] = field(repr=False)
    is_shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedFilm:
    """A film that the gate refuses, or that cannot be read (probability None)."""

    path: str
    source: str
    label: str
    kind: str
    probability: float | None
    rotation_degrees: int
    reasons: tuple[str, ...]
    png: bytes | None = field(repr=False)
    is_shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """Everything the page and the JSON say.

    Attributes
    ----------
    thresholds
        Scores from which two films are grouped, and from which they are one exposure.
    pair_scores, refused_scores
        Scores of the pairs that were found, and of candidates that were refused.
    ages_by_source
        Years, sorted.
    with_films
        Whether thumbnails are on the page; it must then be kept like the films.
    """

    films: int
    groups: int
    manifest_digest: str
    split_digest: str | None
    thresholds: tuple[float, float]
    tables: tuple[CountTable, ...]
    torn: tuple[TornGroup, ...]
    pairs: tuple[ShownPair, ...]
    refused: tuple[RefusedFilm, ...]
    is_gated: bool
    unreadable: tuple[str, ...]
    pair_scores: tuple[float, ...] = field(repr=False)
    refused_scores: tuple[float, ...] = field(repr=False)
    ages_by_source: dict[str, tuple[float, ...]] = field(repr=False)
    with_films: bool


def audit_html(report: AuditReport) -> str:
    """Render the audit as one HTML page without scripts, fonts or files from elsewhere.

    A page with films must be kept like the films. Without matplotlib this is a
    MissingExtraError.
    """
    counts = next(table for table in report.tables if table.title == "Label by source")
    plots = {
        "Films by source and label": counts_svg(counts.columns[1:-1], counts.rows),
        "Age": ages_svg(report.ages_by_source),
        "Similarity of candidate pairs": scores_svg(
            report.pair_scores, report.refused_scores, report.thresholds
        ),
    }
    return (
        report_environment()
        .get_template("audit.html.j2")
        .render(
            report=report,
            plots={title: svg_uri(svg) for title, svg in plots.items()},
            pairs=[pair for pair in report.pairs if pair.is_shown],
            refused=[film for film in report.refused if film.is_shown],
            disclaimer=DISCLAIMER,
        )
    )


def audit_json(report: AuditReport) -> bytes:
    """Return the audit as JSON in UTF-8 without pictures, with a last newline."""
    content = {
        "films": report.films,
        "groups": report.groups,
        "manifest_digest": report.manifest_digest,
        "split_digest": report.split_digest,
        "thresholds": {"grouped": report.thresholds[0], "copy": report.thresholds[1]},
        "tables": [
            {"title": one.title, "columns": one.columns, "rows": one.rows} for one in report.tables
        ],
        "leaks": [
            {"what": one.what, "splits": one.splits, "paths": one.paths} for one in report.torn
        ],
        "pairs": [_pair_json(pair) for pair in report.pairs],
        "refused": [_refused_json(film) for film in report.refused] if report.is_gated else None,
        "unreadable": report.unreadable,
        "disclaimer": DISCLAIMER,
    }
    return (json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _pair_json(pair: ShownPair) -> dict[str, object]:
    return {
        "a": pair.a,
        "b": pair.b,
        "score": round(pair.score, 4),
        "kind": pair.kind,
        "patients": pair.patients,
        "labels": pair.labels,
        "splits": pair.splits,
        "one_patient": pair.is_one_patient,
        "label_conflict": pair.is_conflict,
    }


def _refused_json(film: RefusedFilm) -> dict[str, object]:
    return {
        "path": film.path,
        "source": film.source,
        "label": film.label,
        "kind": film.kind,
        "probability": film.probability,
        "rotation_degrees": film.rotation_degrees,
        "reasons": film.reasons,
    }
