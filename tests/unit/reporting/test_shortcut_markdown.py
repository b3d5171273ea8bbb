"""Verdicts as Markdown: a row each, a count, and what must be said beside them."""

from typing import Any

from markdown_it import MarkdownIt

from thoracle.reporting.shortcut_markdown import COLUMNS, shortcut_markdown, summary, verdict_table

PASS: dict[str, Any] = {
    "test": "without_lungs", "subject": "border_only", "outcome": "passes", "value": 0.25,
    "low": 0.1, "high": 0.4, "n": 60, "limit": 0.5, "is_ceiling": True, "reason": None,
}  # fmt: skip
FAIL = PASS | {"outcome": "fails", "subject": "lungs_blackened", "value": 0.9}
CONTENT = {
    "scope": "60 films. Scope: all films.",
    "verdicts": [PASS, FAIL, FAIL],
    "cautions": [{"code": "c", "text": "Seen before."}],
}


def test_outcomes_are_counted() -> None:
    said = summary([PASS, FAIL, FAIL])
    assert said.startswith("1 tests pass, 2 fail, 0 cannot tell. A pass is no proof")


def test_every_verdict_is_a_row_of_as_many_cells_as_columns() -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(verdict_table([PASS, FAIL]))
    cells = [one.content for one in tokens if one.type == "inline"]
    assert cells[: len(COLUMNS)] == list(COLUMNS)
    assert len(cells) == 3 * len(COLUMNS)
    assert cells[len(COLUMNS) :][:3] == [
        "Skill left without lungs",
        "border only, the lungs' box blackened",
        "0.25 (0.10 – 0.40), n 60",
    ]


def test_scope_counts_table_and_cautions_stand_in_this_order() -> None:
    text = shortcut_markdown(CONTENT)
    places = [text.index(one) for one in ("60 films.", "1 tests pass", "| Test", "- Seen before.")]
    assert places == sorted(places)
    assert text.endswith("- Seen before.\n")
    assert not shortcut_markdown(CONTENT | {"cautions": []}).endswith("\n\n")
