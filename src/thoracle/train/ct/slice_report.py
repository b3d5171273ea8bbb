"""The report of a study of CT slices: the network beside what the file alone gives away."""

import json
from dataclasses import asdict
from typing import Final

from thoracle.core.results import DISCLAIMER, Reason
from thoracle.core.version import version
from thoracle.jobs.evaluation_scope import Report
from thoracle.reporting.evaluation_html import tables_html
from thoracle.reporting.figure_table import FigureTable
from thoracle.reporting.figures_markdown import number_text
from thoracle.train.ct.slice_study import FOLDS, SIZE, SliceStudy

STEM: Final = "slices"
SCHEMA: Final = "thoracle-ct-slices/1"
TITLE: Final = "COVID-19 on single CT slices, and the leak"
_CAUTIONS: Final = (
    Reason(
        code="slices-leak",
        text=(
            "Slices with COVID-19 were cut from papers, the others come from elsewhere: what tells "
            "the file's origin tells the class. A network's figure means disease only as far as it "
            "exceeds the giveaways, and nobody can say which part of it does."
        ),
    ),
    Reason(
        code="slices-no-window",
        text=(
            "Slices are grey of unknown windows without HU or scale, some with marks: no measure "
            "can be taken from them, and no bundle is made of this network."
        ),
    ),
)


def slice_report(study: SliceStudy) -> Report:
    """Write a study as JSON, Markdown and HTML.

    Parameters
    ----------
    study
        From `study_slices`.

    Returns
    -------
    Report
        The three say the same.
    """
    about = (
        f"{study.slices} slices, {study.covid} of them with COVID-19, of {study.patients} "
        f"patients. One patient, one publication or near-duplicates make one of {study.groups} "
        f"groups, which is never on both sides of the {FOLDS} folds and is resampled as one; "
        f"{study.mixed_groups} groups have slices of both classes. The network sees {SIZE} × "
        f"{SIZE} pixels. Standardized: flat borders cut away, square, histogram equalized."
    )
    tables = [
        FigureTable(
            caption="Giveaways, by logistic regression: AUROC (95 %)",
            head=("from", "AUROC (95 %)"),
            rows=tuple((name, number_text(one)) for name, one in study.giveaways.items()),
        ),
        FigureTable(
            caption="The network, held-out groups: AUROC (95 %)",
            head=("slices", "AUROC (95 %)"),
            rows=tuple((name, number_text(one)) for name, one in study.networks.items()),
        ),
    ]
    made_by = {"software": f"thoracle {version()}"}
    content = {
        "schema": SCHEMA,
        **asdict(study),
        "cautions": [asdict(one) for one in _CAUTIONS],
        "provenance": made_by,
    }
    notes = "\n".join(f"- {one.text}" for one in _CAUTIONS)
    parts = [f"# {TITLE}", notes, about]
    parts += [f"### {one.caption}\n\n{one.markdown}" for one in tables]
    return Report(
        name=TITLE,
        json=(json.dumps(content, indent=1) + "\n").encode("utf-8"),
        markdown="\n\n".join([*parts, DISCLAIMER]) + "\n",
        html=tables_html(
            tables, title=TITLE, subtitle=about, cautions=_CAUTIONS, provenance=made_by
        ),
        stem=STEM,
    )
