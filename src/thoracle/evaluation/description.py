"""What films an evaluation rests on, before any score is looked at."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from thoracle.evaluation.confusion import UNKNOWN
from thoracle.evaluation.inputs import EvaluationInput, Names
from thoracle.evaluation.subgroups import UNKNOWN_NAME


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeSummary:
    """Ages in years of the films whose age is known; all None where none is."""

    known: int
    minimum_years: float | None
    lower_quartile_years: float | None
    median_years: float | None
    upper_quartile_years: float | None
    maximum_years: float | None
    under_18: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFigures:
    """Films, patients and attributes of the films with known reference.

    `by_source` counts films per finding, in the order of the labels. `source_only_accuracy`
    is the accuracy of a rule that sees nothing but the source and names its most frequent
    finding: what a model could reach by knowing where a film comes from.
    """

    films: int
    films_unknown_reference: int
    patients: int
    films_per_patient_max: int
    support: tuple[int, ...]
    by_source: dict[str, tuple[int, ...]]
    source_only_accuracy: float | None
    age: AgeSummary
    sex: dict[str, int]
    view: dict[str, int]


def describe(inputs: EvaluationInput) -> DataFigures:
    """Count what there is."""
    known = inputs.with_known_reference()
    per_patient = Counter(known.patient)
    by_source = _by_source(known)
    return DataFigures(
        films=known.films,
        films_unknown_reference=int(np.sum(inputs.reference == UNKNOWN)),
        patients=len(per_patient),
        films_per_patient_max=max(per_patient.values()),
        support=_support(known.reference.tolist(), len(known.labels)),
        by_source=by_source,
        source_only_accuracy=(
            sum(max(row) for row in by_source.values()) / known.films if by_source else None
        ),
        age=_ages(known),
        sex=_tally(known.sex),
        view=_tally(known.view),
    )


def _support(reference: list[int], classes: int) -> tuple[int, ...]:
    counts = Counter(reference)
    return tuple(counts[index] for index in range(classes))


def _by_source(inputs: EvaluationInput) -> dict[str, tuple[int, ...]]:
    if inputs.source is None:
        return {}
    rows: dict[str, list[int]] = {}
    for source, index in zip(inputs.source, inputs.reference.tolist(), strict=True):
        rows.setdefault(source or UNKNOWN_NAME, []).append(index)
    return {source: _support(rows[source], len(inputs.labels)) for source in sorted(rows)}


def _ages(inputs: EvaluationInput) -> AgeSummary:
    ages = np.array([]) if inputs.age_years is None else np.asarray(inputs.age_years, np.float64)
    ages = ages[np.isfinite(ages)]
    marks: list[float | None] = [None] * 5
    if ages.size:
        marks = [float(mark) for mark in np.percentile(ages, [0.0, 25.0, 50.0, 75.0, 100.0])]
    return AgeSummary(
        known=int(ages.size),
        minimum_years=marks[0],
        lower_quartile_years=marks[1],
        median_years=marks[2],
        upper_quartile_years=marks[3],
        maximum_years=marks[4],
        under_18=int(np.sum(ages < 18.0)),
    )


def _tally(names: Names | None) -> dict[str, int]:
    if names is None:
        return {}
    return dict(sorted(Counter(name or UNKNOWN_NAME for name in names).items()))
