"""The laboratory's page: whole, escaped, and without anything from elsewhere."""

import re

import pytest

from thoracle.core.results import DISCLAIMER, Reason
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.verdicts import verdict
from thoracle.reporting.shortcut_html import cell_text, shortcut_html
from thoracle.reporting.shortcut_report import (
    AuditChart,
    AuditCurve,
    AuditSection,
    AuditTable,
    Cell,
    ShortcutReport,
)

FIGURE = Estimate(value=0.25, low=0.1, high=0.4, n=60, method="m")
SECTIONS = tuple(
    AuditSection(
        key=key,
        verdicts=(verdict("without_lungs", "border_only", FIGURE),),
        tables=(AuditTable(title="<b>T</b>", columns=("a", "b"), rows=(("x", FIGURE),)),),
        charts=(
            AuditChart(
                title="Deletion", x="x", y="y",
                curves=(AuditCurve(name="c", places=(0, 1), figures=(FIGURE, FIGURE)),),
            ),
        ),
    )
    for key in ("changes", "maps")
)  # fmt: skip


@pytest.fixture(scope="module")
def page() -> str:
    return shortcut_html(
        ShortcutReport(
            title="Shortcut laboratory: x",
            scope="60 films.",
            sections=SECTIONS,
            provenance={"software": "thoracle 1"},
            cautions=(Reason(code="c", text="Seen <before>."),),
        )
    )


def test_everything_stands_on_the_page_escaped(page: str) -> None:
    for said in (
        DISCLAIMER, "60 films.", "Changed films", "thoracle 1", "Seen &lt;before&gt;.",
        "&lt;b&gt;T&lt;/b&gt;", "0.250 (0.100 – 0.400)", "Without the lungs, at most half",
        "2 tests pass, 0 fail, 0 cannot tell.",
    ):  # fmt: skip
        assert said in page


def test_the_page_is_one_file(page: str) -> None:
    assert "<script" not in page
    assert re.findall(r"(?:src|href)=\"(?!data:|#)", page) == []
    assert page.count("data:image/svg+xml;base64,") == 2


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (FIGURE, "0.250 (0.100 – 0.400)"),
        (Estimate(value=0.5, low=None, high=None, n=1, method="m"), "0.500"),
        (Estimate(value=None, low=None, high=None, n=0, method="m"), "–"),
        (None, "–"),
        (7, "7"),
        (0.5, "0.500"),
        ("name", "name"),
    ],
)
def test_cells_are_figures_counts_or_names(cell: Cell, said: str) -> None:
    assert cell_text(cell) == said
