"""Figures of judged breathing: errors of rates, and breaths found, for each way of telling them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.evaluation.breathing import (
    TOLERANCE_S,
    DetectionFigures,
    RateFigures,
    detection_figures,
    match_breaths,
    rate_figures,
)
from thoracle.jobs.evaluate_breathing import (
    MONITOR,
    SECOND,
    JudgedBreathing,
    JudgedRecording,
    JudgedWindow,
)
from thoracle.jobs.evaluation_scope import SEED
from thoracle.respiration.quality import QUALITY_MIN

APART_MAX_S: Final = 0.5
"""Marks farther apart in the median are of different points of a breath."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRow:
    """One way of telling a rate, against one annotator."""

    way: str
    all_windows: RateFigures
    good_windows: RateFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class BreathRow:
    """One way of finding breaths, against the first annotator.

    `same_point` is of the recordings in which both annotators mark the same point of a breath.
    """

    way: str
    figures: DetectionFigures
    same_point: DetectionFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures of the half that reports."""

    against_first: tuple[RateRow, ...]
    against_second: tuple[RateRow, ...]
    breaths: tuple[BreathRow, ...]


def halves(judged: JudgedBreathing) -> tuple[JudgedBreathing, JudgedBreathing]:
    """Return what was found in the tuning half, and in the half that reports."""
    tuning, report = (
        replace(
            judged,
            windows=tuple(one for one in judged.windows if one.is_tuning == half),
            recordings=tuple(one for one in judged.recordings if one.is_tuning == half),
        )
        for half in (True, False)
    )
    return tuning, report


def figures_of(judged: JudgedBreathing) -> Figures:
    """Compute the figures of all that was found, by way of finding it.

    Parameters
    ----------
    judged
        Of the half that reports.

    Returns
    -------
    Figures
        Ours first, then NeuroKit2's, the second annotator's and the monitor's.
    """
    ways, windows = (*judged.methods, SECOND, MONITOR), judged.windows
    others = (*judged.methods, MONITOR)
    return Figures(
        against_first=tuple(_rate_row(windows, way, annotator=0) for way in ways),
        against_second=tuple(_rate_row(windows, way, annotator=1) for way in others),
        breaths=tuple(_breath_row(judged.recordings, way) for way in ways if way != MONITOR),
    )


def _rate_row(windows: Sequence[JudgedWindow], way: str, *, annotator: int) -> RateRow:
    found = np.array([one.rates[way] for one in windows])
    reference = np.array([one.annotated[annotator] for one in windows])
    is_good = np.array([one.quality >= QUALITY_MIN for one in windows])
    patients = [one.patient for one in windows]
    return RateRow(
        way=way,
        all_windows=rate_figures(found, reference, patients, generator=np.random.default_rng(SEED)),
        good_windows=rate_figures(
            found,
            np.where(is_good, reference, np.nan),
            patients,
            generator=np.random.default_rng(SEED),
        ),
    )


def _breath_row(recordings: Sequence[JudgedRecording], way: str) -> BreathRow:
    alike = [one for one in recordings if _marks_apart_s(one) <= APART_MAX_S]
    return BreathRow(
        way=way,
        figures=_detection(recordings, way),
        # Where no recording is left, all of them say nothing new, but something.
        same_point=_detection(alike or recordings, way),
    )


def _detection(recordings: Sequence[JudgedRecording], way: str) -> DetectionFigures:
    counts = [
        match_breaths(_peaks(one, way), one.marks_s[0], tolerance_s=TOLERANCE_S)
        for one in recordings
    ]
    patients = [one.patient for one in recordings]
    return detection_figures(counts, patients, generator=np.random.default_rng(SEED))


def _marks_apart_s(one: JudgedRecording) -> float:
    """Return the median distance of the first annotator's marks from the second's nearest."""
    first, second = one.marks_s
    if not first.size or not second.size:
        return 0.0
    return float(np.median(np.abs(first[:, None] - second[None, :]).min(axis=1)))


def _peaks(one: JudgedRecording, way: str) -> DoubleArray:
    return one.marks_s[1] if way == SECOND else one.peaks_s[way]
