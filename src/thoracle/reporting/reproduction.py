"""The report of a reproduced paper: published beside ours, and everything behind our figures."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from thoracle.core.results import DISCLAIMER
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.repeats import RepeatedFigure, RepeatedFigures
from thoracle.reporting.figure_table import FigureTable
from thoracle.reporting.figures_markdown import UNKNOWN_TEXT, percent_text
from thoracle.reporting.pages import report_environment

_DIGITS = 4
TOLD_FIGURES = ("precision", "recall", "f1", "specificity", "npv")
_WORDS = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Mean recall",
    "precision": "Precision (PPV)",
    "recall": "Recall (sensitivity)",
    "f1": "F1",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "npv": "NPV",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFigure:
    """A figure that a paper printed; `value` and `sd` are shares of 1."""

    arm: str
    figure: str
    of_class: str
    value: float
    sd: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFilm:
    """A test film with its true and predicted class; `png` is None where none may be shown."""

    reference: str
    predicted: str
    probability: float
    png: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenLungs:
    """Accuracy on films as they are and with a black rectangle over their lungs.

    `largest_class` is the share of the largest class: what always naming it would reach.
    """

    whole: Estimate
    hidden: Estimate
    largest_class: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmReport:
    """One network of a paper: what it is, how it learned, what it said.

    `facts` are names and values; `family` is of the first repeat's predictive values, None where
    the classes allow no comparison; `curves` are SVGs by step; `maps` is an SVG, "" without;
    `films` are some test films and `mistakes` the misclassified ones of the first repeat.
    """

    name: str
    facts: Mapping[str, str]
    figures: RepeatedFigures
    confusion: str = field(repr=False)
    curves: Mapping[str, str] = field(default_factory=dict, repr=False)
    maps: str = field(default="", repr=False)
    films: tuple[ShownFilm, ...] = field(default=(), repr=False)
    mistakes: tuple[ShownFilm, ...] = field(default=(), repr=False)
    hidden: HiddenLungs | None = None
    family: FigureTable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReproductionReport:
    """All that `thoracle reproduce` says of one paper.

    `make_up` has a row per class: name, published, and ours in the first repeat; `run` says what
    was run and cut, `provenance` how to repeat it.
    """

    name: str
    title: str
    reference: str
    run: str
    published: tuple[PublishedFigure, ...]
    differences: tuple[str, ...]
    make_up: FigureTable
    arms: tuple[ArmReport, ...]
    provenance: Mapping[str, str]

    def arm(self, name: str) -> ArmReport:
        """Return an arm by name; "" is the first."""
        return next(one for one in self.arms if one.name == name or not name)


def comparison(report: ReproductionReport) -> FigureTable:
    """Return published figures beside ours; where a paper has none, ours alone."""
    rows = [
        (
            _named(one, report),
            _published(one),
            *_ours(report.arm(one.arm).figures.figure(one.figure, one.of_class)),
            one.note or UNKNOWN_TEXT,
        )
        for one in report.published
    ]
    told = {one.arm or report.arms[0].name for one in report.published}
    for arm in report.arms:
        if arm.name not in told:
            rows.append(
                (f"{arm.name}: accuracy", UNKNOWN_TEXT, *_ours(arm.figures.accuracy), UNKNOWN_TEXT)
            )
            mean = arm.figures.balanced_accuracy
            rows.append((f"{arm.name}: mean recall", UNKNOWN_TEXT, *_ours(mean), UNKNOWN_TEXT))
    return FigureTable(
        caption="Published and ours. 95 % interval by resampling patients and repeats, none where "
        "all resamples are alike; mean and standard deviation over repeats.",
        head=("Figure", "Published", "Ours", "95 % interval", "Mean ± sd", "Note on the published"),
        rows=tuple(rows),
    )


def hidden_table(report: ReproductionReport) -> FigureTable | None:
    """Return what each network still reaches when it cannot see the lungs, None where not asked."""
    rows = [
        (
            arm.name,
            percent_text(arm.hidden.whole),
            percent_text(arm.hidden.hidden),
            percent(arm.hidden.largest_class),
        )
        for arm in report.arms
        if arm.hidden is not None
    ]
    if not rows:
        return None
    return FigureTable(
        caption="Accuracy in the first repeat with a black rectangle over the lungs. What is far "
        "above the largest class there was not read from what the lungs show.",
        head=("Network", "Films as they are", "Lungs hidden", "Always the largest class"),
        rows=tuple(rows),
    )


def class_table(figures: RepeatedFigures) -> FigureTable:
    """Return the per-class table of one network: support, figures, and their averages."""
    support = [sum(row) for row in figures.confusion]
    rows = []
    for label, count in zip(figures.labels, support, strict=True):
        cells = [percent_text(figures.classes[label][name].pooled) for name in TOLD_FIGURES]
        rows.append((label, str(count), *cells))
    for caption, weights in (("Mean of classes", [1] * len(support)), ("Mean of films", support)):
        means = [_mean(figures, name, weights) for name in TOLD_FIGURES]
        rows.append((caption, str(sum(support)), *means))
    return FigureTable(
        caption=f"Per class, {figures.films} judgments of test films of {figures.patients} "
        "patients, all repeats summed.",
        head=("Class", "Support", *(_WORDS[name] for name in TOLD_FIGURES)),
        rows=tuple(rows),
    )


def matrix_table(figures: RepeatedFigures) -> FigureTable:
    """Return the summed confusion matrix: a row per reference, a column per prediction."""
    rows = (
        (label, *(str(cell) for cell in row))
        for label, row in zip(figures.labels, figures.confusion, strict=True)
    )
    return FigureTable(
        caption="Confusion, all repeats summed; a row per reference.",
        head=("", *figures.labels),
        rows=tuple(rows),
    )


def reproduction_html(report: ReproductionReport) -> str:
    """Render a report as one page without scripts or files from elsewhere."""
    template = report_environment().get_template("reproduction.html.j2")
    return template.render(
        report=report,
        comparison=comparison(report),
        hidden=hidden_table(report),
        tables={one.name: class_table(one.figures) for one in report.arms},
        disclaimer=DISCLAIMER,
    )


def reproduction_markdown(report: ReproductionReport) -> str:
    """Return the tables of a report as Markdown, without plots and films."""
    lines = [f"# {report.title}", "", f"{report.reference}.", "", report.run, ""]
    lines += [comparison(report).markdown, "", "Why they differ:", ""]
    lines += [f"- {one}" for one in report.differences]
    hidden = hidden_table(report)
    if hidden is not None:
        lines += ["", hidden.caption, "", hidden.markdown]
    lines += ["", report.make_up.caption, "", report.make_up.markdown, ""]
    for arm in report.arms:
        facts = "; ".join(f"{name} {value}" for name, value in arm.facts.items())
        lines += [f"## {arm.name}", "", f"{facts}.", ""]
        tables = (class_table(arm.figures), matrix_table(arm.figures), arm.family)
        for shown in filter(None, tables):
            lines += [shown.caption, "", shown.markdown, ""]
    said = "; ".join(f"{name} {value}" for name, value in report.provenance.items())
    return "\n".join([*lines, f"{said}.", "", DISCLAIMER, ""])


def reproduction_json(report: ReproductionReport) -> bytes:
    """Return figures and facts of a report as JSON in UTF-8."""
    content = {
        "name": report.name,
        "title": report.title,
        "reference": report.reference,
        "run": report.run,
        "published": [
            {
                "arm": one.arm,
                "figure": one.figure,
                "class": one.of_class,
                "value": one.value,
                "sd": one.sd,
                "note": one.note,
                "ours": _figure_json(report.arm(one.arm).figures.figure(one.figure, one.of_class)),
            }
            for one in report.published
        ],
        "differences": list(report.differences),
        "arms": [_arm_json(one) for one in report.arms],
        "provenance": dict(report.provenance),
        "disclaimer": DISCLAIMER,
    }
    return (json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def percent(value: float | None) -> str:
    """Write a share of 1 in percent, a dash where it is unknown."""
    return UNKNOWN_TEXT if value is None else f"{100.0 * value:.1f} %"


def _arm_json(arm: ArmReport) -> dict[str, object]:
    figures = arm.figures
    return {
        "name": arm.name,
        "facts": dict(arm.facts),
        "labels": list(figures.labels),
        "confusion": [list(row) for row in figures.confusion],
        "judgments": figures.films,
        "patients": figures.patients,
        "accuracy": _figure_json(figures.accuracy),
        "balanced_accuracy": _figure_json(figures.balanced_accuracy),
        "lungs_hidden": None if arm.hidden is None else _hidden_json(arm.hidden),
        "classes": {
            label: {name: _figure_json(one) for name, one in by_name.items()}
            for label, by_name in figures.classes.items()
        },
    }


def _figure_json(figure: RepeatedFigure) -> dict[str, float | int | None]:
    return {
        **_estimate_json(figure.pooled),
        "mean": _rounded(figure.mean),
        "sd": _rounded(figure.sd),
        "repeats": figure.repeats,
    }


def _hidden_json(hidden: HiddenLungs) -> dict[str, object]:
    return {
        "whole": _estimate_json(hidden.whole),
        "hidden": _estimate_json(hidden.hidden),
        "largest_class": _rounded(hidden.largest_class),
    }


def _estimate_json(one: Estimate) -> dict[str, float | None]:
    return {"value": _rounded(one.value), "low": _rounded(one.low), "high": _rounded(one.high)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


def _named(one: PublishedFigure, report: ReproductionReport) -> str:
    whose = f", {one.of_class}" if one.of_class else ""
    if len(report.arms) > 1 and one.arm:
        return f"{one.arm}: {one.figure}{whose}"
    return f"{_WORDS[one.figure]}{whose}"


def _published(one: PublishedFigure) -> str:
    return percent(one.value) + ("" if one.sd is None else f" ± {100.0 * one.sd:.1f}")


def _ours(figure: RepeatedFigure) -> tuple[str, str, str]:
    pooled = figure.pooled
    is_bounded = pooled.low is not None and pooled.high is not None
    interval = f"{percent(pooled.low)} to {percent(pooled.high)}" if is_bounded else UNKNOWN_TEXT
    spread = (
        UNKNOWN_TEXT if figure.sd is None else f"{percent(figure.mean)} ± {100.0 * figure.sd:.1f}"
    )
    return percent(pooled.value), interval, spread


def _mean(figures: RepeatedFigures, name: str, weights: Sequence[int]) -> str:
    values = [figures.classes[label][name].pooled.value for label in figures.labels]
    if any(value is None for value in values):
        return UNKNOWN_TEXT
    known = [value or 0.0 for value in values]
    return percent(sum(v * w for v, w in zip(known, weights, strict=True)) / max(1, sum(weights)))
