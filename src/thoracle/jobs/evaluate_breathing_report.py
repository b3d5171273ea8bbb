"""The report of judged breathing: errors of the rate, breaths found, patterns named by rate."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from thoracle.core.arrays import DoubleArray, IntArray
from thoracle.core.errors import EvaluationError
from thoracle.core.results import DISCLAIMER, Reason
from thoracle.core.version import version
from thoracle.evaluation.agreement import cohen_kappa
from thoracle.evaluation.breathing import (
    CLOSE_PER_MINUTE,
    TOLERANCE_S,
    RateFigures,
    match_breaths,
)
from thoracle.evaluation.confusion import confusion_matrix
from thoracle.evaluation.estimate import Estimate
from thoracle.jobs.breathing_peers import WITHOUT
from thoracle.jobs.evaluate_breathing import (
    OURS,
    SECOND,
    JudgedBreathing,
    JudgedRecording,
    JudgedWindow,
)
from thoracle.jobs.evaluate_breathing_figures import (
    APART_MAX_S,
    BreathRow,
    RateRow,
    figures_of,
    halves,
)
from thoracle.jobs.evaluation_scope import Report
from thoracle.reporting.evaluation_html import FigureTable, tables_html
from thoracle.reporting.figures_markdown import UNKNOWN_TEXT, number_text, percent_text
from thoracle.respiration.quality import QUALITY_MIN
from thoracle.respiration.rule import CLINICAL_LIMITS

STEM: Final = "breathing"
NAMED: Final = ("bradypnea", "eupnea", "tachypnea")
LIMITS_TRIED: Final = tuple(round(0.05 * step, 2) for step in range(4, 15))

_UNTESTED: Final = Reason(
    code="patterns-untested",
    text="These recordings hold no Biot's breathing, no Cheyne-Stokes breathing and no central "
    "apnea that anybody marked: on real signals, finding them is untested.",
)
_IMPEDANCE: Final = Reason(
    code="one-sensor",
    text="All signals are impedance of one hospital's intensive care, many of them cut off by the "
    "monitor: belts, flow, capnography and depth cameras are not judged here.",
)
_HALVES: Final = (
    "Methods, their numbers and the quality limit were chosen on the tuning half ({tuning} "
    "recordings of {tuning_patients} patients: the first, third, fifth … and all others of their "
    "patients); all figures but those of the last two tables are of the other half ({report} "
    "recordings of {report_patients} patients), which chose nothing. Windows of {window_s:g} s, "
    "each measured by itself; good ones have a quality index of {limit:g} or more, which looks at "
    "the signal alone. Intervals: 95 %, bootstrap of patients. A reference's rate is 60 over the "
    "mean time between its marks, NeuroKit2's likewise between its peaks."
)


def breathing_report(judged: JudgedBreathing, *, name: str) -> Report:
    """Write what was found as JSON, Markdown and HTML.

    Parameters
    ----------
    judged
        From `judge_breathing`.
    name
        What the evaluation is called.

    Returns
    -------
    Report
        The three say the same; the JSON has every window too.

    Raises
    ------
    EvaluationError
        No window is of the half that reports.
    """
    tuning, report = halves(judged)
    if not report.windows:
        raise EvaluationError(
            f"found no window of {judged.window_s:g} s outside of the tuning half – expected some. "
            "Give at least two patients' recordings, or a shorter window.",
            code="evaluation-empty",
        )
    figures = figures_of(report)
    tables = (
        _rate_table(figures.against_first, "Rate against the first annotator, breaths per minute"),
        _rate_table(
            figures.against_second, "Rate against the second annotator, breaths per minute"
        ),
        _breath_table(figures.breaths),
        _confusion_table(report.windows, OURS),
        _confusion_table(report.windows, SECOND),
        _limit_table(tuning.windows),
        _recording_table(judged),
    )
    without = () if len(judged.methods) > 1 else (Reason(code="no-neurokit", text=WITHOUT),)
    cautions = (_UNTESTED, _IMPEDANCE, *without)
    about = _about(tuning, report)
    made_by = {"software": f"thoracle {version()}", "recordings": str(len(judged.recordings))}
    content = {
        "schema": "thoracle breathing 1",
        "provenance": made_by,
        "window_s": judged.window_s,
        "quality_min": QUALITY_MIN,
        **asdict(figures),
        "windows": list(map(asdict, judged.windows)),
        "cautions": list(map(asdict, cautions)),
    }
    return Report(
        name=name,
        json=(json.dumps(_known(content), indent=1) + "\n").encode("utf-8"),
        markdown=_markdown(about, tables, cautions),
        html=tables_html(tables, title=name, subtitle=about, cautions=cautions, provenance=made_by),
        stem=STEM,
    )


def named_by_rate(rates_per_minute: DoubleArray) -> IntArray:
    """Return the place in `NAMED` of each rate by the clinical limits, -1 where there is none."""
    names = [
        -1 if math.isnan(rate) else NAMED.index(CLINICAL_LIMITS.name(rate))
        for rate in rates_per_minute.tolist()
    ]
    return np.array(names, np.int64)


def _markdown(about: str, tables: Sequence[FigureTable], cautions: Sequence[Reason]) -> str:
    notes = "\n".join(f"- {one.text}" for one in cautions)
    shown = (f"### {one.caption}\n\n{one.markdown}" for one in tables)
    return "\n\n".join([about, *shown, notes, DISCLAIMER]) + "\n"


def _rate_table(rows: Sequence[RateRow], caption: str) -> FigureTable:
    within = tuple(f"within {limit:g}" for limit in CLOSE_PER_MINUTE)
    return FigureTable(
        caption=caption,
        head=("", "mean absolute error", "bias", *within, "told", "error, good", "n", "bias"),
        rows=tuple(
            (
                one.way,
                _two_digits(one.all_windows.mean_absolute_error),
                _signed(one.all_windows.bias),
                *(percent_text(share) for share in one.all_windows.close),
                f"{_count(one.all_windows)} of {one.all_windows.windows}",
                _two_digits(one.good_windows.mean_absolute_error),
                str(_count(one.good_windows)),
                _signed(one.good_windows.bias),
            )
            for one in rows
        ),
    )


def _breath_table(rows: Sequence[BreathRow]) -> FigureTable:
    return FigureTable(
        caption=f"Breaths found within {TOLERANCE_S:g} s of the first annotator's, one to one; at "
        f"last where the annotators' marks lie within {APART_MAX_S:g} s of each other (median)",
        head=("", "precision", "recall", "F1", "breaths marked", "F1, same point", "breaths"),
        rows=tuple(
            (
                one.way,
                *(
                    number_text(part)
                    for part in (one.figures.precision, one.figures.recall, one.figures.f1)
                ),
                str(one.figures.recall.n),
                number_text(one.same_point.f1),
                str(one.same_point.recall.n),
            )
            for one in rows
        ),
    )


def _confusion_table(windows: Sequence[JudgedWindow], way: str) -> FigureTable:
    """Names by rate in good windows: rows are the first annotator's."""
    good = [one for one in windows if one.quality >= QUALITY_MIN]
    reference = named_by_rate(np.array([one.annotated[0] for one in good]))
    found = named_by_rate(np.array([one.rates[way] for one in good]))
    both = (reference >= 0) & (found >= 0)
    matrix = confusion_matrix(reference[both], found[both], classes=len(NAMED))
    kappa = cohen_kappa(reference[both].tolist(), found[both].tolist())
    share = float(np.trace(matrix)) / max(1, int(both.sum()))
    low, high = CLINICAL_LIMITS.slow_per_minute, CLINICAL_LIMITS.fast_per_minute
    return FigureTable(
        caption=f"Named by rate, {low:g} to {high:g} per minute being eupnea, good windows: "
        f"{way} (columns), first annotator (rows); {100 * share:.1f} % alike, Cohen's kappa "
        f"{number_text(kappa)} (its interval takes windows for independent, which they are not)",
        head=("", *NAMED),
        rows=tuple(
            (label, *(str(cell) for cell in row))
            for label, row in zip(NAMED, matrix.tolist(), strict=True)
        ),
    )


