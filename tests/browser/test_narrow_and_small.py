"""Small things a person meets: where tools stand, what is told of no map, sizes, narrow tables."""

from typing import Any

import pytest
from playwright.sync_api import expect

Person = Any
pytestmark = pytest.mark.browser


def test_a_film_is_marked_with_tools_that_stand_at_it(person: Person) -> None:
    person.upload(person.file("film.png", b"film"))
    person.wait_for_viewer()
    w, page = person.w, person.page
    page.get_by_role("link", name=w["reading_marks"]).click()
    page.get_by_text(w["mark_box"], exact=True).click()
    stage = page.locator(".stage").first
    tool = page.get_by_text(w["mark_box"], exact=True)
    expect(stage).to_be_in_viewport(ratio=0.9)  # beside the chosen tool, without any scrolling
    expect(tool).to_be_in_viewport()
    undo = page.get_by_role("button", name=w["mark_undo"])
    expect(undo).to_be_disabled()
    box = stage.bounding_box()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.7 * box["height"], steps=4)
    page.mouse.up()
    expect(page.locator(".marks polyline")).to_have_count(1)
    page.screenshot(path=person.folder / f"marked-{person.code}.png")
    undo.click()
    expect(page.locator(".marks polyline")).to_have_count(0)
    expect(page.locator("[name='marks']")).to_have_value("[]")
    expect(undo).to_be_disabled()


def test_a_film_without_maps_is_shown_without_what_is_said_of_maps(person: Person) -> None:
    w, page = person.w, person.page
    person.upload(person.file("knee.png", b"knee"))
    person.wait_for_viewer()
    expect(page.get_by_text(w["viewer_how"])).to_have_count(0)
    expect(page.locator(".keys")).to_have_text(w["viewer_keys_plain"])
    page.locator(".stage").first.focus()
    page.keyboard.press("s")
    expect(page.locator(".stage.plain")).to_be_hidden()
    person.look("without maps")


def test_a_small_file_has_a_size(person: Person) -> None:
    person.open()
    sizes = {"a.png": 1, "b.png": 41_200, "c.png": 1_000_000, "d.png": 2_640_000}
    files = [person.file(name, b"x" * size) for name, size in sizes.items()]
    person.page.set_input_files("#files", files)
    said = ["1 kB", "42 kB", "1 MB", {"en": "2.6 MB", "pt": "2,6 MB"}[person.code]]
    for place, one in enumerate(said):
        expect(person.page.locator("#queue .words").nth(place)).to_contain_text(one)


def test_every_number_of_the_drift_table_is_seen(person: Person) -> None:
    person.upload(person.file("film.png", b"film"))
    person.wait_for_viewer()
    person.open("/drift")
    cells = person.page.locator("table.stacked tbody td")
    expect(cells).to_have_count(6)
    for cell in cells.all():
        box = cell.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= person.width
    if person.width < 640:
        before = "(one) => getComputedStyle(one, '::before').content"
        assert cells.last.evaluate(before) == f'"{person.w["drift_risk"]}"'
    person.look("drift")
