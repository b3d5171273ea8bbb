"""How well breaths were found and rates told: matching, F1, rate errors, by patient.

Pure: a breath is one moment, in seconds, whatever it marks; a rate is a number per minute, NaN
where none was told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.core.errors import EvaluationError
from thoracle.evaluation.bootstrap import (
    PatientResamples,
    clustered_estimate,
    resample_patients,
    resampled_sums,
)
from thoracle.evaluation.estimate import Estimate, ratio

TOLERANCE_S: Final = 1.0
"""Half of a breath at 30 per minute: whoever is off by more may have marked another breath."""
CLOSE_PER_MINUTE: Final = (1.0, 2.0)
"""Shares of windows within these errors are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreathCounts:
    """Breaths of one recording: found ones, those of the reference, and pairs of both."""

    found: int
    reference: int
    matched: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionFigures:
    """How well breaths were found, over all recordings; the bootstrap draws patients."""

    precision: Estimate
    recall: Estimate
    f1: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class RateFigures:
    """How far rates are off the reference's, over windows; the bootstrap draws patients.

    Attributes
    ----------
    windows
        With a reference.
    told
        Of these, share for which a rate was told. All others count windows in which it was.
    mean_absolute_error, bias
        Breaths per minute; bias is found less reference.
    close
        Share of windows within each of `CLOSE_PER_MINUTE`.
    """

    windows: int
    told: Estimate
    mean_absolute_error: Estimate
    bias: Estimate
    close: tuple[Estimate, ...]


def match_breaths(
    found_s: DoubleArray, reference_s: DoubleArray, *, tolerance_s: float = TOLERANCE_S
) -> BreathCounts:
    """Pair breaths one to one, as many as can be within a tolerance.

    Parameters
    ----------
    found_s, reference_s : (breaths,) float64
        Moments, in any order.
    tolerance_s
        Of a pair, the ends included.

    Returns
    -------
    BreathCounts
        Taking the earliest partner that is left, in order of time, gives the most pairs.
    """
    found, reference = np.sort(found_s).tolist(), np.sort(reference_s).tolist()
    matched = i = j = 0
    while i < len(found) and j < len(reference):
        if found[i] < reference[j] - tolerance_s:
            i += 1
        elif found[i] > reference[j] + tolerance_s:
            j += 1
        else:
            matched, i, j = matched + 1, i + 1, j + 1
    return BreathCounts(found=len(found), reference=len(reference), matched=matched)


def rate_of_marks(marks_s: DoubleArray, *, start_s: float, end_s: float) -> float:
    """Return the rate per minute of marked breaths within a window.

    Parameters
    ----------
    marks_s : (breaths,) float64
        One moment of each breath, in order.
    start_s, end_s
        The window; its end is not in it.

    Returns
    -------
    float
        60 over the mean time from mark to mark; NaN of fewer than two.
    """
    inside = marks_s[(marks_s >= start_s) & (marks_s < end_s)]
    if inside.size < 2 or inside[-1] <= inside[0]:
        return float("nan")
    return float(60.0 * (inside.size - 1) / (inside[-1] - inside[0]))


def detection_figures(
    counts: Sequence[BreathCounts], patient: Sequence[str], *, generator: np.random.Generator
) -> DetectionFigures:
    """Sum breaths over recordings, with intervals by patient.

    Parameters
    ----------
    counts
        Of each recording.
    patient
        Whose each is.
    generator
        Of the bootstrap.

    Returns
    -------
    DetectionFigures
        Precision: matched over found. Recall: matched over reference. F1: twice matched over both.
    """
    _need_as_many(len(counts), len(patient))
    columns = np.array([[one.matched, one.found, one.reference] for one in counts], np.float64)
    bench = _Bench(resamples=resample_patients(patient, generator=generator))
    matched, found, reference = columns.T
    return DetectionFigures(
        precision=bench.share(matched, found),
        recall=bench.share(matched, reference),
        f1=bench.share(2 * matched, found + reference),
    )


def rate_figures(
    found: DoubleArray,
    reference: DoubleArray,
    patient: Sequence[str],
    *,
    generator: np.random.Generator,
) -> RateFigures:
    """Compare rates of windows with those of a reference, with intervals by patient.

    Parameters
    ----------
    found, reference : (windows,) float64
        Breaths per minute; NaN where there is none. Windows without a reference are left out.
    patient
        Of each window.
    generator
        Of the bootstrap.

    Returns
    -------
    RateFigures
        Windows of one patient are drawn together.
    """
    _need_as_many(found.size, len(patient))
    _need_as_many(reference.size, len(patient))
    kept = ~np.isnan(reference)
    errors = np.where(kept, found - reference, np.nan)
    told: BoolArray = kept & ~np.isnan(found)
    bench = _Bench(resamples=resample_patients(patient, generator=generator))
    ones, known = told.astype(np.float64), np.where(told, errors, 0.0)
    return RateFigures(
        windows=int(kept.sum()),
        told=bench.share(ones, kept.astype(np.float64)),
        mean_absolute_error=bench.share(np.abs(known), ones),
        bias=bench.share(known, ones),
        close=tuple(
            bench.share(ones * (np.abs(known) <= limit), ones) for limit in CLOSE_PER_MINUTE
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bench:
    """Draws of patients, and shares of sums over them."""

    resamples: PatientResamples

    def share(self, part: DoubleArray, whole: DoubleArray) -> Estimate:
        """Return the sum of one column over that of another."""
        sums = resampled_sums(np.stack([part, whole], axis=1), self.resamples)
        total = float(whole.sum())
        return clustered_estimate(
            float(part.sum()) / total if total > 0 else float("nan"),
            ratio(sums[:, 0], sums[:, 1]),
            n=round(total),
            patients=self.resamples.patients,
        )


def _need_as_many(found: int, patients: int) -> None:
    if found != patients:
        raise EvaluationError(
            f"found {found} values and {patients} patients – expected one of each. "
            "Pass both in the same order.",
            code="evaluation-shape",
        )
