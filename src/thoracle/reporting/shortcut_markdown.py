"""The laboratory's verdicts as Markdown: on the model card, in the terminal and beside the page."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from thoracle.evaluation.verdicts import Outcome
from thoracle.reporting.shortcut_texts import SHORTCUT_TEXTS
from thoracle.reporting.shortcut_words import (
    figure_text,
    limit_text,
    subject_title,
    test_title,
    why,
)

COLUMNS = tuple(
    SHORTCUT_TEXTS[f"column_{name}"]
    for name in ("test", "subject", "figure", "limit", "verdict", "why")
)


def shortcut_markdown(content: Mapping[str, Any]) -> str:
    """Write scope, counts, verdicts and cautions.

    Parameters
    ----------
    content
        From `report_content`, or read from audit.json.

    Returns
    -------
    str
        Ends with a newline.
    """
    notes = "\n".join(f"- {one['text']}" for one in content["cautions"])
    verdicts = content["verdicts"]
    parts = (
        content["scope"],
        summary(verdicts),
        verdict_table(verdicts),
        *((notes,) if notes else ()),
    )
    return "\n\n".join(parts) + "\n"


def summary(verdicts: Iterable[Mapping[str, Any]]) -> str:
    """Return how many tests ended how, in a sentence."""
    counts = Counter(one["outcome"] for one in verdicts)
    return SHORTCUT_TEXTS["summary"].format(
        passes=counts[Outcome.PASSES],
        fails=counts[Outcome.FAILS],
        untold=counts[Outcome.CANNOT_TELL],
    )


def verdict_table(verdicts: Iterable[Mapping[str, Any]]) -> str:
    """Return verdicts as a Markdown table, one row each, in their order."""
    rows = [f"| {' | '.join(verdict_cells(one))} |" for one in verdicts]
    head = [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    return "\n".join([*head, *rows])


def verdict_cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the cells of one verdict's row, in English.

    Parameters
    ----------
    one
        As `verdict_json` returns it.

    Returns
    -------
    tuple of str
        One for each of `COLUMNS`.
    """
    return (
        test_title(one["test"]),
        subject_title(one["subject"]),
        figure_text(one),
        limit_text(one),
        SHORTCUT_TEXTS[one["outcome"]],
        why(one),
    )
