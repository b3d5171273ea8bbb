"""The report of two bundles on the same films: page, JSON and Markdown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Final

from thoracle.core.results import DISCLAIMER, Reason
from thoracle.evaluation.figures_json import plain
from thoracle.evaluation.mcnemar import McNemar
from thoracle.evaluation.non_inferiority import Verdict
from thoracle.evaluation.paired import PairedDifference, PairedFigures
from thoracle.reporting.comparison_plots import differences_svg
from thoracle.reporting.figure_table import FigureTable
from thoracle.reporting.figures_markdown import UNKNOWN_TEXT
from thoracle.reporting.pages import report_environment, svg_uri

SCHEMA = "thoracle-comparison/1"

FIGURE_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "accuracy": "Accuracy",
        "balanced_accuracy": "Mean sensitivity over the findings",
        "brier": "Brier score, 0 to 2",
        "nll": "Negative log-likelihood, nats",
        "sensitivity": "Sensitivity",
        "specificity": "Specificity",
        "auroc": "AUROC",
    }
)
_SENTENCES: Final[Mapping[Verdict, str]] = MappingProxyType(
    {
        Verdict.BETTER: "{first} is better than {second}: the whole interval lies above 0.",
        Verdict.NOT_WORSE: (
            "{first} is not worse than {second} by more than {margin}: the whole interval lies "
            "above minus the margin. It is not shown to be better."
        ),
        Verdict.WORSE_WITHIN_MARGIN: (
            "{first} is worse than {second}, but not by more than {margin}."
        ),
        Verdict.WORSE: "{first} is worse than {second} by more than {margin}.",
        Verdict.NOT_SHOWN: (
            "It is not shown that {first} is not worse than {second} by more than {margin}, nor "
            "that it is worse: the films cannot tell."
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a comparison's report holds beside its figures.

    `first` and `second` are the bundles as the page names them; `provenance` says how to repeat
    it; `cautions` says what the figures cannot show.
    """

    title: str
    subtitle: str
    first: str
    second: str
    figures: PairedFigures
    provenance: Mapping[str, str]
    cautions: tuple[Reason, ...]


def primary_sentence(comparison: Comparison) -> str:
    """Say in one or two sentences what the primary figure decides.

    Parameters
    ----------
    comparison
        With figures.

    Returns
    -------
    str
        Values, difference, interval, and what a declared margin makes of it.
    """
    figures = comparison.figures
    one = figures.of(figures.primary)
    text = (
        f"{FIGURE_NAMES[one.figure]}: {_value(one, one.first)} with {comparison.first}, "
        f"{_value(one, one.second)} with {comparison.second}; "
        f"difference {difference_text(one)} ({100 * figures.options.confidence:g} % interval, "
        "by patient)."
    )
    return f"{text} {verdict_sentence(one, first=comparison.first, second=comparison.second)}"


def verdict_sentence(one: PairedDifference, *, first: str, second: str) -> str:
    """Say what the interval of a difference says about its margin.

    Parameters
    ----------
    one
        A difference, with a margin or without.
    first, second
        Names of the two.

    Returns
    -------
    str
        One or two sentences.
    """
    if one.margin is None:
        return "No margin was declared, so nothing is said about being not worse."
    margin = f"{100 * one.margin.margin:g} points"
    return _SENTENCES[one.margin.verdict].format(first=first, second=second, margin=margin)


def difference_text(one: PairedDifference) -> str:
    """Write a difference as "+2.1 points (−0.4 to +4.6)", others as "−0.012 (−0.020 to −0.004)"."""
    found = one.difference
    if found.value is None:
        return UNKNOWN_TEXT
    unit = " points" if _is_percentage(one) else ""
    value = f"{_signed(one, found.value)}{unit}"
    if found.low is None or found.high is None:
        return f"{value} (no interval)"
    return f"{value} ({_signed(one, found.low)} to {_signed(one, found.high)})"


def comparison_json(comparison: Comparison) -> bytes:
    """Return the figures as JSON in UTF-8, unknown as null, with a last newline."""
    content = {
        "schema": SCHEMA,
        "first": comparison.first,
        "second": comparison.second,
        "statement": primary_sentence(comparison),
        **asdict(comparison.figures),
        "cautions": [asdict(one) for one in comparison.cautions],
        "provenance": dict(comparison.provenance),
        "disclaimer": DISCLAIMER,
    }
    text = json.dumps(plain(content), ensure_ascii=False, allow_nan=False, indent=1)
    return (text + "\n").encode()


