"""Where everything of a breathing recording stands in its picture: a range of time, drawn to scale.

Nothing is drawn here: a page's template turns paths and places into SVG.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from thoracle.core.arrays import FloatArray
from thoracle.respiration.quality import Stretch
from thoracle.respiration.result import BreathingResult
from thoracle.respiration.trace import Trace

WIDTH: Final = 720.0
LEFT: Final = 44.0
RIGHT: Final = 30.0
TRACE_TOP: Final = 14.0
TRACE_HEIGHT: Final = 130.0
INNER: Final = WIDTH - LEFT - RIGHT
RATE_TOP_MIN: Final = 30.0
"""The rate's axis goes up to this at least, so that both limits of NEWS2 are seen."""
NEWS2: Final = ((0.0, 8.5, 3), (8.5, 11.5, 1), (11.5, 20.5, 0), (20.5, 24.5, 2), (24.5, 1e9, 3))
"""From, to, points of the respiration rate: Royal College of Physicians 2017. The score counts
whole breaths per minute; between them a rate belongs to the nearer one."""

_COLUMNS: Final = round(INNER)
_EDGE_PERCENTILES: Final = (0.2, 99.8)  # a bump of motion must not flatten all else
_MARGIN: Final = 0.08
_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200)
_TICKS_MAX: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A part of the time axis: where it begins, how wide it is, and what it is in time."""

    x: float
    width: float
    start_s: float
    end_s: float

    @property
    def middle(self) -> float:
        """Where its middle is."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A place on an axis, and what stands there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A band of rates and its points of NEWS2."""

    y: float
    height: float
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The rate of each window: `lines` are spans with their height."""

    top: float
    zones: tuple[Zone, ...]
    ticks: tuple[Tick, ...]
    lines: tuple[tuple[Span, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A range of time onto the width of a picture."""

    start_s: float
    length_s: float

    @property
    def end_s(self) -> float:
        """Where the range ends."""
        return self.start_s + self.length_s

    def x(self, time_s: float) -> float:
        """Return where a time stands."""
        return round(LEFT + INNER * (time_s - self.start_s) / self.length_s, 2)

    def span(self, start_s: float, end_s: float) -> Span | None:
        """Return the part of a stretch that is in the range; None where it lies outside."""
        first, last = max(start_s, self.start_s), min(end_s, self.end_s)
        if last <= first:
            return None
        x = self.x(first)
        width = round(self.x(last) - x, 2)
        return Span(x=x, width=width, start_s=start_s, end_s=end_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class TracePlot:
    """A signal in a range of time.

    Attributes
    ----------
    path
        Of SVG; "" where nothing is known.
    low, high
        The signal's values at the lower and upper edge; None where nothing is known.
    ticks
        Of time.
    apneas, faults
        Shaded.
    onsets
        Where breaths begin, if there are not too many to be told apart.
    """

    scale: Scale
    path: str = field(repr=False)
    low: float | None
    high: float | None
    ticks: tuple[Tick, ...]
    apneas: tuple[Span, ...]
    faults: tuple[Span, ...]
    onsets: tuple[float, ...]


def trace_plot(result: BreathingResult, scale: Scale) -> TracePlot:
    """Place the signal of a range, its pauses, faults and breaths.

    Parameters
    ----------
    result
        With its trace.
    scale
        Which range.

    Returns
    -------
    TracePlot
        In the picture's own units.
    """
    low, high, path = (None, None, "")
    if result.trace is not None:
        low, high, path = _path(result.trace, scale)
    onsets = [one.onset_s for one in result.breaths if scale.start_s <= one.onset_s < scale.end_s]
    apneas = [Stretch(start_s=one.start_s, length_s=one.length_s) for one in result.apneas]
    faults = (*result.faults.gaps, *result.faults.disconnected)
    return TracePlot(
        scale=scale,
        path=path,
        low=low,
        high=high,
        ticks=time_ticks(scale),
        apneas=_spans(apneas, scale),
        faults=_spans(faults, scale),
        onsets=tuple(scale.x(one) for one in onsets) if len(onsets) <= INNER / 6 else (),
    )


def rate_plot(result: BreathingResult, scale: Scale, *, top: float, height: float) -> Rates:
    """Place the rate of each window over the zones of NEWS2.

    Parameters
    ----------
    result
        What is told.
    scale
        Which range of time.
    top, height
        Of the axis in the picture.

    Returns
    -------
    Rates
        Windows of which no rate is told have no line.
    """
    told = [
        (one.window, one.measures.rate_per_minute)
        for one in result.windows
        if one.measures is not None and one.measures.rate_per_minute is not None
    ]
    most = max([RATE_TOP_MIN, *(rate * 1.1 for _, rate in told)])

    def y(rate: float) -> float:
        return round(top + height * (1 - min(rate, most) / most), 2)

    placed = [(scale.span(window.start_s, window.end_s), y(rate)) for window, rate in told]
    zones = [
        Zone(y=y(end), height=round(y(start) - y(end), 2), points=points)
        for start, end, points in NEWS2
        if start < most
    ]
    return Rates(
        top=most,
        zones=tuple(zones),
        ticks=tuple(Tick(at=y(rate), text=str(rate)) for rate in (0, 8, 12, 20, 25)),
        lines=tuple((span, height) for span, height in placed if span is not None),
    )


def attention_bars(
    result: BreathingResult, scale: Scale, *, window_s: float
) -> tuple[tuple[Span, float], ...]:
    """Place the network's weights: each step of each window with its share of the largest there.

    Parameters
    ----------
    result
        With attention.
    scale
        Which range of time.
    window_s
        Length of a window.

    Returns
    -------
    tuple of (Span, float)
        The share is 0 to 1 of the largest weight in the same window.
    """
    bars = []
    for one in result.patterns:
        if not one.attention.size or scale.span(one.start_s, one.start_s + window_s) is None:
            continue
        step_s = window_s / one.attention.size
        for place, weight in enumerate((one.attention / one.attention.max()).tolist()):
            start_s = one.start_s + place * step_s
            span = scale.span(start_s, start_s + step_s)
            if span is not None:
                bars.append((span, round(weight, 3)))
    return tuple(bars)


def time_ticks(scale: Scale) -> tuple[Tick, ...]:
    """Return round times of a range, at most nine, as m:ss or h:mm:ss."""
    step = next((one for one in _STEPS_S if scale.length_s / one <= _TICKS_MAX), _STEPS_S[-1] * 2)
    first = math.ceil(scale.start_s / step)
    times = [place * step for place in range(first, int(scale.end_s // step) + 1)]
    return tuple(Tick(at=scale.x(one), text=clock(one)) for one in times)


def clock(time_s: float) -> str:
    """Print a time from the recording's start as m:ss, h:mm:ss from an hour on.

    >>> clock(75.2), clock(3600)
    ('1:15', '1:00:00')
    """
    minutes, seconds = divmod(round(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def _spans(stretches: Sequence[Stretch], scale: Scale) -> tuple[Span, ...]:
    found = [scale.span(one.start_s, one.end_s) for one in stretches]
    return tuple(one for one in found if one is not None)


def _path(trace: Trace, scale: Scale) -> tuple[float | None, float | None, str]:
    first = max(0, math.floor(scale.start_s * trace.rate_hz))
    last = min(trace.signal.size, math.ceil(scale.end_s * trace.rate_hz) + 1)
    shown = trace.signal[first:last]
    known = shown[~np.isnan(shown)]
    if not known.size:
        return None, None, ""
    low, high = (float(one) for one in np.percentile(known, _EDGE_PERCENTILES))
    room = _MARGIN * (high - low) or 1.0
    low, high = low - room, high + room
    heights = TRACE_TOP + TRACE_HEIGHT * (high - np.clip(shown, low, high)) / (high - low)
    return low, high, _drawn(heights, first, trace.rate_hz, scale)


def _drawn(heights: FloatArray, first: int, rate_hz: float, scale: Scale) -> str:
    """Return a path: each sample, or the lowest and highest of each column where there are many."""
    if heights.size <= 2 * _COLUMNS:
        xs = [scale.x((first + place) / rate_hz) for place in range(heights.size)]
        return _joined(xs, heights.tolist())
    together = math.ceil(heights.size / _COLUMNS)
    blocks = np.append(heights, np.full(-heights.size % together, np.nan)).reshape(-1, together)
    is_known = ~np.isnan(blocks)
    lows = np.where(is_known, blocks, np.inf).min(axis=1)
    highs = np.where(is_known, blocks, -np.inf).max(axis=1)
    pairs = np.stack([lows, highs], axis=1)
    pairs[1::2] = pairs[1::2, ::-1]  # there and back again, so that the line is one
    places = np.repeat(np.arange(len(pairs)), 2)
    xs = [scale.x((first + (place + 0.5) * together) / rate_hz) for place in places.tolist()]
    ys = np.where(np.isfinite(pairs), pairs, np.nan).ravel()
    return _joined(xs, ys.tolist())


def _joined(xs: Sequence[float], ys: Sequence[float]) -> str:
    parts, is_broken = [], True
    for x, y in zip(xs, ys, strict=True):
        if math.isnan(y):
            is_broken = True
            continue
        parts.append(f"{'M' if is_broken else 'L'}{x:.1f} {y:.1f}")
        is_broken = False
    return "".join(parts)
