"""Tells the patterns of a recording, window by window; of a bad signal it tells none."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray, FloatArray
from thoracle.core.errors import SignalError
from thoracle.respiration.filters import GAP_MAX_S, orient
from thoracle.respiration.model import PatternAnswers, PatternClassifier
from thoracle.respiration.quality import find_faults
from thoracle.respiration.types import CLASSES, NOISE, WINDOW_S, Recording

OFF_MAX_S: Final = 5.0
"""A sensor that was off for so long within a window lets nothing be told of it."""
UNSURE, NOISY, GAP, OFF = "unsure", "noise", "gap", "disconnected"
REASONS: Final = (UNSURE, NOISY, GAP, OFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternWindow:
    """What is told of one window.

    Attributes
    ----------
    start_s
        From the recording's start; it is 60 s long.
    pattern
        One of `PATTERNS`, None where none is told.
    likeliest
        One of `CLASSES`, told or not.
    probabilities
        Calibrated, in the order of `CLASSES`.
    reason
        Why none is told, one of `REASONS`; "" where one is.
    attention : (steps,) float32
        Where the network looked; they sum to 1.
    """

    start_s: float
    pattern: str | None
    likeliest: str
    probabilities: tuple[float, ...]
    reason: str
    attention: FloatArray = field(repr=False)


def tell_patterns(
    recording: Recording, classifier: PatternClassifier, *, step_s: float = WINDOW_S
) -> tuple[PatternWindow, ...]:
    """Tell the pattern of every whole window of a recording.

    Parameters
    ----------
    recording
        Of a sensor whose direction is known.
    classifier
        From a bundle.
    step_s
        From the start of a window to that of the next one.

    Returns
    -------
    tuple of PatternWindow
        In order; a rest of less than a window is not looked at. A sensor whose direction is
        unknown, a recording shorter than a window, or windows that do not move on are a
        SignalError.
    """
    samples, step = _need_windows(recording, step_s)
    oriented = orient(recording.signal, sensor=recording.sensor, rate_hz=recording.rate_hz)
    starts = range(0, recording.signal.size - samples + 1, step)
    windows = np.stack([oriented[start : start + samples] for start in starts])
    found = classifier.classify(windows, rate_hz=recording.rate_hz)
    return tuple(
        _window(
            found,
            place,
            start_s=start / recording.rate_hz,
            lost=_lost(recording.signal[start : start + samples], recording.rate_hz),
        )
        for place, start in enumerate(starts)
    )


def _need_windows(recording: Recording, step_s: float) -> tuple[int, int]:
    """Return the samples of a window and from one to the next.

    Raises
    ------
    SignalError
        The sensor's direction is unknown, the recording is shorter than a window, or windows do
        not move on.
    """
    if recording.sensor == "unknown":
        raise SignalError(
            "found a sensor whose direction is unknown – expected to know which way inspiration "
            "goes: a signal upside down is another pattern. Give --sensor.",
            code="signal-sensor",
        )
    samples, step = round(WINDOW_S * recording.rate_hz), round(step_s * recording.rate_hz)
    if step < 1:
        raise SignalError(
            f"found windows every {step_s:g} s – expected a step above 0. Give a longer one.",
            code="signal-window",
        )
    if recording.signal.size < samples:
        raise SignalError(
            f"found a recording of {recording.duration_s:g} s – expected {WINDOW_S:g} s or more "
            "to tell a pattern of. Record longer.",
            code="signal-window",
        )
    return samples, step


def _lost(window: DoubleArray, rate_hz: float) -> str:
    """Return why nothing may be told of a window, whatever the network says; "" where it may."""
    faults = find_faults(window, rate_hz=rate_hz)
    if sum(one.length_s for one in faults.disconnected) >= OFF_MAX_S:
        return OFF
    return GAP if any(one.length_s > GAP_MAX_S for one in faults.gaps) else ""


def _window(found: PatternAnswers, place: int, *, start_s: float, lost: str) -> PatternWindow:
    likeliest = CLASSES[int(found.classes[place])]
    reason = lost
    if not reason and found.abstains[place]:
        reason = NOISY if likeliest == NOISE else UNSURE
    return PatternWindow(
        start_s=start_s,
        pattern=None if reason else likeliest,
        likeliest=likeliest,
        probabilities=tuple(found.probabilities[place].tolist()),
        reason=reason,
        attention=found.attention[place],
    )
