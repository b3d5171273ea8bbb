"""The drawing of the course: values at their days, and bands where nothing would have changed."""

import re

from tests.unit.ct.courses import course

from thoracle.core.languages import ENGLISH_TEXTS, Language
from thoracle.reporting.ct_follow_up_timeline import timeline_svg

THREE = (20.0, 34.0, 28.0)


def test_each_scan_has_a_mark_for_each_measure_and_each_step_a_band() -> None:
    svg = timeline_svg(course(radii=THREE), ENGLISH_TEXTS)
    assert svg.count("<circle") == 3 * 4
    # A band for each of both steps and four measures; one rectangle more frames the drawing.
    assert svg.count("<rect") == 2 * 4 + 1
    assert "Percentage of infection" in svg
    assert re.search(r">\s*16\s*<", svg)


def test_it_is_the_same_every_time_and_asks_for_nothing_from_outside() -> None:
    one, two = (timeline_svg(course(radii=THREE), ENGLISH_TEXTS) for _ in range(2))
    assert one == two
    assert "<image" not in one
    assert "<script" not in one


def test_its_words_are_of_the_language() -> None:
    svg = timeline_svg(course(), Language("pt", {"Ground glass": "Vidro fosco"}))
    assert "Vidro fosco" in svg
