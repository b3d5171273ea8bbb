"""The report of a bundle whose figures are one table: a gate's, or a lung bundle's."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from thoracle.inference.bundle import Bundle
from thoracle.jobs.evaluation_cautions import scope_cautions
from thoracle.jobs.evaluation_scope import EvaluationScope, Report, provenance
from thoracle.jobs.scoring import unreadable_note
from thoracle.reporting.evaluation_html import FigureTable, tables_html


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFigures:
    """The figures of one evaluation.

    `about` says in words what was measured on which films; `films` is how many those were;
    `content` holds the numbers of `table` for the JSON, beside its `schema`; `unreadable` names
    what could not be decoded.
    """

    schema: str
    about: str
    films: int
    table: FigureTable
    content: Mapping[str, object]
    unreadable: tuple[str, ...] = ()


def tables_report(bundle: Bundle, scope: EvaluationScope, figures: TableFigures) -> Report:
    """Write figures as JSON, HTML and Markdown, with provenance and cautions.

    Parameters
    ----------
    bundle, scope
        What was judged, on what.
    figures
        The outcome.

    Returns
    -------
    Report
        The three say the same.
    """
    made_by = provenance(bundle, scope, films=figures.films)
    note = unreadable_note(figures.unreadable)
    cautions = (*scope_cautions(bundle, scope), *(() if note is None else (note,)))
    content = {
        "schema": figures.schema,
        "provenance": made_by,
        **figures.content,
        "unreadable": list(figures.unreadable),
        "cautions": [asdict(one) for one in cautions],
    }
    notes = "\n".join(f"- {one.text}" for one in cautions)
    parts = (figures.about, figures.table.markdown, *((notes,) if notes else ()))
    return Report(
        name=scope.name,
        json=(json.dumps(content, indent=1, default=str) + "\n").encode("utf-8"),
        markdown="\n\n".join(parts) + "\n",
        html=tables_html(
            [figures.table],
            title=f"{bundle.name} {bundle.version}: {scope.name}",
            subtitle=figures.about,
            cautions=cautions,
            provenance=made_by,
        ),
    )
