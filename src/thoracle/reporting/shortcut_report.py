"""What the shortcut laboratory found: sections of verdicts, tables and curves."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from thoracle.core.results import DISCLAIMER, Reason
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.verdicts import LIMITS, Verdict

SCHEMA = "thoracle-audit-1"
Cell = str | int | float | Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditTable:
    """Rows of names, counts and figures under column names."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCurve:
    """One curve: a figure at each of `places`, which rise or fall."""

    name: str
    places: tuple[float, ...]
    figures: tuple[Estimate, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditChart:
    """Curves over one axis."""

    title: str
    x: str
    y: str
    curves: tuple[AuditCurve, ...]
    level: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSection:
    """One group of tests: its key names heading and question among the texts."""

    key: str
    verdicts: tuple[Verdict, ...]
    tables: tuple[AuditTable, ...] = ()
    charts: tuple[AuditChart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortcutReport:
    """A whole run of the laboratory on one bundle."""

    title: str
    scope: str
    sections: tuple[AuditSection, ...]
    provenance: Mapping[str, str]
    cautions: tuple[Reason, ...] = ()

    def verdicts(self) -> Iterator[Verdict]:
        """Yield the verdicts of all sections."""
        for section in self.sections:
            yield from section.verdicts


def verdict_json(one: Verdict) -> dict[str, object]:
    """Return a verdict as the card, the page About and the JSON keep it."""
    return {
        "test": one.test,
        "subject": one.subject,
        "outcome": str(one.outcome),
        "value": one.estimate.value,
        "low": one.estimate.low,
        "high": one.estimate.high,
        "n": one.estimate.n,
        "limit": one.limit.value,
        "is_ceiling": one.limit.is_ceiling,
        "reason": None if one.reason is None else asdict(one.reason),
    }


def report_content(report: ShortcutReport) -> dict[str, Any]:
    """Return the report as plain objects, ready for JSON; it names no film."""
    return {
        "schema": SCHEMA,
        "title": report.title,
        "scope": report.scope,
        "provenance": dict(report.provenance),
        "limits": {key: asdict(limit) for key, limit in LIMITS.items()},
        "verdicts": [verdict_json(one) for one in report.verdicts()],
        "sections": [_section_json(one) for one in report.sections],
        "cautions": [asdict(one) for one in report.cautions],
        "disclaimer": DISCLAIMER,
    }


def shortcut_json(report: ShortcutReport) -> bytes:
    """Return the report as JSON in UTF-8 with a last newline."""
    content = report_content(report)
    return (json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _section_json(section: AuditSection) -> dict[str, object]:
    return {
        "key": section.key,
        "verdicts": [verdict_json(one) for one in section.verdicts],
        "tables": [
            {
                "title": table.title,
                "columns": table.columns,
                "rows": [[_cell_json(cell) for cell in row] for row in table.rows],
            }
            for table in section.tables
        ],
        "charts": [asdict(chart) for chart in section.charts],
    }


def _cell_json(cell: Cell) -> object:
    return asdict(cell) if isinstance(cell, Estimate) else cell
