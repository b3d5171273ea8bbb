"""A report is five files, in the language that was asked for."""

import json
from pathlib import Path

from tests.unit.ct.courses import course

from thoracle.core.languages import ENGLISH_TEXTS
from thoracle.jobs.ct_compare_report import write_report


def test_five_files_are_written(tmp_path: Path) -> None:
    write_report(course(), tmp_path / "out", ENGLISH_TEXTS)
    found = {one.name: one.read_bytes() for one in (tmp_path / "out").iterdir()}
    assert set(found) == {
        "report.html", "report.pdf", "changes.json", "changes.csv", "timeline.svg",
    }  # fmt: skip
    assert json.loads(found["changes.json"])["steps"][0]["days"] == 8
    assert b"data:image/png" in found["report.html"]
    assert found["report.pdf"].startswith(b"%PDF-")


def test_scans_that_do_not_fit_have_a_report_without_pictures(tmp_path: Path) -> None:
    write_report(course(dice=0.0), tmp_path, ENGLISH_TEXTS)
    assert b"data:image/png" not in (tmp_path / "report.html").read_bytes()
