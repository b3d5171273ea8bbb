"""The shortcut laboratory's page: one HTML file without scripts or anything from elsewhere."""

from thoracle.core.results import DISCLAIMER
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.verdicts import Outcome
from thoracle.reporting.pages import report_environment, svg_uri
from thoracle.reporting.shortcut_markdown import COLUMNS, summary, verdict_cells
from thoracle.reporting.shortcut_plots import chart_svg
from thoracle.reporting.shortcut_report import AuditSection, Cell, ShortcutReport, verdict_json
from thoracle.reporting.shortcut_words import SECTIONS


def shortcut_html(report: ShortcutReport) -> str:
    """Render a report; without matplotlib this is a MissingExtraError."""
    outcomes = [one.outcome for one in report.verdicts()]
    return (
        report_environment()
        .get_template("shortcut.html.j2")
        .render(
            report=report,
            sections=[_section(one) for one in report.sections],
            columns=COLUMNS,
            counts=[(str(one), outcomes.count(one)) for one in Outcome],
            summary=summary([verdict_json(one) for one in report.verdicts()]),
            disclaimer=DISCLAIMER,
        )
    )


def cell_text(cell: Cell) -> str:
    """Return a table's cell as text: figures with three decimals and their interval."""
    if isinstance(cell, Estimate):
        if cell.value is None:
            return "–"
        value = f"{cell.value:.3f}"
        known = cell.low is not None and cell.high is not None
        return f"{value} ({cell.low:.3f} – {cell.high:.3f})" if known else value
    if isinstance(cell, float):
        return f"{cell:.3f}"
    return "–" if cell is None else str(cell)


def _section(one: AuditSection) -> dict[str, object]:
    """Return a section as the template takes it."""
    heading, question = SECTIONS[one.key]
    return {
        "key": one.key,
        "heading": heading,
        "question": question,
        "verdicts": [
            {"outcome": str(verdict.outcome), "cells": verdict_cells(verdict_json(verdict))}
            for verdict in one.verdicts
        ],
        "tables": [
            {
                "title": table.title,
                "columns": table.columns,
                "rows": [[cell_text(cell) for cell in row] for row in table.rows],
            }
            for table in one.tables
        ],
        "charts": [(chart.title, svg_uri(chart_svg(chart))) for chart in one.charts],
    }
