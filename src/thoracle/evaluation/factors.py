"""What a regression of correctness explains it by: age, sex, BMI, ethnicity, as columns."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.core.results import Reason
from thoracle.evaluation.inputs import EvaluationInput, Names

AGE, SEX, BMI, ETHNICITY = "Age", "Sex", "BMI", "Ethnicity"
_KNOWN_SHARE_MIN = 0.5  # A factor that fewer films have would cost the others half of their films.
_LEVEL_MIN = 20  # Films of a level; rarer ones are put together.
_POOLED = "other"
_CENTER = {AGE: (50.0, 10.0, "10 years"), BMI: (25.0, 5.0, "5 kg/m²")}
"""Where a number is counted from, and in which steps its odds ratio is given."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Factor:
    """One factor as columns of a design; `terms` names them as an odds ratio is read.

    `columns` is (films, terms) float64; `is_known` is (films,) bool, false too for a level that
    too few films have.
    """

    name: str
    terms: tuple[str, ...]
    columns: DoubleArray = field(repr=False)
    is_known: BoolArray = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorUse:
    """Whether a factor is in the model: for how many films it is known, or why it is not."""

    name: str
    known: int
    reason: Reason | None = None


def factors_of(inputs: EvaluationInput) -> tuple[tuple[Factor, ...], tuple[FactorUse, ...]]:
    """Return the factors that can be used, and what became of each.

    Parameters
    ----------
    inputs
        Films of known reference.

    Returns
    -------
    tuple of (factors, uses)
        Age, sex, BMI and ethnicity in that order; one that is known for fewer than half of the
        films, or that is alike for all, is not used.
    """
    made: list[Factor] = []
    uses: list[FactorUse] = []
    numbers = {AGE: inputs.age_years, BMI: inputs.bmi}
    names = {SEX: inputs.sex, ETHNICITY: inputs.ethnicity}
    for name in (AGE, SEX, BMI, ETHNICITY):
        factor = (
            _number(name, numbers[name], inputs.films)
            if name in numbers
            else _levels(name, names[name], inputs.films)
        )
        known = (
            int(factor.is_known.sum())
            if name in numbers
            else sum(1 for level in names[name] or () if level)
        )
        reason = _why_not(factor, known, inputs.films)
        uses.append(FactorUse(name=name, known=known, reason=reason))
        if reason is None:
            made.append(factor)
    return tuple(made), tuple(uses)


def _number(name: str, values: DoubleArray | None, films: int) -> Factor:
    start, step, words = _CENTER[name]
    numbers = np.full(films, np.nan) if values is None else np.asarray(values, np.float64)
    is_known = np.isfinite(numbers)
    column = np.where(is_known, (numbers - start) / step, 0.0)
    varies = bool(is_known.any()) and float(np.ptp(numbers[is_known])) > 0.0
    return Factor(
        name=name,
        terms=(f"{name}, per {words}",) if varies else (),
        columns=column[:, None] if varies else np.zeros((films, 0)),
        is_known=is_known,
    )


def _levels(name: str, values: Names | None, films: int) -> Factor:
    """Make a column per level but the most frequent; rare levels are one."""
    pooled = _with_rare_together((None,) * films if values is None else values)
    seen = Counter(level for level in pooled if level)
    order = sorted(seen, key=lambda level: (level == _POOLED, -seen[level], level))
    columns = np.array([[level == other for other in order[1:]] for level in pooled], np.float64)
    return Factor(
        name=name,
        terms=tuple(f"{name}: {other} against {order[0]}" for other in order[1:]),
        columns=columns.reshape(films, max(0, len(order) - 1)),
        is_known=np.array([bool(level) for level in pooled], dtype=bool),
    )


def _with_rare_together(given: Names) -> Names:
    """Name rare levels alike, and drop them where they are rare together too."""
    counts = Counter(level for level in given if level)
    rare = {level for level, count in counts.items() if count < _LEVEL_MIN}
    name = _POOLED if sum(counts[level] for level in rare) >= _LEVEL_MIN else None
    return tuple(name if level in rare else level for level in given)


def _why_not(factor: Factor, known: int, films: int) -> Reason | None:
    if known == 0:
        how = " Give it with --covariates." if factor.name in {BMI, ETHNICITY} else ""
        return Reason(code="factor-unknown", text=f"{factor.name} is known of no film.{how}")
    if not factor.terms:
        text = f"{factor.name} is alike for all films, or too rarely different, to be compared."
        return Reason(code="factor-constant", text=text)
    if known < _KNOWN_SHARE_MIN * films:
        text = f"{factor.name} is known of {known} of {films} films only."
        return Reason(code="factor-rarely-known", text=text)
    return None
