"""How a study is written: tables, what they cannot show, and the same as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from thoracle.core.results import DISCLAIMER, Reason
from thoracle.core.version import version
from thoracle.jobs.evaluation_scope import Report
from thoracle.reporting.evaluation_html import tables_html
from thoracle.reporting.figure_table import FigureTable


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyText:
    """What a study is called: `stem` begins its files' names, `schema` is that of its JSON."""

    title: str
    stem: str
    schema: str
    about: str


def study_report(
    text: StudyText,
    tables: Sequence[FigureTable],
    cautions: Sequence[Reason],
    figures: Mapping[str, Any],
) -> Report:
    """Write a study as JSON, Markdown and HTML.

    Parameters
    ----------
    text
        Its names.
    tables
        For people.
    cautions
        What they cannot show.
    figures
        For machines, as JSON has them.

    Returns
    -------
    Report
        The three say the same.
    """
    made_by = {"software": f"thoracle {version()}"}
    content = {
        "schema": text.schema,
        **figures,
        "cautions": [asdict(one) for one in cautions],
        "provenance": made_by,
    }
    notes = "\n".join(f"- {one.text}" for one in cautions)
    parts = [f"# {text.title}", notes, text.about]
    parts += [f"### {one.caption}\n\n{one.markdown}" for one in tables]
    return Report(
        name=text.title,
        json=(json.dumps(content, indent=1) + "\n").encode("utf-8"),
        markdown="\n\n".join([*parts, DISCLAIMER]) + "\n",
        html=tables_html(
            tables,
            title=text.title,
            subtitle=text.about,
            cautions=tuple(cautions),
            provenance=made_by,
        ),
        stem=text.stem,
    )
