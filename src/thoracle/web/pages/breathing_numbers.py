"""What is told of a recording as its page prints it: windows, pauses, a range of its signal."""

from typing import Any, Final

from thoracle.core.languages import Language
from thoracle.jobs.breathing_tables import by_start
from thoracle.reporting.breathing_plot import (
    Scale,
    Span,
    attention_bars,
    clock,
    rate_plot,
    trace_plot,
)
from thoracle.reporting.pattern_texts import PATTERN_TITLES
from thoracle.respiration.analyze import MeasuredWindow
from thoracle.respiration.measures import BreathMeasures
from thoracle.respiration.patterns import PatternWindow
from thoracle.respiration.result import BreathingResult
from thoracle.respiration.types import CLASSES, WINDOW_S
from thoracle.web.texts import WEB
from thoracle.web.texts.breathing import REASON_TITLES

LETTERS: Final = dict(zip(CLASSES, ("E", "B", "T", "Bi", "CS", "CA", "N"), strict=True))
UNTOLD: Final = "?"
SHORTEST_VIEW_S: Final = 5.0
ATTENTION_MAX_S: Final = 600.0

_RATE_TOP, _RATE_HEIGHT = 206.0, 96.0
_SAID_MAX: Final = 10  # windows whose sentence stands below a range


def overview(result: BreathingResult, address: str, language: Language) -> dict[str, Any]:
    """Return the picture of a whole recording: signal, patterns and rate over one axis of time."""
    scale = Scale(start_s=0.0, length_s=result.duration_s)
    return {
        "plot": trace_plot(result, scale),
        "patterns": [_pattern(one, scale, result, address, language) for one in result.patterns],
        "rates": rate_plot(result, scale, top=_RATE_TOP, height=_RATE_HEIGHT),
        "edges": _edges(result, scale, language),
    }


def view(
    result: BreathingResult, start_s: float, length_s: float, language: Language
) -> dict[str, Any]:
    """Return the picture of a range, its sentences, and the ranges that lie around it.

    Parameters
    ----------
    result
        With its trace.
    start_s, length_s
        What is asked for; it is moved into the recording.
    language
        Of the page.

    Returns
    -------
    dict
        `moves` are ranges, (start, length), by the name of the way there; None where there is none.
    """
    scale = _inside(start_s, length_s, result.duration_s)
    shown = [one for one in result.patterns if scale.span(one.start_s, one.start_s + WINDOW_S)]
    is_near = scale.length_s <= ATTENTION_MAX_S
    return {
        "plot": trace_plot(result, scale),
        "attention": attention_bars(result, scale, window_s=WINDOW_S) if is_near else (),
        "is_far": bool(result.patterns) and not is_near,
        "edges": _edges(result, scale, language),
        "title": language(WEB["br_view"], start=clock(scale.start_s), end=clock(scale.end_s)),
        "said": [_said(one, language) for one in shown] if len(shown) <= _SAID_MAX else [],
        "moves": _moves(scale, result.duration_s),
    }


def window_rows(result: BreathingResult, language: Language) -> list[dict[str, Any]]:
    """Return a row for each window with all that is told of it."""
    patterns = by_start(result.patterns)
    return [_row(one, patterns.get(one.window.start_s), language) for one in result.windows]


def pauses(result: BreathingResult, language: Language) -> list[dict[str, str]]:
    """Return where each pause begins and how long it is."""
    return [
        {
            "start": clock(one.start_s),
            "length": language.number(f"{one.length_s:.1f}"),
            "query": _query(max(0.0, one.start_s - 10.0), one.length_s + 20.0),
        }
        for one in result.apneas
    ]


def legend(result: BreathingResult, language: Language) -> list[dict[str, str]]:
    """Return the letters, colors and names of the patterns that the network knows."""
    if not result.patterns:
        return []
    told = zip(CLASSES[:-1], result.colors, strict=False)
    return [
        {"letter": LETTERS[name], "color": color, "title": language(PATTERN_TITLES[name])}
        for name, color in told
    ]


