"""The page of a CT report: self-contained, without scripts; a file name is never markup."""

import re

import pytest
from tests.unit.reporting.ct_case import MARKED, Case, case, empty_case

from thoracle.core.languages import ENGLISH_TEXTS, Language
from thoracle.reporting.ct_html import ct_html, steps_of
from thoracle.reporting.ct_pictures import ct_pictures
from thoracle.reporting.ct_view import Histogram, ct_view


def page(one: Case, language: Language = ENGLISH_TEXTS) -> str:
    pictures = ct_pictures(one.found.scan, one.segmentation, language=language)
    view = ct_view(one.found, made_at=None, language=language)
    return ct_html(view, pictures=pictures, shape=one.shape, language=language)


def test_the_page_asks_for_nothing_and_runs_nothing() -> None:
    html = page(case())
    assert "<script" not in html
    assert re.findall(r'(?:src|href)="(?!data:image/png;base64,)', html) == []
    assert "default-src 'none'" in html
    assert html.count("<img ") == html.count(" alt=") == 5


def test_a_file_name_is_text() -> None:
    html = page(case())
    assert "a&lt;b&gt;.nii.gz" in html
    assert "a<b>" not in html


def test_the_page_says_numbers_definitions_and_that_it_is_for_research() -> None:
    one = case()
    html = page(one)
    percent = one.found.measures.region("both").percentage_of_infection.value
    assert f"Percentage of infection: {percent:.1f} %" in html
    assert "Halves: at the middle of its own depth" in html
    assert "Research use only" in html
    assert html.count("<polyline") == 3


@pytest.mark.parametrize("one", [case(window=True), case(lesions=False), empty_case()])
def test_what_is_missing_leaves_no_hole(one: Case) -> None:
    html = re.sub(r"data:[^\"]*", "", page(one))
    assert re.findall(r"\b(?:None|nan|inf)\b", html) == []


def test_a_window_has_no_table_of_hu() -> None:
    html = page(case(window=True))
    assert "<polyline" not in html
    assert "No HU: the scan is grey of a window" in html


def test_all_texts_of_the_page_are_of_its_language() -> None:
    html = page(case(variants=1), MARKED)
    body = re.sub(r"<style>.*?</style>|data:[^\"]*", "", html, flags=re.DOTALL)
    words = re.findall(r">([^<>]+)<", body)
    plain = [one.strip() for one in words if re.search(r"[A-Za-z]{4,}", one) and "⟦" not in one]
    assert [one for one in plain if not re.fullmatch(r"a&lt;b.*|[0-9a-f]{64}", one)] == []
    assert 'lang="pt"' in html


def test_a_histogram_is_drawn_as_steps() -> None:
    curve = Histogram(name="x", compartment="lung", heights=(0.0, 1.0))
    assert steps_of(curve, (10.0, 4.0)) == [(0, 0), (5, 0), (5, 4), (10, 4)]
