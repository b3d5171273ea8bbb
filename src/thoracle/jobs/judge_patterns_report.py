"""The report of a judged pattern network: each condition, each class, beside what was published."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

import numpy as np

from thoracle.core.results import DISCLAIMER, Reason
from thoracle.core.version import version
from thoracle.evaluation.confusion import BinaryCounts, rate_estimates, tables_one_against_rest
from thoracle.inference.bundle import Bundle
from thoracle.jobs.evaluation_scope import Report
from thoracle.jobs.judge_patterns import RULE_WINDOWS, SEED, JudgedCondition
from thoracle.reporting.evaluation_html import tables_html
from thoracle.reporting.figure_table import FigureTable
from thoracle.reporting.figures_markdown import percent_text
from thoracle.reporting.pattern_texts import PATTERN_TEXTS, PATTERN_TITLES
from thoracle.respiration.types import CLASSES

STEM: Final = "patterns"
PUBLISHED: Final = ("94.5 %", "94.4 %", "95.1 %", "94.8 %")
"""Wang et al. 2020, accuracy, precision, recall and F1 on depth-camera signals."""

_CAUTIONS: Final = (
    Reason(code="not-the-published-test", text=PATTERN_TEXTS["not_published_test"]),
    Reason(code="no-real-patterns", text=PATTERN_TEXTS["no_real_patterns"]),
)


def patterns_report(
    judged: Sequence[JudgedCondition], bundle: Bundle, *, name: str, windows: int
) -> Report:
    """Write what was measured as JSON, Markdown and HTML.

    Parameters
    ----------
    judged
        From `judge_patterns`, the published condition first.
    bundle
        What was judged.
    name
        What the evaluation is called.
    windows
        How many of each condition.

    Returns
    -------
    Report
        The three say the same.
    """
    about = PATTERN_TEXTS["about"].format(windows=windows, rule=min(windows, RULE_WINDOWS))
    tables = (_conditions_table(judged), _classes_table(judged[0]), _matrix_table(judged[0]))
    made_by = {
        "software": f"thoracle {version()}",
        "bundle": f"{bundle.name} {bundle.version}",
        "bundle digest": bundle.digest[:12],
        "seed": str(SEED),
    }
    content = {
        "schema": "thoracle breathing patterns 1",
        "provenance": made_by,
        "conditions": [{**asdict(one), "matrix": one.matrix.tolist()} for one in judged],
        "cautions": [asdict(one) for one in _CAUTIONS],
    }
    notes = "\n".join(f"- {one.text}" for one in _CAUTIONS)
    parts = [about, *(f"### {one.caption}\n\n{one.markdown}" for one in tables), notes, DISCLAIMER]
    return Report(
        name=name,
        json=(json.dumps(content, indent=1) + "\n").encode("utf-8"),
        markdown="\n\n".join(parts) + "\n",
        html=tables_html(
            tables,
            title=f"{bundle.name} {bundle.version}: {name}",
            subtitle=about,
            cautions=_CAUTIONS,
            provenance=made_by,
        ),
        stem=STEM,
    )


def _conditions_table(judged: Sequence[JudgedCondition]) -> FigureTable:
    rows = [
        (
            one.condition.name,
            *(
                percent_text(share)
                for share in (
                    one.accuracy,
                    one.answered,
                    one.accuracy_answered,
                    one.noise_refused,
                    one.rule_accuracy,
                )
            ),
        )
        for one in judged
    ]
    keys = ("condition", "accuracy", "answered", "accuracy_answered", "noise_refused", "rule")
    return FigureTable(
        caption=PATTERN_TEXTS["by_condition"],
        head=tuple(PATTERN_TEXTS[key] for key in keys),
        rows=tuple(rows),
    )


def _classes_table(published: JudgedCondition) -> FigureTable:
    """Rates of each class under the published condition, and the paper's own below them."""
    tables = tables_one_against_rest(published.matrix.astype(np.float64)).astype(np.int64)
    rows = []
    for name, (tp, fp, fn, tn) in zip(CLASSES, tables.tolist(), strict=True):
        rates = rate_estimates(BinaryCounts(tp=tp, fp=fp, fn=fn, tn=tn))
        kept = ("accuracy", "precision", "recall", "f1")
        rows.append((PATTERN_TITLES[name], *(percent_text(rates[key]) for key in kept)))
    rows.append((PATTERN_TEXTS["published"], *PUBLISHED))
    keys = ("class", "accuracy_one", "precision", "recall", "f1")
    return FigureTable(
        caption=PATTERN_TEXTS["by_class"].format(condition=published.condition.name),
        head=tuple(PATTERN_TEXTS[key] for key in keys),
        rows=tuple(rows),
    )


def _matrix_table(published: JudgedCondition) -> FigureTable:
    rows = [
        (PATTERN_TITLES[name], *(str(count) for count in counts))
        for name, counts in zip(CLASSES, published.matrix.tolist(), strict=True)
    ]
    return FigureTable(
        caption=PATTERN_TEXTS["matrix"].format(condition=published.condition.name),
        head=(PATTERN_TEXTS["simulated"], *(PATTERN_TITLES[name] for name in CLASSES)),
        rows=tuple(rows),
    )