def _inside(start_s: float, length_s: float, duration_s: float) -> Scale:
    """Return the range that is asked for, moved and shortened until it lies in the recording."""
    length_s = min(max(length_s, SHORTEST_VIEW_S), duration_s)
    return Scale(start_s=min(max(start_s, 0.0), duration_s - length_s), length_s=length_s)


def _moves(scale: Scale, duration_s: float) -> dict[str, str | None]:
    start_s, length_s = scale.start_s, scale.length_s
    middle_s = start_s + length_s / 2
    can_close = length_s > SHORTEST_VIEW_S
    return {
        "earlier": _query(max(0.0, start_s - length_s), length_s) if start_s > 0 else None,
        "later": _query(scale.end_s, length_s) if scale.end_s < duration_s - 1e-6 else None,
        "closer": _query(middle_s - length_s / 4, length_s / 2) if can_close else None,
        "wider": _query(middle_s - length_s, 2 * length_s) if length_s < duration_s else None,
    }


def _query(start_s: float, length_s: float) -> str:
    return f"start_s={max(start_s, 0.0):.2f}&length_s={length_s:.2f}"


def _edges(result: BreathingResult, scale: Scale, language: Language) -> list[str]:
    plot = trace_plot(result, scale)
    return ["" if one is None else language.number(f"{one:.3g}") for one in (plot.high, plot.low)]


def _pattern(
    one: PatternWindow, scale: Scale, result: BreathingResult, address: str, language: Language
) -> dict[str, Any]:
    span = scale.span(one.start_s, one.start_s + WINDOW_S)
    is_wide = isinstance(span, Span) and span.width >= 14
    letter = UNTOLD if one.pattern is None else LETTERS[one.pattern]
    return {
        "span": span,
        "letter": letter if is_wide else "",
        "color": None if one.pattern is None else result.colors[CLASSES.index(one.pattern)],
        "title": _said(one, language),
        "address": f"{address}?{_query(one.start_s, WINDOW_S)}#view",
    }


def _said(one: PatternWindow, language: Language) -> str:
    return language(
        WEB["br_window_untold"] if one.pattern is None else WEB["br_window_said"],
        start=clock(one.start_s),
        end=clock(one.start_s + WINDOW_S),
        pattern=language(PATTERN_TITLES[one.likeliest]),
        probability=language.number(f"{100 * max(one.probabilities):.1f}"),
        reason=language(REASON_TITLES[one.reason]) if one.reason else "",
    )


def _row(one: MeasuredWindow, pattern: PatternWindow | None, language: Language) -> dict[str, Any]:
    reasons = [language(REASON_TITLES[reason]) for reason in one.quality.reasons]
    told = "–"
    if pattern is not None:
        told = UNTOLD if pattern.pattern is None else language(PATTERN_TITLES[pattern.pattern])
    return {
        "start": clock(one.window.start_s),
        "query": _query(one.window.start_s, one.window.length_s),
        "quality": language.number(f"{one.quality.index:.2f}"),
        "reasons": ", ".join(reasons),
        "is_bad": one.measures is None,
        "numbers": [] if one.measures is None else _numbers(one.measures, language),
        "pattern": told,
    }


def _numbers(told: BreathMeasures, language: Language) -> list[str]:
    def short(value: float | None, form: str) -> str:
        return "–" if value is None else language.number(format(value, form))

    ratio = "–" if not told.ie_ratio else f"1:{language.number(f'{1 / told.ie_ratio:.1f}')}"
    return [
        str(told.breaths),
        short(told.rate_per_minute, ".1f"),
        short(told.breathing_rate_per_minute, ".1f"),
        short(told.length_cv, ".2f"),
        short(told.depth_median, ".3g"),
        ratio,
        short(told.apnea_s, ".1f"),
    ]
