"""Reads one recording: faults, breaths and apneas of all of it, quality and measures by window."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from thoracle.core.errors import SignalError
from thoracle.respiration.breaths import Breathing, find_breaths
from thoracle.respiration.filters import orient
from thoracle.respiration.measures import BreathMeasures, Told, find_apneas, measure
from thoracle.respiration.quality import (
    QUALITY_MIN,
    Faults,
    Stretch,
    WindowQuality,
    find_faults,
    window_quality,
)
from thoracle.respiration.types import WINDOW_S, Apnea, Recording

SHORTEST_WINDOW_S = 10.0
"""A rest of a recording that is shorter gets no window: the slowest breaths are as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredWindow:
    """What is told of one window; `measures` is None where its quality forbids to tell anything."""

    window: Stretch
    quality: WindowQuality
    measures: BreathMeasures | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredBreathing:
    """What is told of one recording.

    `apneas` are those of all of it; of a window of bad quality they are less sure, as breaths are.
    """

    recording: Recording = field(repr=False)
    breathing: Breathing = field(repr=False)
    faults: Faults
    apneas: tuple[Apnea, ...]
    windows: tuple[MeasuredWindow, ...]


def measure_recording(
    recording: Recording, *, window_s: float = WINDOW_S, step_s: float | None = None
) -> MeasuredBreathing:
    """Find and measure the breaths of a recording.

    Parameters
    ----------
    recording
        As it was read.
    window_s
        Length of a window.
    step_s
        From the start of a window to that of the next one; `window_s` where None.

    Returns
    -------
    MeasuredBreathing
        Breaths were searched in all of the recording, so that a window has those that begin before
        another one ends. The last window holds the rest, if that is 10 s or more.

    Raises
    ------
    SignalError
        The windows are shorter than 10 s, or do not move on.
    """
    step_s = window_s if step_s is None else step_s
    if not (window_s >= SHORTEST_WINDOW_S and step_s > 0):
        raise SignalError(
            f"found windows of {window_s:g} s every {step_s:g} s – expected at least "
            f"{SHORTEST_WINDOW_S:g} s, and a step above 0. Give longer ones.",
            code="signal-window",
        )
    faults = find_faults(recording.signal, rate_hz=recording.rate_hz)
    oriented = orient(recording.signal, sensor=recording.sensor, rate_hz=recording.rate_hz)
    breathing = find_breaths(oriented, rate_hz=recording.rate_hz)
    apneas = find_apneas(breathing, faults)
    windows = []
    for window in _windows(recording.duration_s, window_s, step_s):
        quality = window_quality(breathing, faults, window)
        told = Told.of(recording.sensor, is_clipped="clipped" in quality.reasons)
        measures = measure(breathing.breaths, apneas, window, told=told)
        is_good = quality.index >= QUALITY_MIN
        windows.append(
            MeasuredWindow(window=window, quality=quality, measures=measures if is_good else None)
        )
    return MeasuredBreathing(
        recording=recording,
        breathing=breathing,
        faults=faults,
        apneas=apneas,
        windows=tuple(windows),
    )


def _windows(duration_s: float, window_s: float, step_s: float) -> Iterator[Stretch]:
    start_s = 0.0
    while duration_s - start_s >= SHORTEST_WINDOW_S:
        length_s = min(window_s, duration_s - start_s)
        yield Stretch(start_s=start_s, length_s=length_s)
        if start_s + window_s >= duration_s:
            return
        start_s += step_s