def _limit_table(windows: Sequence[JudgedWindow]) -> FigureTable:
    """Show what each limit of the quality index would keep, on the tuning half."""
    errors = np.abs(np.array([one.rates[OURS] - one.annotated[0] for one in windows]))
    quality = np.array([one.quality for one in windows])
    return FigureTable(
        caption="Tuning half: windows kept and our error, by limit of the quality index",
        head=("limit", "kept", "mean absolute error", "95th percentile", "largest"),
        rows=tuple(
            (f"{limit:.2f}{' (chosen)' * (limit == QUALITY_MIN)}", *_kept(errors, quality >= limit))
            for limit in LIMITS_TRIED
        ),
    )


def _kept(errors: DoubleArray, is_kept: Any) -> tuple[str, ...]:
    kept = errors[is_kept & ~np.isnan(errors)]
    if not kept.size:
        return ("0.0 %", UNKNOWN_TEXT, UNKNOWN_TEXT, UNKNOWN_TEXT)
    share = 100 * kept.size / errors.size
    return (
        f"{share:.1f} %",
        *(f"{value:.2f}" for value in (kept.mean(), np.percentile(kept, 95), kept.max())),
    )


def _recording_table(judged: JudgedBreathing) -> FigureTable:
    return FigureTable(
        caption="Each recording: errors of the rate against the first annotator, all windows",
        head=("recording", "half", "good windows", "ours", "second annotator", "our F1"),
        rows=tuple(_recording_row(one, judged.windows) for one in judged.recordings),
    )


