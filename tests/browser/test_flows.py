"""What a person does with the app, by clicks alone: in English on a desk, in Portuguese on a phone.

Each page is also held to `Person.look`: no sideways scrolling, no serious finding of axe-core, no
complaint of the browser, nothing asked for elsewhere.
"""

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from thoracle.core.results import AnomalyMap, Status
from thoracle.jobs.users import add_user
from thoracle.reporting.analysis_texts import STATUS_TITLES
from thoracle.store.results import ResultStore
from thoracle.store.types import NewResult

Person = Any
pytestmark = pytest.mark.browser


@pytest.fixture
def judged(person: Person) -> Person:
    """Somebody who looks at the result of one film."""
    person.upload(person.file("film.png", b"film"))
    person.wait_for_viewer()
    return person


def test_a_film_is_judged_and_its_result_questioned(person: Person) -> None:
    person.open()
    person.look("upload")
    person.upload(person.file("film.png", b"film"))
    person.wait_for_viewer()
    percents = [
        float(one.replace(",", ".").removesuffix(" %"))
        for one in person.page.locator(".finding .percent").all_inner_texts()
    ]
    assert len(percents) == 3
    assert sum(percents) == pytest.approx(100.0)
    person.look("result")
    person.page.get_by_label(person.w["ppv_slider"]).fill("50")
    expect(person.page.locator("#values-table")).to_contain_text("50 %:")
    expect(person.page.locator("#values-table")).to_contain_text("82 %")


def test_every_control_of_the_viewer_answers(judged: Person) -> None:
    w, page = judged.w, judged.page
    viewer = "document.querySelector('[data-viewer]').viewer"

    def state(what: str) -> Any:
        return page.evaluate(f"{viewer}.{what}")

    page.get_by_role("button", name=w["viewer_zoom_in"]).click()
    judged.wait_until(f"{viewer}.zoom > 1")
    page.get_by_role("button", name=w["viewer_zoom_out"]).click()
    judged.wait_until(f"{viewer}.zoom.toFixed(3) === '1.000'")
    page.get_by_role("button", name=w["viewer_invert"], exact=True).click()
    judged.wait_until(f"{viewer}.isInverted === true")
    low = state("low")
    page.get_by_text(w["viewer_window"], exact=True).click()
    stage = page.locator(".stage").first
    stage.hover(position={"x": 100, "y": 100})  # waits until nothing on the page moves any more
    page.mouse.down()
    box = stage.bounding_box()
    page.mouse.move(box["x"] + 160, box["y"] + 140, steps=4)
    page.mouse.up()
    judged.wait_until(f"{viewer}.low !== {low}")
    page.get_by_role("button", name=w["viewer_reset"], exact=True).click()
    judged.wait_until(f"{viewer}.low === {low}")
    judged.look("viewer")


def test_another_map_is_chosen_and_laid_aside(judged: Person) -> None:
    w, page = judged.w, judged.page
    viewer = "document.querySelector('[data-viewer]').viewer"
    for part in ("finding", "method", "layer", "colors"):
        chooser = page.locator(f"select[data-part='{part}']")
        values = chooser.locator("option").evaluate_all("all => all.map((one) => one.value)")
        chooser.select_option(values[-1])
        expect(chooser).to_have_value(values[-1])
    colors = page.locator("[data-part='colors'] option")
    assert colors.count() >= 6
    page.get_by_role("slider", name=w["viewer_opacity"]).fill("20")
    judged.wait_until(f"{viewer}.map?.volume.opacity === 0.2")
    expect(page.locator("[data-part='scale']")).to_be_visible()
    page.get_by_role("button", name=w["viewer_side"]).click()
    expect(page.locator(".stage.plain")).to_be_visible()
    page.get_by_role("switch", name=w["viewer_annotated"]).uncheck()
    judged.wait_until(f"!{viewer}.map")
    judged.look("side by side")


def test_two_fingers_zoom(judged: Person) -> None:
    viewer = "document.querySelector('[data-viewer]').viewer"
    judged.page.evaluate(
        """() => {
          const stage = document.querySelector(".stage");
          const box = stage.getBoundingClientRect();
          const touch = (kind, id, x, y) => stage.dispatchEvent(new PointerEvent(kind, {
            pointerId: id, pointerType: "touch", isPrimary: id === 1, bubbles: true,
            button: 0, buttons: 1,
            clientX: box.x + x * box.width, clientY: box.y + y * box.height }));
          stage.setPointerCapture = () => {};
          touch("pointerdown", 1, 0.45, 0.5);
          touch("pointerdown", 2, 0.55, 0.5);
          touch("pointermove", 1, 0.25, 0.5);
          touch("pointermove", 2, 0.75, 0.5);
          touch("pointerup", 1, 0.25, 0.5);
          touch("pointerup", 2, 0.75, 0.5);
        }"""
    )
    assert judged.page.evaluate(f"{viewer}.zoom") > 2


