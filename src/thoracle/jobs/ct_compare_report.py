"""Write what changed between scans: page, PDF, JSON, table and the drawing of the course."""

import json
from pathlib import Path

from thoracle.core.files import write_atomically
from thoracle.core.languages import Language
from thoracle.ct.course import Course
from thoracle.reporting.ct_follow_up_html import follow_up_html
from thoracle.reporting.ct_follow_up_pdf import follow_up_pdf
from thoracle.reporting.ct_follow_up_pictures import slice_pictures
from thoracle.reporting.ct_follow_up_tables import changes_csv, follow_up_document
from thoracle.reporting.ct_follow_up_timeline import timeline_svg


def write_report(course: Course, folder: Path, language: Language) -> None:
    """Write report.html, report.pdf, changes.json, changes.csv and timeline.svg into a folder.

    Parameters
    ----------
    course
        What changed.
    folder
        Made if needed; files of these names are written over.
    language
        Of page, PDF and drawing; JSON and table are the same in all.
    """
    pictures = [() if one.common is None else slice_pictures(one.common) for one in course.steps]
    said = json.dumps(follow_up_document(course), indent=1, allow_nan=False) + "\n"
    written = {
        "changes.json": said.encode("utf-8"),
        "changes.csv": changes_csv(course),
        "timeline.svg": timeline_svg(course, language).encode("utf-8"),
        "report.pdf": follow_up_pdf(course, pictures, language),
        "report.html": follow_up_html(course, pictures, language).encode("utf-8"),
    }
    for name, content in written.items():
        write_atomically(folder / name, content)
