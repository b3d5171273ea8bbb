"""The report of a study of CT slices: the network beside what the file alone gives away."""

from dataclasses import asdict
from typing import Final

from thoracle.core.results import Reason
from thoracle.jobs.evaluation_scope import Report
from thoracle.reporting.figure_table import FigureTable
from thoracle.reporting.figures_markdown import number_text
from thoracle.train.ct.slice_study import FOLDS, SIZE, SliceStudy
from thoracle.train.study_report import StudyText, study_report

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
    figures = asdict(study)
    text = StudyText(title=TITLE, stem=STEM, schema=SCHEMA, about=about)
    return study_report(text, tables, _CAUTIONS, figures)
