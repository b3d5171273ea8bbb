"""A study's three forms say the same, its cautions first."""

import json

from thoracle.core.results import DISCLAIMER, Reason
from thoracle.reporting.figure_table import FigureTable
from thoracle.train.study_report import StudyText, study_report


def test_tables_cautions_and_figures_are_in_every_form_that_has_them() -> None:
    text = StudyText(title="Study", stem="study", schema="study/1", about="Nine scans.")
    table = FigureTable(caption="Table", head=("from", "AUROC"), rows=(("grey", "0.7"),))
    caution = Reason(code="few", text="Nine are few.")
    report = study_report(text, [table], [caution], {"grey": 0.7})
    document = json.loads(report.json)
    assert document["schema"] == "study/1"
    assert document["grey"] == 0.7
    assert document["cautions"][0]["code"] == "few"
    assert document["provenance"]["software"].startswith("thoracle ")
    begins = [report.markdown.index(one) for one in ("# Study", "Nine are few.", "Nine scans.")]
    assert begins == sorted(begins)
    assert "### Table" in report.markdown
    assert report.markdown.endswith(DISCLAIMER + "\n")
    assert "Nine are few." in (report.html or "")
    assert (report.name, report.stem) == ("Study", "study")