def _recording_row(one: JudgedRecording, windows: Sequence[JudgedWindow]) -> tuple[str, ...]:
    own = [window for window in windows if window.recording == one.recording]
    counts = match_breaths(one.peaks_s[OURS], one.marks_s[0], tolerance_s=TOLERANCE_S)
    both = counts.found + counts.reference
    return (
        one.recording,
        "tuning" if one.is_tuning else "report",
        f"{sum(window.quality >= QUALITY_MIN for window in own)} of {len(own)}",
        _errors(own, lambda window: window.rates[OURS]),
        _errors(own, lambda window: window.annotated[1]),
        f"{2 * counts.matched / both:.3f}" if both else UNKNOWN_TEXT,
    )


def _errors(windows: Sequence[JudgedWindow], rate: Callable[[JudgedWindow], float]) -> str:
    errors = np.abs(np.array([rate(one) - one.annotated[0] for one in windows]))
    known = errors[~np.isnan(errors)]
    return f"{known.mean():.2f}" if known.size else UNKNOWN_TEXT


def _about(tuning: JudgedBreathing, report: JudgedBreathing) -> str:
    return _HALVES.format(
        tuning=len(tuning.recordings),
        tuning_patients=len({one.patient for one in tuning.recordings}),
        report=len(report.recordings),
        report_patients=len({one.patient for one in report.recordings}),
        window_s=report.window_s,
        limit=QUALITY_MIN,
    )


def _count(figures: RateFigures) -> int:
    return figures.mean_absolute_error.n


def _two_digits(one: Estimate) -> str:
    return _with_digits(one, "{:.2f}")


def _signed(one: Estimate) -> str:
    return _with_digits(one, "{:+.2f}")


def _with_digits(one: Estimate, form: str) -> str:
    if one.value is None:
        return UNKNOWN_TEXT
    text = form.format(one.value)
    if one.low is None or one.high is None:
        return text
    return f"{text} ({form.format(one.low)} to {form.format(one.high)})"


def _known(value: Any) -> Any:
    """Return the same with None in place of NaN, which JSON does not have."""
    if isinstance(value, Mapping):
        return {key: _known(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_known(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