def test_a_refusal_says_why_and_offers_two_ways_out(person: Person) -> None:
    w, page = person.w, person.page
    person.upload(person.file("turned.png", b"rotated"))
    turn = person.language(w["again_turn"], degrees=90)
    expect(page.get_by_role("button", name=turn)).to_be_visible()
    person.look("refused")
    page.get_by_role("button", name=turn).click()
    expect(page.locator(".finding")).to_have_count(3)
    page.get_by_role("link", name=w["result_parent_link"]).click()
    page.get_by_label(w["again_reason"]).fill("I have seen it.")
    page.get_by_role("button", name=w["again_override"]).click()
    said = person.language(w["override_reason"], reason="I have seen it.")
    expect(page.get_by_text(said)).to_be_visible()
    person.wait_for_viewer()
    person.look("overridden")


def test_readers_say_what_they_see_and_mark_it(judged: Person, store: ResultStore) -> None:
    w, page = judged.w, judged.page
    page.get_by_text(w["reading_no"], exact=True).click()
    page.get_by_label(w["reading_finding"]).fill("Other lung opacity")
    page.get_by_label(w["reading_comment"]).fill("Left base.")
    _draw_box(judged)
    page.get_by_role("button", name=w["reading_save"]).click()
    expect(page.get_by_text("Left base.")).to_be_visible()
    judged.wait_for_viewer()
    page.get_by_role("button", name=w["reading_show"]).click()
    expect(page.locator(".marks polyline").first).to_be_attached()
    judged.look("reading")
    (kept,) = store.readings.of_results([page.url.split("/")[-1].split("#")[0]])
    assert kept.agrees is False
    assert kept.finding == "Other lung opacity"
    assert kept.marks[0].kind == "box"
    page.get_by_role("link", name=w["readings_title"]).click()
    expect(page.get_by_text(w["readings_none"])).to_be_visible()
    judged.look("agreement")


def test_the_texture_of_what_is_drawn_is_measured_in_place(judged: Person) -> None:
    w, page = judged.w, judged.page
    page.locator("#texture > summary").click()
    page.get_by_label(w["texture_region"]).select_option("drawn")
    page.get_by_role("button", name=w["texture_measure"]).click()
    expect(page.locator("#texture-table #problem")).to_contain_text("(texture-region)")
    _draw_box(judged)
    page.get_by_role("button", name=w["texture_measure"]).click()
    expect(page.locator("#texture-table details").first).to_be_visible()
    expect(page.locator("#texture-table th[scope='row']").first).to_be_attached()
    judged.look("texture")
    page.get_by_label(w["texture_region"]).select_option("lungs")
    expect(page.locator("#texture-table")).to_be_empty()  # it was the table of another region


def _draw_box(person: Person) -> None:
    """Draw a box right of the film's middle."""
    person.page.get_by_text(person.w["mark_box"], exact=True).click()
    stage = person.page.locator(".stage").first
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    mouse = person.page.mouse
    mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.5 * box["height"])
    mouse.down()
    mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.7 * box["height"], steps=4)
    mouse.up()


def test_many_films_are_sent_at_once_and_worked_off_by_urgency(
    person: Person, pack: Callable[..., bytes]
) -> None:
    w, page = person.w, person.page
    archive = person.file("study.zip", pack({"a.png": b"adult film", "b.png": b"adult"}))
    torn = person.file("torn.png", b"broken")
    knee = person.file("knee.png", b"knee")
    person.open()
    page.set_input_files("#files", [archive, torn, knee])
    expect(page.locator("#queue .name")).to_have_text(["study.zip", "torn.png", "knee.png"])
    page.get_by_role("button", name=w["upload_button"], exact=True).click()
    expect(page.locator("#all")).to_be_visible()
    expect(page.locator("#queue .badge.status")).to_have_count(4)
    person.look("queue")
    page.locator("#all").click()
    expect(page.get_by_role("heading", name=w["worklist_title"])).to_be_visible()
    names = page.locator("table.lines").first.locator("a").all_inner_texts()
    assert sorted(names) == ["a.png (study.zip)", "b.png (study.zip)"]
    expect(page.get_by_role("heading", name=w["worklist_apart"])).to_be_visible()
    person.look("worklist")


