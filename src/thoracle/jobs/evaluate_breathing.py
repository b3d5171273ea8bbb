"""Judge breaths and rates on recordings whose breaths two people marked, beside NeuroKit2."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import EvaluationError
from thoracle.core.progress import Progress, counted, no_progress
from thoracle.datasets.breathing.bidmc import BidmcRecording
from thoracle.evaluation.breathing import rate_of_marks
from thoracle.jobs.breathing_peers import Peer, peers
from thoracle.respiration.breaths import find_breaths
from thoracle.respiration.filters import orient
from thoracle.respiration.measures import Told, find_apneas, measure
from thoracle.respiration.quality import Stretch, find_faults, window_quality
from thoracle.respiration.types import WINDOW_S, Recording

OURS: Final = "Thoracle"
SECOND: Final = "second annotator"
MONITOR: Final = "monitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedWindow:
    """Rates of one window, by everybody; NaN where somebody tells none.

    `quality` and `reasons` are ours.
    """

    recording: str
    patient: str
    is_tuning: bool
    start_s: float
    quality: float
    reasons: tuple[str, ...]
    annotated: tuple[float, float]
    rates: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRecording:
    """Ends of inspiration in one recording, by everybody; the annotators' marks beside them."""

    recording: str
    patient: str
    is_tuning: bool
    marks_s: tuple[DoubleArray, DoubleArray] = field(repr=False)
    peaks_s: Mapping[str, DoubleArray] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedBreathing:
    """All that was found.

    Attributes
    ----------
    methods
        Ours, then those of NeuroKit2 if it is installed.
    """

    window_s: float
    methods: tuple[str, ...]
    windows: tuple[JudgedWindow, ...]
    recordings: tuple[JudgedRecording, ...]


def judge_breathing(
    annotated: Sequence[BidmcRecording],
    *,
    window_s: float = WINDOW_S,
    on_progress: Progress = no_progress,
) -> JudgedBreathing:
    """Find breaths and rates, ours and those of NeuroKit2, on the same samples.

    Parameters
    ----------
    annotated
        By number the first, third, fifth … and all others of their patients are the tuning half,
        on which methods and limits were chosen; the rest reports.
    window_s
        Of a rate. Each window is measured by itself, as if nothing lay around it.
    on_progress
        Told of each recording.

    Returns
    -------
    JudgedBreathing
        Windows do not overlap; a rest that is shorter has no rate.

    Raises
    ------
    EvaluationError
        There is no recording.
    """
    if not annotated:
        raise EvaluationError(
            "found no recording with marked breaths – expected at least one. Give the folder of "
            "BIDMC.",
            code="evaluation-empty",
        )
    ways = peers()
    windows: list[JudgedWindow] = []
    recordings: list[JudgedRecording] = []
    ordered = sorted(annotated, key=lambda one: one.number)
    tuning = {one.patient for one in ordered[::2]}
    for one in counted(ordered, "recordings", on_progress):
        is_tuning = one.patient in tuning
        recordings.append(_judged_recording(one, ways, is_tuning=is_tuning))
        starts_s = np.arange(0.0, one.recording.duration_s - window_s + 1e-9, window_s)
        windows += [
            _judged_window(
                one, Stretch(start_s=start_s, length_s=window_s), ways, is_tuning=is_tuning
            )
            for start_s in starts_s.tolist()
        ]
    return JudgedBreathing(
        window_s=window_s,
        methods=(OURS, *(way.name for way in ways)),
        windows=tuple(windows),
        recordings=tuple(recordings),
    )


def _judged_recording(
    one: BidmcRecording, ways: Sequence[Peer], *, is_tuning: bool
) -> JudgedRecording:
    signal, rate_hz = _oriented(one.recording), one.recording.rate_hz
    found = {OURS: find_breaths(signal, rate_hz=rate_hz).peaks_s}
    found |= {way.name: way.peaks_s(signal, rate_hz) for way in ways}
    return JudgedRecording(
        recording=_name(one),
        patient=one.patient,
        is_tuning=is_tuning,
        marks_s=one.marks_s,
        peaks_s=found,
    )


def _judged_window(
    one: BidmcRecording, window: Stretch, ways: Sequence[Peer], *, is_tuning: bool
) -> JudgedWindow:
    recording = one.recording
    rate_hz = recording.rate_hz
    part = slice(round(window.start_s * rate_hz), round(window.end_s * rate_hz))
    signal = _oriented(recording)[part]
    whole = Stretch(start_s=0.0, length_s=window.length_s)
    breathing = find_breaths(signal, rate_hz=rate_hz)
    faults = find_faults(recording.signal[part], rate_hz=rate_hz)
    quality = window_quality(breathing, faults, whole)
    told = Told.of(recording.sensor, is_clipped=False)
    apneas = find_apneas(breathing, faults)
    rate = measure(breathing.breaths, apneas, whole, told=told).rate_per_minute
    seconds = slice(round(window.start_s), round(window.end_s))
    rates = {OURS: float("nan") if rate is None else rate}
    rates |= {
        way.name: rate_of_marks(way.peaks_s(signal, rate_hz), start_s=0, end_s=window.length_s)
        for way in ways
    }
    first, second = (
        rate_of_marks(marks_s, start_s=window.start_s, end_s=window.end_s)
        for marks_s in one.marks_s
    )
    rates |= {SECOND: second, MONITOR: _median(one.monitor_per_minute[seconds])}
    return JudgedWindow(
        recording=_name(one),
        patient=one.patient,
        is_tuning=is_tuning,
        start_s=window.start_s,
        quality=quality.index,
        reasons=quality.reasons,
        annotated=(first, second),
        rates=rates,
    )


def _name(one: BidmcRecording) -> str:
    return f"bidmc-{one.number:02d}"


def _oriented(recording: Recording) -> DoubleArray:
    return orient(recording.signal, sensor=recording.sensor, rate_hz=recording.rate_hz)


def _median(values: DoubleArray) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else float("nan")
