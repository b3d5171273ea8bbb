"""Harrell's index of concordance: whether who dies first has the higher risk."""

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.core.errors import EvaluationError
from thoracle.core.results import Reason
from thoracle.evaluation.bootstrap import PatientResamples, clustered_estimate, resampled
from thoracle.evaluation.estimate import MINIMUM_CASES, Estimate, ratio, unknown

METHOD = "harrell"


def concordance(risks: DoubleArray, time_h: DoubleArray, has_event: BoolArray) -> float:
    """Return Harrell's C: the share of comparable pairs that are in order.

    Parameters
    ----------
    risks : (landmarks,) float64
        Any number that rises with danger; ties count one half.
    time_h : (landmarks,) float64
        From the index time to the event, or to the end of what is known; infinite where it is
        known that the event never came.
    has_event : (landmarks,) bool
        Whether `time_h` is that of the event.

    Returns
    -------
    float
        0 to 1; NaN without a comparable pair.

    Raises
    ------
    EvaluationError
        The arrays are of different lengths.

    References
    ----------
    Harrell et al., JAMA 1982;247:2543. A pair is comparable where the earlier time is an event's;
    of equal times, where one is an event's and the other not.
    """
    if not risks.shape == time_h.shape == has_event.shape:
        raise EvaluationError(
            f"found {risks.shape} risks, {time_h.shape} times and {has_event.shape} events – "
            "expected one of each per landmark. Pass them in the same order.",
            code="evaluation-shape",
        )
    order, comparable = _pairs(risks, time_h, has_event)
    pairs = float(comparable.sum())
    return float((order * comparable).sum()) / pairs if pairs else float("nan")


def concordance_estimate(
    risks: DoubleArray, time_h: DoubleArray, has_event: BoolArray, resamples: PatientResamples
) -> Estimate:
    """Return Harrell's C with an interval by patient, averaged over repeats.

    Parameters
    ----------
    risks : (repeats, landmarks) float64
        Of each repeat of an experiment; one row where there is one.
    time_h, has_event
        As in `concordance`.
    resamples
        Draws of the landmarks' patients.

    Returns
    -------
    Estimate
        Unknown with fewer than 10 events.
    """
    n = int(has_event.size)
    if int(has_event.sum()) < MINIMUM_CASES:
        text = f"{int(has_event.sum())} events; {MINIMUM_CASES} are needed."
        return unknown(Reason(code="too-few-cases", text=text), n=n, method=METHOD)
    values = [float(concordance(one, time_h, has_event)) for one in risks]
    drawn = []
    for one in risks:
        order, comparable = _pairs(one, time_h, has_event)
        right = order * comparable

        def statistic(
            weights: DoubleArray, right: DoubleArray = right, pairs: DoubleArray = comparable
        ) -> DoubleArray:
            return ratio(
                np.einsum("ij,ij->i", weights @ right, weights),
                np.einsum("ij,ij->i", weights @ pairs, weights),
            )

        drawn.append(resampled(statistic, resamples))
    return clustered_estimate(
        float(np.mean(values)), np.mean(drawn, axis=0), n=n, patients=resamples.patients
    )


def _pairs(
    risks: DoubleArray, time_h: DoubleArray, has_event: BoolArray
) -> tuple[DoubleArray, DoubleArray]:
    """Return for row i, column j whether i is the more endangered, and whether i came first."""
    earlier = time_h[:, None] < time_h[None, :]
    at_once = (time_h[:, None] == time_h[None, :]) & ~has_event[None, :]
    comparable = (has_event[:, None] & (earlier | at_once)).astype(np.float64)
    return 0.5 * (1.0 + np.sign(risks[:, None] - risks[None, :])), comparable
