"""A person at a desk and one at a phone send a recording, look closer, and find it again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from thoracle.core.settings import settings
from thoracle.store.results import ResultStore

pytestmark = pytest.mark.browser


def _table(seconds: float = 150.0, hz: float = 20.0) -> bytes:
    times_s = np.arange(round(seconds * hz)) / hz
    is_paused = (times_s > 72) & (times_s < 92)
    signal = np.where(is_paused, -1.0, -np.cos(2 * np.pi * 0.25 * times_s))
    signal += np.random.default_rng(1).normal(0, 0.005, signal.size)
    return ("chest\n" + "\n".join(f"{one:.5f}" for one in signal) + "\n").encode()


@pytest.fixture
def _network(pattern_bundle: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    made = pattern_bundle("cheyne_stokes", name="breathing")
    monkeypatch.setenv("THORACLE_BUNDLES", str(made.parent))
    settings.cache_clear()


@pytest.mark.usefixtures("_network")
def test_a_recording_is_refused_read_looked_at_found_and_deleted(
    person: Any, store: ResultStore
) -> None:
    page, w = person.page, person.w
    person.open("/breathing")
    person.look("breathing-none")
    page.get_by_role("link", name=w["br_new"], exact=True).click()
    person.look("breathing-new")
    page.set_input_files("#file", person.file("night.csv", _table()))
    page.select_option("#sensor", "belt")
    page.get_by_role("button", name=w["br_button"], exact=True).click()
    expect(page.locator("#refusal")).to_contain_text(f"“{w['br_rate_hz']}”")
    expect(page.locator("#refusal")).to_contain_text("(signal-no-rate)")
    assert page.evaluate("document.getElementById('file').files[0].name") == "night.csv"
    person.look("breathing-refused")
    page.fill("#rate_hz", "20")
    page.get_by_role("button", name=w["br_button"], exact=True).click()
    page.wait_for_url("**/breathing/recordings/*")
    expect(page.locator("#overview .br-pattern")).to_have_count(2)
    expect(page.locator("#view .br-attention").first).to_be_attached()
    expect(page.get_by_text(w["br_attention_note"])).to_be_visible()
    person.look("breathing-recording")
    _looks_closer(person)
    person.open("/results?kind=breathing")
    page.get_by_role("link", name="night.csv", exact=True).click()
    page.locator("summary", has_text=w["br_delete"]).click()
    page.get_by_role("button", name=w["ct_delete_button"], exact=True).click()
    page.wait_for_url("**/breathing")
    assert store.recordings.list_recordings(9) == ()


def _looks_closer(person: Any) -> None:
    """Move by a link, by keys and by drawing, and go back."""
    page, title = person.page, person.page.locator("#view-title")
    person.wait_until("document.documentElement.dataset.breathing === 'ready'")
    page.evaluate("document.body.dataset.kept = 'yes'")
    page.locator("#view [data-move=later]").click()
    expect(title).to_have_text(person.language(person.w["br_view"], start="1:00", end="2:00"))
    page.keyboard.press("ArrowRight")
    expect(title).to_have_text(person.language(person.w["br_view"], start="1:30", end="2:30"))
    page.keyboard.press("+")
    expect(title).to_have_text(person.language(person.w["br_view"], start="1:45", end="2:15"))
    page.go_back()
    expect(title).to_have_text(person.language(person.w["br_view"], start="1:30", end="2:30"))
    if person.width >= 768:
        page.locator("#overview").scroll_into_view_if_needed()
        frame = page.locator("#overview .br-frame").bounding_box()
        middle = frame["y"] + frame["height"] / 2
        page.mouse.move(frame["x"] + 0.2 * frame["width"], middle)
        page.mouse.down()
        page.mouse.move(frame["x"] + 0.6 * frame["width"], middle, steps=4)
        page.mouse.up()
        expect(title).to_have_text(person.language(person.w["br_view"], start="0:30", end="1:30"))
    assert page.evaluate("document.body.dataset.kept") == "yes"


def test_without_javascript_everything_is_there(browser: Any, address: str, tmp_path: Path) -> None:
    path = tmp_path / "night.csv"
    path.write_bytes(_table())
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/breathing/new")
    page.set_input_files("#file", path)
    page.select_option("#sensor", "belt")
    page.fill("#rate_hz", "20")
    page.click("#send")
    page.wait_for_url("**/breathing/recordings/*")
    expect(page.locator("#overview .br-trace")).to_be_visible()
    page.locator("#view [data-move=later]").click()
    expect(page.locator("#view-title")).to_contain_text("2:00")
    context.close()
