"""The report of an ablation: mean and spread over seeds, per class, beside what was published."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from thoracle.core.results import Reason
from thoracle.evaluation.confusion import rate_arrays, tables_one_against_rest
from thoracle.jobs.evaluation_scope import Report
from thoracle.reporting.figure_table import FigureTable
from thoracle.reporting.figures_markdown import UNKNOWN_TEXT
from thoracle.reporting.pattern_texts import PATTERN_TEXTS
from thoracle.respiration.types import CLASSES, PATTERNS
from thoracle.train.breathing.ablation import TEST_WINDOWS, AblatedRun
from thoracle.train.breathing.recipe import PatternRecipe
from thoracle.train.study_report import StudyText, study_report

STEM: Final = "ablation"
SCHEMA: Final = "thoracle-breathing-ablation/1"
TITLE: Final = "Breathing patterns: what each part of the network adds"
PUBLISHED: Final = ("94.5", "94.4", "95.1", "94.8")
"""Wang et al. 2020: accuracy, precision, recall and F1 of BI-AT-GRU on depth-camera signals, %."""

_CAUTIONS: Final = (
    Reason(code="not-the-published-test", text=PATTERN_TEXTS["not_published_test"]),
    Reason(code="no-real-patterns", text=PATTERN_TEXTS["no_real_patterns"]),
)
_HEAD: Final = ("", "weights", "accuracy", "precision", "recall", "F1")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """Shares of 1: of all windows, means over the six patterns, and each pattern's recall."""

    accuracy: float
    precision: float
    recall: float
    f1: float
    recalls: tuple[float, ...]


def figures_of(run: AblatedRun) -> RunFigures:
    """Return a run's figures.

    Parameters
    ----------
    run
        Judged.

    Returns
    -------
    RunFigures
        A pattern that is never told counts with a precision of 0.
    """
    counts = tables_one_against_rest(run.matrix.astype(np.float64))[: len(PATTERNS)]
    rates = rate_arrays(counts)
    return RunFigures(
        accuracy=float(np.trace(run.matrix) / run.matrix.sum()),
        precision=float(np.nan_to_num(rates["ppv"], nan=0.0).mean()),
        recall=float(rates["sensitivity"].mean()),
        f1=float(rates["f1"].mean()),
        recalls=tuple(rates["sensitivity"].tolist()),
    )


def ablation_report(runs: Sequence[AblatedRun], recipe: PatternRecipe) -> Report:
    """Write an ablation as JSON, Markdown and HTML.

    Parameters
    ----------
    runs
        From `ablate`.
    recipe
        Of the whole network.

    Returns
    -------
    Report
        The three say the same.
    """
    by_variant: dict[str, list[AblatedRun]] = {}
    for run in runs:
        by_variant.setdefault(run.variant, []).append(run)
    figures = {name: [figures_of(one) for one in own] for name, own in by_variant.items()}
    seeds = sorted({one.seed for one in runs})
    plan = recipe.training
    about = (
        f"{recipe.name} {recipe.version}: {plan.epochs * plan.batches_per_epoch} batches of "
        f"{plan.batch} fresh windows each, {len(seeds)} seeds ({seeds[0]} to {seeds[-1]}); all "
        f"variants of a seed see the same windows, and are judged on the same {TEST_WINDOWS} fresh "
        "ones of the published simulation (10 Hz, 20 dB). Mean ± standard deviation over seeds, %."
    )
    tables = [_means_table(by_variant, figures), _class_table(figures), _matrix_table(by_variant)]
    content = {
        "seeds": seeds,
        "runs": [
            {
                "variant": one.variant,
                "seed": one.seed,
                "parameters": one.parameters,
                "matrix": one.matrix.tolist(),
            }
            for one in runs
        ],
    }
    text = StudyText(title=TITLE, stem=STEM, schema=SCHEMA, about=about)
    return study_report(text, tables, _CAUTIONS, content)


def _means_table(
    by_variant: Mapping[str, Sequence[AblatedRun]], figures: Mapping[str, Sequence[RunFigures]]
) -> FigureTable:
    rows = []
    takers: tuple[Callable[[RunFigures], float], ...] = (
        lambda one: one.accuracy,
        lambda one: one.precision,
        lambda one: one.recall,
        lambda one: one.f1,
    )
    for name, own in by_variant.items():
        size = str(own[0].parameters) if own[0].parameters else UNKNOWN_TEXT
        rows.append(
            (name, size, *(_spread([take(one) for one in figures[name]]) for take in takers))
        )
    rows.append(("published, depth camera", UNKNOWN_TEXT, *PUBLISHED))
    return FigureTable(caption="All windows; means over six patterns", head=_HEAD, rows=tuple(rows))


def _class_table(figures: Mapping[str, Sequence[RunFigures]]) -> FigureTable:
    rows = [
        (name, *(_spread([one.recalls[place] for one in own]) for place in range(len(PATTERNS))))
        for name, own in figures.items()
    ]
    return FigureTable(caption="Recall of each pattern", head=("", *PATTERNS), rows=tuple(rows))


def _matrix_table(by_variant: Mapping[str, Sequence[AblatedRun]]) -> FigureTable:
    name, own = next(iter(by_variant.items()))
    total = np.sum([one.matrix for one in own], axis=0)
    rows = [
        (pattern, *(str(count) for count in total[place].tolist()))
        for place, pattern in enumerate(PATTERNS)
    ]
    return FigureTable(
        caption=f"{name}: simulated (rows) and told (columns), windows of all seeds",
        head=("", *CLASSES),
        rows=tuple(rows),
    )


def _spread(shares: Sequence[float]) -> str:
    percent = 100.0 * np.array(shares)
    if percent.size < 2:
        return f"{percent[0]:.2f}"
    return f"{percent.mean():.2f} ± {percent.std(ddof=1):.2f}"
