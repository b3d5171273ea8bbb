"""What pages show of severity: zones as on film, numbers in the reader's language, nothing else."""

import re

from thoracle.core.languages import ENGLISH_TEXTS, Language
from thoracle.core.results import FileResult, Score, Severity, Status
from thoracle.reporting.analysis_html import analysis_html
from thoracle.reporting.analysis_pdf import PdfPictures, analysis_pdf
from thoracle.reporting.analysis_view import PictureAddresses, view_of
from thoracle.reporting.severity_texts import SEVERITY
from thoracle.reporting.severity_view import course_text, severity_view

SEVERE = Severity(
    zones=(1.0, 2.0, 3.0, 0.25, 0.5, 0.75),
    brixia=Score(value=7.5, low=3.5, high=11.5),
    extent=Score(value=4.0, low=2.0, high=6.0),
    opacity=Score(value=2.5, low=1.5, high=3.5),
    coverage=0.9,
    films=199,
    patients=133,
    error=2.61,
    reader_difference=1.84,
)
RESULT = FileResult(file="film.png", sha256="a" * 64, status=Status.ANALYZED, severity=SEVERE)


def test_the_patients_right_lung_stands_on_the_left() -> None:
    view = severity_view(SEVERE, ENGLISH_TEXTS)
    assert view is not None
    assert (view.right, view.left) == ("Right lung", "Left lung")
    rows = [(row.name, row.right, row.left) for row in view.rows]
    assert rows == [("Upper", "1.0", "0.2"), ("Middle", "2.0", "0.5"), ("Lower", "3.0", "0.8")]


def test_scores_come_with_intervals_and_with_how_well_they_are_known() -> None:
    view = severity_view(SEVERE, ENGLISH_TEXTS)
    assert view is not None
    assert view.scores[0] == ("Brixia score", "7.5 of 18 (interval 3.5 to 11.5)")
    assert view.scores[1][1] == "4.0 of 8 (interval 2.0 to 6.0)"
    assert view.scores[2][1] == "2.5 of 6 (interval 1.5 to 3.5)"
    notes = " ".join(view.notes)
    for part in (
        "90 of 100",
        "199 films of 133 patients",
        "2.6 of 18",
        "differ by 1.8",
        "COVID-19",
    ):
        assert part in notes


def test_numbers_have_the_sign_of_the_language() -> None:
    view = severity_view(SEVERE, Language("pt", {}))
    assert view is not None
    assert view.scores[0][1].startswith("7,5 of 18 (interval 3,5")
    assert course_text(SEVERE, Language("pt", {})) == "Brixia 7,5"


def test_without_a_score_pages_say_nothing() -> None:
    assert severity_view(None, ENGLISH_TEXTS) is None
    assert course_text(None, ENGLISH_TEXTS) == ""
    plain = FileResult(file="film.png", sha256="a" * 64, status=Status.ANALYZED)
    assert SEVERITY["title"] not in analysis_html(plain, pixels=None)


def test_the_report_shows_the_zones_as_a_table() -> None:
    page = analysis_html(RESULT, pixels=None)
    cells = re.findall(r"<td>([^<]*)</td>", page[page.index("Right lung") :])
    assert cells[:6] == ["1.0", "0.2", "2.0", "0.5", "3.0", "0.8"]
    assert page.index("Right lung") < page.index("Left lung")


def test_the_pdf_grows_by_the_scores() -> None:
    def pdf(result: FileResult) -> bytes:
        view = view_of(result, addresses=PictureAddresses())
        return analysis_pdf(view, None, pictures=PdfPictures(), language=ENGLISH_TEXTS)

    without = FileResult(file="film.png", sha256="a" * 64, status=Status.ANALYZED)
    assert len(pdf(RESULT)) > len(pdf(without)) + 500
