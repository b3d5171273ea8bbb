"""Patient-clustered percentile bootstrap of any statistic.

Films of one patient resemble each other, so patients are drawn, not films: a patient drawn
twice brings all of the films twice. A resample is a row of film weights (0, 1, 2 …), which
lets rates, areas and calibration errors be computed for many resamples at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from thoracle.core.arrays import DoubleArray, IntArray
from thoracle.core.errors import EvaluationError
from thoracle.core.results import Reason
from thoracle.evaluation.estimate import CONFIDENCE, Estimate, finite_or_none

RESAMPLES = 2000  # Percentile limits at 95 % then move by about 1/20 of the interval's width.
_BLOCK_CELLS = 64_000  # Weights held at once: 512 kB of float64, which stays in a core's cache.
_DEGENERATE_SHARE_MAX = 0.1  # More undefined resamples than this: the rest are a biased choice.
METHOD = "patient-bootstrap"
NO_SPREAD = Reason(
    code="no-spread", text="All resamples are alike: how sure the figure is they do not show."
)

WeightStatistic = Callable[[DoubleArray], DoubleArray]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PatientResamples:
    """Which patients each resample drew.

    `draws` is (resamples, patients) int32, how often each patient was drawn;
    `patient_of_film` is (films,) int64, an index into the columns of `draws`.
    """

    draws: npt.NDArray[np.int32] = field(repr=False)
    patient_of_film: IntArray = field(repr=False)

    @property
    def resamples(self) -> int:
        """Number of resamples."""
        return int(self.draws.shape[0])

    @property
    def patients(self) -> int:
        """Number of patients."""
        return int(self.draws.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapInterval:
    """Percentile limits, None with a reason where they cannot be given."""

    low: float | None
    high: float | None
    resamples: int
    left_out: int
    reason: Reason | None = None


def resample_patients(
    patient: Sequence[str] | npt.NDArray[np.str_],
    *,
    resamples: int = RESAMPLES,
    generator: np.random.Generator,
) -> PatientResamples:
    """Draw as many patients as there are, with replacement, `resamples` times.

    Parameters
    ----------
    patient : (films,) str
        Name of the patient of each film.
    resamples
        How often to draw.
    generator
        Source of randomness; the same seed gives the same resamples.

    Returns
    -------
    PatientResamples
        The draws and each film's patient.

    Raises
    ------
    EvaluationError
        There is no film, or fewer than 1 resample is asked for.
    """
    if len(patient) == 0 or resamples < 1:
        raise EvaluationError(
            f"{len(patient)} films and {resamples} resamples: expected at least 1 of each. "
            "Pass films, and 2000 resamples for a report.",
            code="evaluation-empty",
        )
    names, patient_of_film = np.unique(np.asarray(patient, dtype=np.str_), return_inverse=True)
    even = np.full(names.size, 1.0 / names.size)
    draws = generator.multinomial(names.size, even, size=resamples)
    return PatientResamples(
        draws=draws.astype(np.int32), patient_of_film=patient_of_film.astype(np.int64)
    )


def resampled(statistic: WeightStatistic, resamples: PatientResamples) -> DoubleArray:
    """Compute a statistic on every resample.

    Parameters
    ----------
    statistic
        From film weights (some resamples, films) float64 to values (some resamples, …), NaN
        where it is undefined. `statistic_of_films` makes one from a function of film indices.
    resamples
        The draws.

    Returns
    -------
    (resamples, …) float64
        One row per resample.
    """
    films = resamples.patient_of_film.size
    rows = max(1, _BLOCK_CELLS // max(1, films))
    parts = [
        statistic(
            resamples.draws[start : start + rows][:, resamples.patient_of_film].astype(np.float64)
        )
        for start in range(0, resamples.resamples, rows)
    ]
    return np.concatenate(parts, axis=0)


def resampled_sums(values: DoubleArray, resamples: PatientResamples) -> DoubleArray:
    """Sum columns over the films of every resample: the fast way for counts and means.

    Parameters
    ----------
    values : (films, columns) float64
        Summed per patient first.
    resamples
        The draws.

    Returns
    -------
    (resamples, columns) float64
        Films drawn twice count twice.
    """
    per_patient = np.zeros((resamples.patients, values.shape[1]))
    np.add.at(per_patient, resamples.patient_of_film, values)
    return np.asarray(resamples.draws.astype(np.float64) @ per_patient, dtype=np.float64)


def statistic_of_films(function: Callable[[IntArray], float]) -> WeightStatistic:
    """Turn any function of film indices (repeats allowed) into a statistic of weights.

    Slow, one call per resample: for statistics that weights cannot express.
    """

    def statistic(weights: DoubleArray) -> DoubleArray:
        films = np.arange(weights.shape[1])
        counts = weights.astype(np.int64)
        return np.array([function(np.repeat(films, row)) for row in counts], dtype=np.float64)

    return statistic


def percentile_interval(
    values: DoubleArray, *, patients: int, confidence: float = CONFIDENCE
) -> BootstrapInterval:
    """Return percentile limits of a statistic's values on the resamples.

    Parameters
    ----------
    values : (resamples,) float64
        NaN where a resample left the statistic undefined; those are counted and left out.
    patients
        How many patients were drawn from: with one there is nothing to resample.
    confidence
        Two-sided coverage aimed at.

    Returns
    -------
    BootstrapInterval
        Without limits where more than a tenth of the resamples are undefined.
    """
    usable = values[np.isfinite(values)]
    left_out = int(values.size - usable.size)
    reason = None
    if patients < 2:
        reason = Reason(code="one-patient", text="All films are of one patient.")
    elif left_out > _DEGENERATE_SHARE_MAX * values.size:
        reason = Reason(
            code="degenerate-resamples",
            text=f"{left_out} of {values.size} resamples leave the figure undefined.",
        )
    if reason is not None:
        return BootstrapInterval(
            low=None, high=None, resamples=values.size, left_out=left_out, reason=reason
        )
    tail = 50.0 * (1.0 - confidence)
    low, high = np.percentile(usable, [tail, 100.0 - tail])
    return BootstrapInterval(
        low=float(low), high=float(high), resamples=values.size, left_out=left_out
    )


def clustered_estimate(
    value: float,
    values: DoubleArray,
    *,
    n: int,
    patients: int,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """Join a statistic's value on all films with the limits from its resamples.

    Parameters
    ----------
    value
        On all films; NaN where undefined.
    values : (resamples,) float64
        On the resamples.
    n
        Cases in the figure's denominator.
    patients, confidence
        As in `percentile_interval`.

    Returns
    -------
    Estimate
        Method "patient-bootstrap"; unknown where `value` is NaN.
    """
    interval = percentile_interval(values, patients=patients, confidence=confidence)
    known = finite_or_none(value)
    undefined = Reason(code="no-cases", text="The films leave the figure undefined.")
    return Estimate(
        value=known,
        low=None if known is None else interval.low,
        high=None if known is None else interval.high,
        n=n,
        method=METHOD,
        left_out_resamples=interval.left_out,
        reason=undefined if known is None else interval.reason,
    )


def without_false_certainty(estimate: Estimate, *, reason: Reason = NO_SPREAD) -> Estimate:
    """Take the limits from an estimate whose resamples are all alike: a point is no certainty.

    For a figure of films: one that follows from a rule alone may well be certain.

    Parameters
    ----------
    estimate
        From `clustered_estimate`.
    reason
        What to say where limits are taken.
    """
    if estimate.low is None or estimate.low != estimate.high:
        return estimate
    return replace(estimate, low=None, high=None, reason=reason)
