"""The PDF has its pages, the same bytes every time, and no question marks for signs."""

from tests.unit.ct.courses import course

from thoracle.core.languages import ENGLISH_TEXTS, Language
from thoracle.reporting.ct_follow_up_pdf import _plain, follow_up_pdf
from thoracle.reporting.ct_follow_up_pictures import slice_pictures


def test_it_is_a_pdf_that_repeats() -> None:
    told = course()
    common = told.steps[0].common
    assert common is not None
    pictures = [slice_pictures(common, slices=1)]
    one, two = (follow_up_pdf(told, pictures, ENGLISH_TEXTS) for _ in range(2))
    assert one.startswith(b"%PDF-")
    assert one == two
    assert b"/Subtype /Image" in one
    assert b"/JavaScript" not in one


def test_three_scans_and_scans_that_do_not_fit_have_a_pdf_too() -> None:
    three = course(radii=(20.0, 34.0, 28.0))
    assert follow_up_pdf(three, [(), ()], Language("pt", {})).startswith(b"%PDF-")
    assert b"/Lang (pt)" in follow_up_pdf(course(dice=0.5), [()], Language("pt", {}))


def test_signs_that_the_fonts_lack_are_written_otherwise() -> None:
    assert _plain("−1.9 … ≥ 2 → 3 ± ções") == "-1.9 to >= 2 to 3 ± ções"
