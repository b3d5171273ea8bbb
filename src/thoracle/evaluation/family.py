"""A declared family of predictive values whose intervals hold together, after Bonferroni.

Which comparisons belong to it follows from the findings' names alone, before any film is seen.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.evaluation.bootstrap import (
    clustered_estimate,
    resample_patients,
    resampled_sums,
    without_false_certainty,
)
from thoracle.evaluation.confusion import BinaryCounts, binary_counts, rate_arrays, rate_estimates
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.prevalence import PredictiveValues, predictive_values
from thoracle.evaluation.thresholds import is_positive

COVID = frozenset({"covid-19", "covid 19", "covid19", "covid", "covid-19 pneumonia"})
BACTERIAL = frozenset({"bacterial", "bacterial pneumonia", "bacteria"})
VIRAL = frozenset({"viral", "viral pneumonia", "virus", "viral (other)"})
OTHER_PNEUMONIA = frozenset(
    {
        *("other lung opacity", "lung opacity", "opacity"),
        *("other pneumonia", "other", "other diseases", "other infection"),
    }
)
"""Names of findings in use, in small letters, with spaces for underscores."""

_TAIL_DRAWS = 20  # A percentile with fewer draws beyond it moves with the seed.

THRESHOLD_RULE, ARGMAX_RULE, LIKELIER_RULE = "threshold", "argmax", "likelier-of-the-two"


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyMember:
    """Predictive values of one comparison, each at the family's confidence for one.

    `negative` is empty where the comparison is against all other findings. `rule` says what is
    called positive: at the bundle's threshold, the likeliest finding, or, in a pair, the likelier
    of the two sides. `ppv` and `npv` have Wilson intervals, which take films as independent;
    `ppv_clustered` and `npv_clustered` are by patient. `at` carries them to other prevalences:
    one monotone function of the likelihood ratio, so that these hold together without more ado.
    """

    positive: tuple[str, ...]
    negative: tuple[str, ...]
    rule: str
    tp: int
    fp: int
    fn: int
    tn: int
    ppv: Estimate
    npv: Estimate
    ppv_clustered: Estimate
    npv_clustered: Estimate
    at: tuple[PredictiveValues, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Predictive values that hold together with `confidence`.

    `intervals` is their number m; each has `confidence_each` = 1 − (1 − confidence) / m.
    """

    confidence: float
    intervals: int
    confidence_each: float
    resamples: int
    members: tuple[FamilyMember, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sides:
    """A comparison on films: which count, which have the finding, which are called."""

    positive: tuple[str, ...]
    negative: tuple[str, ...]
    rule: str
    members: BoolArray = field(repr=False)
    has_finding: BoolArray = field(repr=False)
    called: BoolArray = field(repr=False)


def declared_comparisons(
    labels: tuple[str, ...],
) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Return the comparisons that a set of findings allows.

    Parameters
    ----------
    labels
        Names of the findings.

    Returns
    -------
    tuple of (positive findings, negative findings)
        COVID-19 against the rest (no negative findings named), COVID-19 against other pneumonia,
        bacterial against viral; those for which the findings are there.
    """
    covid = _those(labels, COVID)
    bacterial, viral = _those(labels, BACTERIAL), _those(labels, VIRAL)
    other = _those(labels, BACTERIAL | VIRAL | OTHER_PNEUMONIA)
    wanted = (
        (covid, (), bool(covid)),
        (covid, other, bool(covid and other)),
        (bacterial, viral, bool(bacterial and viral)),
    )
    return tuple((positive, negative) for positive, negative, is_there in wanted if is_there)


def family_wise(
    inputs: EvaluationInput, *, generator: np.random.Generator, options: EvaluationOptions
) -> Family | None:
    """Compute the family's predictive values.

    Parameters
    ----------
    inputs
        The films; those of unknown reference are left out.
    generator
        Source of randomness for the bootstrap.
    options
        `confidence` is that of the whole family.

    Returns
    -------
    Family or None
        None where the findings allow no comparison.

    References
    ----------
    Bonferroni's inequality as Dunn 1961 uses it: m intervals at 1 − α/m hold together with at
    least 1 − α, however they depend on one another.
    """
    comparisons = declared_comparisons(inputs.labels)
    if not comparisons:
        return None
    known = inputs.with_known_reference()
    intervals = 2 * len(comparisons)
    error = (1.0 - options.confidence) / intervals
    resamples = max(options.resamples, math.ceil(2.0 * _TAIL_DRAWS / error))
    draws = resample_patients(known.patient, resamples=resamples, generator=generator)

    def member(sides: _Sides) -> FamilyMember:
        counts = binary_counts(sides.has_finding[sides.members], sides.called[sides.members])
        cells = _cells(sides)
        drawn = rate_arrays(resampled_sums(cells, draws))
        exact = rate_arrays(cells.sum(axis=0))
        plain = rate_estimates(counts, confidence=1.0 - error)
        clustered = {
            name: without_false_certainty(
                clustered_estimate(
                    float(exact[name]),
                    drawn[name],
                    n=plain[name].n,
                    patients=draws.patients,
                    confidence=1.0 - error,
                )
            )
            for name in ("ppv", "npv")
        }
        return FamilyMember(
            positive=sides.positive,
            negative=sides.negative,
            rule=sides.rule,
            tp=counts.tp,
            fp=counts.fp,
            fn=counts.fn,
            tn=counts.tn,
            ppv=plain["ppv"],
            npv=plain["npv"],
            ppv_clustered=clustered["ppv"],
            npv_clustered=clustered["npv"],
            at=tuple(_at(counts, options.prevalences, confidence=1.0 - error)),
        )

    return Family(
        confidence=options.confidence,
        intervals=intervals,
        confidence_each=1.0 - error,
        resamples=resamples,
        members=tuple(member(_sides(known, *one)) for one in comparisons),
    )


def _those(labels: Iterable[str], names: frozenset[str]) -> tuple[str, ...]:
    plain = {label: " ".join(label.lower().replace("_", " ").split()) for label in labels}
    return tuple(label for label, name in plain.items() if name in names)


def _sides(inputs: EvaluationInput, positive: tuple[str, ...], negative: tuple[str, ...]) -> _Sides:
    """Say of each film whether it counts, has the finding, and is called."""
    probabilities = np.asarray(inputs.probabilities, np.float64)
    yes = [inputs.labels.index(label) for label in positive]
    has_finding = np.isin(inputs.reference, yes)
    if negative:
        no = [inputs.labels.index(label) for label in negative]
        members = has_finding | np.isin(inputs.reference, no)
        rule = LIKELIER_RULE
        called = probabilities[:, yes].sum(axis=1) >= probabilities[:, no].sum(axis=1)
    else:
        members = np.ones(inputs.films, dtype=bool)
        rule = ARGMAX_RULE if inputs.thresholds is None else THRESHOLD_RULE
        called = np.isin(np.argmax(probabilities, axis=1), yes)
        if inputs.thresholds is not None:
            called = is_positive(probabilities, inputs.thresholds)[:, yes].any(axis=1)
    return _Sides(
        positive=positive,
        negative=negative,
        rule=rule,
        members=members,
        has_finding=has_finding,
        called=called,
    )


def _cells(sides: _Sides) -> DoubleArray:
    """Return tp, fp, fn, tn of each film, (films, 4) float64; 0 for films that do not count."""
    has, called, members = sides.has_finding, sides.called, sides.members
    parts = (has & called, ~has & called, has & ~called, ~has & ~called)
    return np.stack([part & members for part in parts], axis=1).astype(np.float64)


def _at(
    counts: BinaryCounts, prevalences: Iterable[float], *, confidence: float
) -> Iterator[PredictiveValues]:
    for prevalence in prevalences:
        yield predictive_values(counts, prevalence=prevalence, confidence=confidence)