def test_an_upload_is_cancelled_and_sent_again(person: Person) -> None:
    w, page = person.w, person.page
    page.route("**/api/v1/analyses", lambda _: None)  # no answer comes
    person.upload(person.file("film.png", b"film"))
    page.get_by_role("button", name=w["upload_cancel"], exact=True).click()
    expect(page.locator("#queue .state")).to_have_text(w["upload_cancelled"])
    page.unroute("**/api/v1/analyses")
    page.get_by_role("button", name=w["upload_button"], exact=True).click()
    expect(page.locator(".finding")).to_have_count(3)


def test_a_lost_server_and_an_empty_file_are_told(person: Person) -> None:
    w, page = person.w, person.page
    page.route("**/api/v1/analyses", lambda route: route.abort("connectionrefused"))
    person.upload(person.file("film.png", b"film"), person.file("empty.png", b""))
    expect(page.get_by_text(w["upload_lost"])).to_be_visible()
    expect(page.get_by_text(w["upload_empty_file"])).to_be_visible()


def test_the_history_is_searched_and_saved_and_a_result_deleted(person: Person) -> None:
    w, page = person.w, person.page
    for name, content in (("one.png", b"film"), ("two.png", b"knee"), ("three.png", b"broken")):
        person.upload(person.file(name, content))
        if content != b"broken":
            expect(page).to_have_url(re.compile("/results/"))
        expect(page.locator(".badge.status").first).to_be_visible()
    person.open()
    person.menu("nav_history")
    expect(page.locator("table.lines tbody tr")).to_have_count(3)
    person.look("history")
    page.get_by_label(w["history_text"]).fill("two")
    expect(page.locator("table.lines tbody tr")).to_have_count(1)
    page.get_by_label(w["history_text"]).fill("")
    title = person.language(STATUS_TITLES[Status.FAILED])
    page.get_by_label(w["history_status"]).select_option(label=title)
    expect(page.locator("table.lines tbody tr")).to_have_count(1)
    page.get_by_label(w["history_status"]).select_option("")
    page.get_by_label(w["history_until"]).fill("2026-03-02")
    expect(page.get_by_text(w["history_empty"])).to_be_visible()
    page.get_by_label(w["history_until"]).fill("")
    expect(page.locator("table.lines tbody tr")).to_have_count(3)
    with page.expect_download() as told:
        page.get_by_role("link", name=w["history_csv"]).click()
    with told.value.path().open(encoding="utf-8-sig", newline="") as stream:
        assert len(list(csv.reader(stream))) == 4
    page.get_by_role("link", name="one.png").click()
    person.wait_for_viewer()
    page.get_by_text(w["result_delete"], exact=True).click()
    page.get_by_role("button", name=w["result_delete_button"]).click()
    expect(page.locator("table.lines tbody tr")).to_have_count(2)


def test_a_result_opens_again_as_it_was_and_is_taken_away_as_pdf_and_json(
    judged: Person,
) -> None:
    w, page = judged.w, judged.page
    before = page.locator("main").inner_text()
    judged.open("/results")
    page.get_by_role("link", name="film.png").click()
    judged.wait_for_viewer()
    assert page.locator("main").inner_text() == before
    report = page.get_by_role("link", name=w["result_pdf"]).get_attribute("href")
    assert page.request.get(judged.address + report).body().startswith(b"%PDF-")
    with page.expect_response(re.compile("/api/v1/analyses/")) as answer:
        page.get_by_role("link", name=w["result_json"], exact=True).click()
    assert json.loads(answer.value.text())["status"] == "analyzed"


def test_two_films_of_one_patient_are_compared(person: Person) -> None:
    w, page = person.w, person.page
    for name in ("monday.png", "friday.png"):
        person.upload(person.file(name, b"patient:Doe 12345"))
        person.wait_for_viewer()
    patient = page.get_by_role("link", name=re.compile(r"p-[0-9a-f]{12}"))
    assert "Doe" not in page.content()
    patient.click()
    person.look("patient")
    page.get_by_role("button", name=w["compare_button"]).click()
    expect(page.locator(".viewer.ready")).to_have_count(2)
    expect(page.get_by_role("heading", name=w["compare_change"])).to_be_visible()
    person.look("compare")


def test_a_film_to_try_is_judged_with_one_click(person: Person) -> None:
    person.open()
    person.page.get_by_role("button", name="ramp.png").click()
    expect(person.page.get_by_role("heading", name="ramp.png")).to_be_visible()


def test_a_film_is_looked_for_among_the_training_films(judged: Person) -> None:
    w, page = judged.w, judged.page
    page.get_by_role("link", name=w["projector_link"]).click()
    expect(page.locator(".space.ready")).to_be_visible()
    neighbors = page.locator("section[aria-labelledby='neighbors'] tbody tr")
    expect(neighbors).to_have_count(10)
    judged.look("projector")
    page.get_by_label(w["projector_layout"]).select_option("tsne")
    page.get_by_label(w["projector_color"]).select_option("source")
    names = "document.getElementById('space').data.map((one) => one.name)"
    judged.wait_until(f"{names}.some((one) => one.startsWith('Cohen'))")
    assert w["projector_own"] in page.evaluate(names)


