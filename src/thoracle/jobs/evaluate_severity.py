"""Judge severity scores of patients not learned from, beside the readers' own agreement."""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.core.errors import EvaluationError
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.readers.severity import ZONES, ReaderScores, read_severity, severity_folder
from thoracle.evaluation.bootstrap import PatientResamples, resample_patients
from thoracle.evaluation.scores import (
    LimitsOfAgreement,
    conformal_half_width,
    limits_of_agreement,
    score_estimates,
    weighted_kappa,
)
from thoracle.jobs.evaluation_scope import SEED
from thoracle.reporting.evaluation_html import FigureTable
from thoracle.reporting.figures_markdown import UNKNOWN_TEXT, number_text
from thoracle.reporting.severity_texts import SEVERITY_REPORT

PREDICTIONS: Final = "predictions.csv"
NETWORK: Final = "network"
LEVELS: Final = 4  # of a zone.
PUBLISHED: Final[Mapping[str, str]] = {"extent": "1.14", "opacity": "0.78"}
"""Mean absolute errors of Cohen et al., arXiv:2005.11856, as published."""
SCALES: Final = ("Brixia", "extent", "opacity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """What a method says of films whose patients it was not learned from.

    `zones` is (films, 6), `sums` holds "Brixia", "extent", "opacity" and "days", (films,) each.
    """

    method: str
    zones: DoubleArray = field(repr=False)
    sums: Mapping[str, DoubleArray] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredRun:
    """A run's predictions with the readers' scores of the same films.

    `patients` names each film's patient or group of near-duplicates, (films,).
    """

    scores: tuple[ReaderScores, ...]
    patients: tuple[str, ...]
    predictions: tuple[Predictions, ...]

    @property
    def references(self) -> dict[str, DoubleArray]:
        """What readers say on average, NaN where they say nothing, (films,) by score."""
        return {
            "Brixia": np.array([one.mean_zones.sum() for one in self.scores]),
            "extent": np.array([one.extent for one in self.scores]),
            "opacity": np.array([one.opacity for one in self.scores]),
            "days": np.array([one.days for one in self.scores]),
        }

    def of(self, method: str) -> Predictions:
        """Return one method's predictions."""
        return next(one for one in self.predictions if one.method == method)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityTables:
    """Tables for a report, and the same figures for its JSON."""

    tables: tuple[FigureTable, ...]
    content: Mapping[str, object]


def need_finished(run: Path) -> Path:
    """Return where a finished run's predictions are.

    Raises
    ------
    EvaluationError
        There are none.
    """
    path = run / PREDICTIONS
    if not path.is_file():
        raise EvaluationError(
            f"found no {path} – expected a finished run of a severity recipe. Finish it with "
            "thoracle train.",
            code="run-unfinished",
        )
    return path


def read_run(run: Path, manifest: Manifest) -> ScoredRun:
    """Read a run's predictions, and the readers' scores beside them.

    Parameters
    ----------
    run
        Folder of a finished run of task "severity".
    manifest
        That it was learned from.

    Returns
    -------
    ScoredRun
        In the order of the run.

    Raises
    ------
    EvaluationError
        The predictions are of films that readers have not scored, or there are none.
    """
    path = need_finished(run)
    of_method = _rows_by_method(path)
    known = {one.film.path: one for one in read_severity(severity_folder(manifest), manifest)}
    first = next(iter(of_method.values()), [])
    missing = sum(row["path"] not in known for row in first)
    if missing or not first:
        raise EvaluationError(
            f"found predictions of {missing or 'no'} films that readers have not scored – "
            "expected those of this manifest. Give the manifest that the run was learned from.",
            code="evaluation-no-films",
        )
    return ScoredRun(
        scores=tuple(known[row["path"]] for row in first),
        patients=tuple(row["group"] for row in first),
        predictions=tuple(_predictions(name, one) for name, one in of_method.items()),
    )


def _rows_by_method(path: Path) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found[row["method"]].append(row)
    return found


def agreement_tables(run: ScoredRun) -> SeverityTables:
    """Return how far each method, and one reader from the other, is off.

    Parameters
    ----------
    run
        From `read_run`.

    Returns
    -------
    SeverityTables
        Intervals by patient (`metrics`: patient-bootstrap).
    """
    readers = np.stack([one.zones for one in run.scores], axis=1)
    totals = readers.sum(axis=2)
    content: dict[str, object] = {}
    rows = [
        (
            SEVERITY_REPORT["two_readers"],
            SEVERITY_REPORT["brixia"],
            *_figures(totals[0], totals[1], run, "readers", content),
        )
    ]
    for name, reference in run.references.items():
        for one in run.predictions:
            key = f"{one.method}: {name}"
            figures = _figures(reference, one.sums[name], run, key, content)
            rows.append((one.method, name, *figures))
    table = FigureTable(
        caption=SEVERITY_REPORT["agreement"],
        head=tuple(SEVERITY_REPORT[one] for one in ("who", "score", "films", "mae", "r", "icc")),
        rows=tuple(rows),
    )
    zones = _zone_table(readers, run.of(NETWORK).zones, content)
    ranges, covered = _ranges(run)
    content |= covered
    return SeverityTables(tables=(table, zones, ranges), content=content)


def bland_altman_svg(run: ScoredRun) -> str:
    """Draw each film's difference over its mean, network and readers side by side."""
    from thoracle.reporting.svg import svg_of

    readers = np.stack([one.zones.sum(axis=1) for one in run.scores], axis=1)
    reference = run.references["Brixia"]
    pairs = (
        ("second reader less first", readers[0], readers[1]),
        ("network less readers' mean", reference, run.of(NETWORK).sums["Brixia"]),
    )

    def draw(axes: Any) -> None:
        panels = axes.figure.subplots(1, len(pairs), sharey=True)
        axes.remove()
        for panel, (title, first, second) in zip(panels, pairs, strict=True):
            known = np.isfinite(first) & np.isfinite(second)
            _bland_altman(panel, first[known], second[known])
            panel.set(title=title, xlabel="Mean of both, 0 to 18", xlim=(-0.5, 18.5))
        panels[0].set_ylabel("Difference")

    return svg_of(draw, width_in=7.0, height_in=3.2)


def _bland_altman(panel: Any, first: DoubleArray, second: DoubleArray) -> None:
    limits: LimitsOfAgreement = limits_of_agreement(first, second)
    panel.scatter((first + second) / 2, second - first, s=9, alpha=0.5)
    for level, dashes in ((limits.bias, "-"), (limits.low, "--"), (limits.high, "--")):
        panel.axhline(level, color="#000000", linewidth=0.8, linestyle=dashes)


def _predictions(method: str, rows: Sequence[Mapping[str, str]]) -> Predictions:
    zones = np.array([[float(row[zone]) for zone in ZONES] for row in rows])
    sums = {name: np.array([float(row[name]) for row in rows]) for name in ("extent", "opacity")}
    days = np.array([float(row["days"]) for row in rows])
    return Predictions(
        method=method, zones=zones, sums={"Brixia": zones.sum(axis=1), **sums, "days": days}
    )


def _known(*values: DoubleArray) -> BoolArray:
    return np.asarray(np.isfinite(np.stack(values)).all(axis=0), dtype=bool)


def _resamples(patients: Sequence[str]) -> PatientResamples:
    return resample_patients(patients, generator=np.random.default_rng(SEED))


def _figures(
    first: DoubleArray, second: DoubleArray, run: ScoredRun, name: str, content: dict[str, object]
) -> tuple[str, str, str, str]:
    known = _known(first, second)
    if not known.any():
        return ("0", UNKNOWN_TEXT, UNKNOWN_TEXT, UNKNOWN_TEXT)
    patients = [one for one, kept in zip(run.patients, known, strict=True) if kept]
    found = score_estimates(first[known], second[known], _resamples(patients))
    content[name] = {
        key: {"value": one.value, "low": one.low, "high": one.high, "n": one.n}
        for key, one in found.items()
    }
    return (
        str(int(known.sum())),
        number_text(found["mae"]),
        number_text(found["r"]),
        number_text(found["icc"]),
    )


def _zone_table(
    readers: DoubleArray, found: DoubleArray, content: dict[str, object]
) -> FigureTable:
    """Return weighted kappa zone by zone; the network's scores are rounded to levels."""
    rows = []
    for place, zone in enumerate(ZONES):
        known = _known(readers[0, :, place], readers[1, :, place])
        first, second = readers[0, known, place], readers[1, known, place]
        said = np.round(found[known, place])
        kappas = {
            "readers": weighted_kappa(first, second, levels=LEVELS),
            "network, first": weighted_kappa(first, said, levels=LEVELS),
            "network, second": weighted_kappa(second, said, levels=LEVELS),
        }
        content[f"kappa {zone}"] = kappas
        rows.append((zone, str(int(known.sum())), *(f"{one:.2f}" for one in kappas.values())))
    return FigureTable(
        caption=SEVERITY_REPORT["kappas"],
        head=tuple(
            SEVERITY_REPORT[one]
            for one in ("zone", "films", "two_readers", "network_first", "network_second")
        ),
        rows=tuple(rows),
    )


def _ranges(run: ScoredRun, *, coverage: float = 0.9) -> tuple[FigureTable, dict[str, object]]:
    """Return what intervals from the other patients' residuals cover, and Bland–Altman."""
    rows: list[tuple[str, ...]] = []
    content: dict[str, object] = {}
    patients = np.array(run.patients)
    for name in SCALES:
        reference, said = run.references[name], run.of(NETWORK).sums[name]
        known = _known(reference, said)
        apart, owners = (said - reference)[known], patients[known]
        widths = np.array(
            [conformal_half_width(apart[owners != one], coverage=coverage) for one in owners]
        )
        limits = limits_of_agreement(reference[known], said[known])
        width = conformal_half_width(apart, coverage=coverage)
        share = float((np.abs(apart) <= widths).mean())
        content[f"interval {name}"] = {
            "half_width": width,
            "covered": share,
            "bias": limits.bias,
            "low": limits.low,
            "high": limits.high,
        }
        rows.append(
            (
                SEVERITY_REPORT[f"{name.lower()}_scale"],
                f"± {width:.2f}",
                f"{share:.3f}",
                f"{limits.bias:+.2f}",
                f"{limits.low:.2f}, {limits.high:.2f}",
                PUBLISHED.get(name, "–"),
            )
        )
    table = FigureTable(
        caption=SEVERITY_REPORT["ranges"],
        head=(
            SEVERITY_REPORT["score"],
            SEVERITY_REPORT["interval"].format(share=f"{coverage:.2f}"),
            *(SEVERITY_REPORT[one] for one in ("covered", "bias", "limits", "published")),
        ),
        rows=tuple(rows),
    )
    return table, content