def comparison_markdown(comparison: Comparison) -> str:
    """Write the comparison as Markdown: the statement, the tables and the cautions."""
    parts = [
        f"{comparison.subtitle}. {DISCLAIMER}",
        primary_sentence(comparison),
        *(f"{table.caption}\n\n{table.markdown}" for table in tables(comparison)),
        "\n".join(f"- {one.text}" for one in comparison.cautions),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def comparison_html(comparison: Comparison) -> str:
    """Render the comparison as one HTML page without scripts, fonts or files from elsewhere."""
    return (
        report_environment()
        .get_template("comparison.html.j2")
        .render(
            comparison=comparison,
            figures=comparison.figures,
            statement=primary_sentence(comparison),
            tables=tables(comparison),
            plot=svg_uri(differences_svg(comparison.figures, names=FIGURE_NAMES)),
            primary=FIGURE_NAMES[comparison.figures.primary],
            primary_difference=difference_text(comparison.figures.of(comparison.figures.primary)),
            disclaimer=DISCLAIMER,
        )
    )


def tables(comparison: Comparison) -> tuple[FigureTable, ...]:
    """Return the differences, who is right where, and DeLong's tests, as tables of text."""
    figures = comparison.figures
    return (
        _difference_table(comparison),
        _mcnemar_table(comparison, figures.mcnemar),
        _delong_table(comparison),
    )


def _difference_table(comparison: Comparison) -> FigureTable:
    return FigureTable(
        caption=(
            f"Difference: {comparison.first} minus {comparison.second}, both on the same "
            f"{comparison.figures.options.resamples} draws of patients. Sensitivity and "
            "specificity by each bundle's own thresholds."
        ),
        head=("Figure", comparison.first, comparison.second, "Difference", "n", "Margin"),
        rows=tuple(
            (
                named(one),
                _value(one, one.first),
                _value(one, one.second),
                difference_text(one),
                str(one.difference.n),
                UNKNOWN_TEXT if one.margin is None else one.margin.verdict.replace("-", " "),
            )
            for one in comparison.figures.differences
        ),
    )


def _mcnemar_table(comparison: Comparison, found: McNemar) -> FigureTable:
    by_patient, by_film = _p(found.p_mid_by_patient), _p(found.p_mid)
    if found.only_first == found.only_second == 0:
        by_patient = by_film = f"{UNKNOWN_TEXT} (no film is judged differently)"
    rows = (
        ("Both right", str(found.both_right)),
        (f"Only {comparison.first} right", str(found.only_first)),
        (f"Only {comparison.second} right", str(found.only_second)),
        ("Both wrong", str(found.both_wrong)),
        ("p by patient, exact", _p(found.p_by_patient)),
        ("p by patient, mid-p", by_patient),
        ("p, films as independent: exact", _p(found.p_exact)),
        ("p, films as independent: mid-p", by_film),
        ("p, films as independent: chi-square with continuity correction", _p(found.p_continuity)),
    )
    caption = "McNemar: is the likeliest finding right equally often? Films, and two-sided p values"
    return FigureTable(caption=caption, head=("", "Value"), rows=rows)


def _delong_table(comparison: Comparison) -> FigureTable:
    rows = tuple(
        (
            named(one),
            f"{one.delong.auroc_first:.3f}",
            f"{one.delong.auroc_second:.3f}",
            _minus(
                f"{one.delong.difference:+.3f} ({one.delong.low:+.3f} to {one.delong.high:+.3f})"
            ),
            UNKNOWN_TEXT if one.delong.p_value is None else _p(one.delong.p_value),
        )
        for one in comparison.figures.differences
        if one.delong is not None
    )
    head = ("AUROC", comparison.first, comparison.second, "Difference", "p")
    caption = "DeLong's paired test; films as independent"
    return FigureTable(caption=caption, head=head, rows=rows)


def named(one: PairedDifference) -> str:
    """Return a figure's name with its finding, for instance "AUROC, COVID-19"."""
    parts: Sequence[str | None] = (FIGURE_NAMES[one.figure], one.finding)
    text = ", ".join(part for part in parts if part is not None)
    return text if one.against is None else f"{text} against {one.against}"


def _value(one: PairedDifference, value: float | None) -> str:
    if value is None:
        return UNKNOWN_TEXT
    return f"{100 * value:.1f} %" if _is_percentage(one) else f"{value:.3f}"


def _signed(one: PairedDifference, value: float) -> str:
    return _minus(f"{100 * value:+.1f}" if _is_percentage(one) else f"{value:+.3f}")


def _is_percentage(one: PairedDifference) -> bool:
    """Say whether a figure is a share of films; areas and losses are written as numbers."""
    return one.higher_is_better and one.figure != "auroc"


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else "below 0.001"