def test_drift_and_about_and_the_cards_are_read(judged: Person) -> None:
    w, page = judged.w, judged.page
    judged.menu("nav_drift")
    expect(page.get_by_role("heading", name=w["drift_title"])).to_be_visible()
    judged.look("drift")
    judged.menu("nav_about")
    judged.look("about")
    page.get_by_role("link", name=w["about_card"]).first.click()
    expect(page.locator("main table").first).to_be_visible()
    judged.look("card")


def test_who_has_a_name_signs_in_and_out(person: Person, store: ResultStore) -> None:
    w, page = person.w, person.page
    add_user(store.users, "ana", "correct horse battery", now=datetime.now(UTC))
    person.open("/worklist")
    expect(page.get_by_role("heading", name=w["login_title"])).to_be_visible()
    person.look("login")
    page.get_by_label(w["login_name"]).fill("ana")
    page.get_by_label(w["login_password"]).fill("wrong horse battery")
    page.get_by_role("button", name=w["login_button"]).click()
    expect(page.get_by_text(w["login_wrong"])).to_be_visible()
    page.get_by_label(w["login_password"]).fill("correct horse battery")
    page.get_by_role("button", name=w["login_button"]).click()
    expect(page.get_by_role("heading", name=w["worklist_title"])).to_be_visible()
    if person.width < 768:
        page.get_by_role("button", name=w["nav_menu"]).click()
    page.get_by_role("button", name=w["sign_out"]).click()
    expect(page.get_by_role("heading", name=w["login_title"])).to_be_visible()


def test_the_language_is_changed_and_stays(person: Person) -> None:
    other = {"en": "pt", "pt": "en"}[person.code]
    name = {"en": "English", "pt": "Português"}[other]
    person.open("/about")
    if person.width < 768:
        person.page.get_by_role("button", name=person.w["nav_menu"]).click()
    person.page.get_by_role("button", name=name).click()
    expect(person.page.locator("html")).to_have_attribute("lang", other)
    person.open("/worklist")
    expect(person.page.locator("html")).to_have_attribute("lang", other)


def test_the_form_works_without_script(browser: Any, person: Person) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(person.address)
    page.set_input_files("#files", [person.file("film.png", b"film")])
    page.locator("#send").click()
    expect(page.locator(".finding")).to_have_count(3)
    expect(page.locator(".fallback img")).to_have_count(4)
    context.close()


def test_a_key_alone_reaches_the_analysis(person: Person) -> None:
    """From the top of the page by Tab, as somebody does who has no mouse."""
    page = person.page
    person.open()
    page.set_input_files("#files", [person.file("film.png", b"film")])
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "send":
            break
    page.keyboard.press("Enter")
    expect(page.locator(".finding")).to_have_count(3)


def test_the_anomaly_map_is_shown_without_a_finding_or_a_layer(
    judged: Person, store: ResultStore
) -> None:
    page = judged.page
    first = store.load(page.url.rsplit("/", 1)[-1])
    anomaly = AnomalyMap(
        values=np.eye(6, dtype=np.float32) * 4, scale_max=4.0, box=(5, 5, 90, 75),
        lung_share=0.4, lung_mean=1.0,
    )  # fmt: skip
    pictures = {name: store.picture(first.summary.id, name) for name in first.picture_names}
    kept = store.save(
        NewResult(result=replace(first.result, anomaly=anomaly), pictures=pictures),
        now=datetime(2026, 3, 1, tzinfo=UTC),
    )
    page.goto(page.url.replace(first.summary.id, kept))
    judged.wait_for_viewer()
    viewer = "document.querySelector('[data-viewer]').viewer"
    page.locator("[data-part='method']").select_option("anomaly")
    expect(page.locator("[data-part='scale'] .top")).to_have_text("≥ 4")
    expect(page.locator("[data-part='finding']")).to_be_disabled()
    expect(page.locator("[data-part='layer']")).to_be_disabled()
    assert page.evaluate(f"{viewer}.map.from.method") == "anomaly"
    assert page.evaluate(f"{viewer}.map.volume.cal_max") == 4
    judged.look("anomaly")
    page.locator("[data-part='method']").select_option("Grad-CAM")
    expect(page.locator("[data-part='scale'] .top")).not_to_have_text("≥ 4")
    expect(page.locator("[data-part='finding']")).to_be_enabled()
    assert page.evaluate(f"{viewer}.map.from.method") == "Grad-CAM"
