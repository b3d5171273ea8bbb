"""The page is one file with its pictures inside, in its language, and nothing in it is markup."""

from tests.unit.ct.courses import course

from thoracle.core.languages import ENGLISH_TEXTS, Language
from thoracle.core.results import DISCLAIMER
from thoracle.reporting.ct_follow_up_html import follow_up_html
from thoracle.reporting.ct_follow_up_pictures import slice_pictures


def test_the_page_holds_pictures_tables_definitions_and_the_disclaimer() -> None:
    told = course()
    common = told.steps[0].common
    assert common is not None
    page = follow_up_html(told, [slice_pictures(common)], ENGLISH_TEXTS)
    assert page.count(DISCLAIMER) == 2
    assert page.count("data:image/png;base64,") == len(slice_pictures(common))
    assert page.count("data:image/svg+xml;base64,") == 1
    assert "How this was measured" in page
    assert 'class="said grew"' in page
    assert "The window was assumed." in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_names_of_files_are_text() -> None:
    page = follow_up_html(course(), [()], ENGLISH_TEXTS)
    assert "scan &lt;1&gt;" in page
    assert "scan <1>" not in page


def test_three_scans_end_with_the_change_over_all() -> None:
    told = course(radii=(20.0, 34.0, 28.0))
    page = follow_up_html(told, [(), ()], ENGLISH_TEXTS)
    assert "From the first scan to the last: From 2020-03-01 to 2020-03-17" in page


def test_the_language_is_declared() -> None:
    page = follow_up_html(course(dice=0.5), [()], Language("pt", {"grew": "aumentou"}))
    assert '<html lang="pt">' in page
    assert "aumentou" in page
