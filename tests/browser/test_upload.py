"""The main job through a real browser: upload, read, turn back, override, delete."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "synthetic film.png"
    path.write_bytes(b"the fake analyzer takes any bytes")
    return path


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """Collect what the browser complains about: blocked content, missing files, script errors."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            found.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("requestfailed", lambda request: found.append(f"{request.url} failed"))
    return found


def _upload(page: Page, address: str, *files: Path) -> None:
    page.goto(address)
    page.set_input_files("#files", list(files))
    page.get_by_role("button", name="Analyze").click()


def test_a_film_is_uploaded_and_its_bars_and_maps_are_seen(
    page: Page, address: str, film: Path, tmp_path: Path, complaints: list[str]
) -> None:
    page.goto(address)
    page.screenshot(path=tmp_path / "upload.png", full_page=True)
    _upload(page, address, film)
    expect(page).to_have_url(re.compile(r"/results/[0-9a-f-]{36}$"))
    expect(page.get_by_role("heading", name="Analysis of synthetic film.png")).to_be_visible()
    expect(page.locator(".finding")).to_have_count(3)
    expect(page.locator(".tone-red .percent")).to_have_text("83.1 %")
    bar = page.locator(".tone-red .bar").bounding_box()
    assert bar is not None
    assert bar["width"] > 200
    page.screenshot(path=tmp_path / "result-film.png", full_page=True)
    page.get_by_text("COVID-19", exact=True).first.click()
    overlay = page.locator(".pane-4 img")
    expect(overlay).to_be_visible()
    expect(page.locator(".pane-1")).to_be_hidden()
    assert overlay.evaluate("image => image.complete && image.naturalWidth") == 80
    page.screenshot(path=tmp_path / "result-map.png", full_page=True)
    assert complaints == []


def test_the_pictures_can_be_changed_with_the_keyboard_alone(
    page: Page, address: str, film: Path
) -> None:
    _upload(page, address, film)
    page.locator("#picture-1").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".pane-2")).to_be_visible()
    expect(page.locator(".pane-1")).to_be_hidden()


def test_a_phone_shows_everything_without_scrolling_sideways(
    page: Page, address: str, film: Path, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    _upload(page, address, film)
    expect(page.locator(".finding")).to_have_count(3)
    width = "document.documentElement.scrollWidth"
    assert page.evaluate(width) <= 360
    page.screenshot(path=tmp_path / "phone-result.png", full_page=True)
    for path in ("/", "/results"):
        page.goto(address + path)
        assert page.evaluate(width) <= 360
    page.screenshot(path=tmp_path / "phone-results.png", full_page=True)


def test_a_rotated_film_is_turned_back_with_one_click(
    page: Page, address: str, tmp_path: Path, complaints: list[str]
) -> None:
    rotated = tmp_path / "turned.png"
    rotated.write_bytes(b"rotated")
    _upload(page, address, rotated)
    expect(page.get_by_text("This picture was not classified.")).to_be_visible()
    page.screenshot(path=tmp_path / "refused.png", full_page=True)
    page.get_by_role("button", name="Turn back by 90° and try again").click()
    expect(page.locator(".finding")).to_have_count(3)
    expect(page.get_by_text("turned back by 90°")).to_be_visible()
    assert complaints == []


def test_the_gate_is_overridden_with_one_click_and_the_page_says_so(
    page: Page, address: str, tmp_path: Path
) -> None:
    knee = tmp_path / "knee.png"
    knee.write_bytes(b"knee")
    _upload(page, address, knee)
    page.get_by_role("button", name="Classify anyway").click()
    expect(page.get_by_text("a user overrode it")).to_be_visible()
    page.screenshot(path=tmp_path / "overridden.png", full_page=True)


def test_several_files_end_in_the_list_and_a_result_can_be_deleted(
    page: Page, address: str, film: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "torn.png"
    broken.write_bytes(b"broken")
    _upload(page, address, film, broken)
    expect(page.get_by_role("row")).to_have_count(3)
    page.screenshot(path=tmp_path / "results.png", full_page=True)
    page.get_by_role("link", name="torn.png").click()
    expect(page.get_by_text("found a torn file")).to_be_visible()
    page.get_by_text("Delete this result").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("row")).to_have_count(2)


def test_an_upload_that_is_too_large_is_answered_not_cut_off(
    page: Page, address: str, tmp_path: Path
) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(bytes(4_000_000))
    _upload(page, address, large)
    expect(page.get_by_text("The upload is larger than 1 MB")).to_be_visible()
