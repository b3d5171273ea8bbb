"""The main job through a real browser: upload, read, turn back, override, delete."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "synthetic film.png"
    path.write_bytes(b"the fake analyzer takes any bytes")
    return path


def _upload(page: Page, address: str, *files: Path) -> None:
    page.goto(address)
    page.set_input_files("#files", list(files))
    page.get_by_role("button", name="Analyze", exact=True).click()


def _wide(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


def test_a_film_is_uploaded_and_its_bars_and_viewer_are_seen(
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
    expect(page.locator(".viewer.ready")).to_be_visible()
    page.screenshot(path=tmp_path / "result.png", full_page=True)
    assert complaints == []


def _light(page: Page) -> float:
    """Return the mean light of what the viewer's canvas shows, 0 to 255."""
    return float(
        page.evaluate(
            """async () => {
              const viewer = document.querySelector("[data-viewer]").viewer;
              viewer.nv.drawScene();
              const shot = document.createElement("canvas");
              shot.width = shot.height = 64;
              const pen = shot.getContext("2d");
              pen.drawImage(viewer.canvas, 0, 0, 64, 64);
              const data = pen.getImageData(0, 0, 64, 64).data;
              let sum = 0;
              for (let i = 0; i < data.length; i += 4) sum += data[i] + data[i + 1] + data[i + 2];
              return sum / (3 * 64 * 64);
            }"""
        )
    )


def test_the_viewer_answers_controls_and_keys(
    page: Page,
    address: str,
    film: Path,
    complaints: list[str],
    wait_until: Callable[[str], None],
) -> None:
    _upload(page, address, film)
    expect(page.locator(".viewer.ready")).to_be_visible()
    with_map = _light(page)
    page.get_by_role("switch", name="Map").uncheck()
    wait_until("!document.querySelector('[data-viewer]').viewer.map")
    plain = _light(page)
    assert plain != pytest.approx(with_map, abs=0.2)
    page.locator(".stage").first.focus()
    page.keyboard.press("i")
    expect(page.get_by_role("button", name="Invert")).to_have_attribute("aria-pressed", "true")
    zoom = "document.querySelector('[data-viewer]').viewer.zoom"
    page.keyboard.press("+")
    assert page.evaluate(zoom) == pytest.approx(1.2)
    page.keyboard.press("0")
    assert page.evaluate(zoom) == 1
    expect(page.get_by_role("button", name="Invert")).to_have_attribute("aria-pressed", "false")
    assert _light(page) == pytest.approx(plain, abs=0.5)
    page.keyboard.press("s")
    expect(page.locator(".stage.plain")).to_be_visible()
    page.locator("[data-part='colors']").select_option("viridis")
    page.locator("[data-part='finding']").select_option("No finding")
    assert complaints == []


def test_the_wheel_zooms_where_the_mouse_is(
    page: Page, address: str, film: Path, wait_until: Callable[[str], None]
) -> None:
    _upload(page, address, film)
    expect(page.locator(".viewer.ready")).to_be_visible()
    box = page.locator(".stage").first.bounding_box()
    assert box is not None
    x, y = box["x"] + 0.6 * box["width"], box["y"] + 0.4 * box["height"]
    place = f"document.querySelector('[data-viewer]').viewer.filmPoint([{x}, {y}])"
    before = page.evaluate(place)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -400)
    wait_until("document.querySelector('[data-viewer]').viewer.zoom > 2")
    after = page.evaluate(place)
    assert after == pytest.approx(before, abs=0.02)


def test_a_browser_without_webgl_shows_pictures_instead(
    page: Page, address: str, film: Path
) -> None:
    page.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        "  return kind.startsWith('webgl') ? null : get.call(this, kind, ...more); };"
    )
    _upload(page, address, film)
    expect(page.locator(".viewer .fallback")).to_be_visible()
    expect(page.locator(".fallback img")).to_have_count(4)


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_scrolls_sideways(
    page: Page, address: str, film: Path, tmp_path: Path, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    _upload(page, address, film)
    expect(page.locator(".viewer.ready")).to_be_visible()
    assert _wide(page) <= width
    page.screenshot(path=tmp_path / f"result-{width}.png", full_page=True)
    for path in ("/", "/results"):
        page.goto(address + path)
        assert _wide(page) <= width
    page.screenshot(path=tmp_path / f"results-{width}.png", full_page=True)


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


def test_the_gate_is_overridden_with_a_reason_and_the_page_says_so(
    page: Page, address: str, tmp_path: Path
) -> None:
    knee = tmp_path / "knee.png"
    knee.write_bytes(b"knee")
    _upload(page, address, knee)
    page.get_by_role("button", name="Classify anyway").click()
    expect(page.get_by_label("Your reason")).to_be_focused()  # the browser asks for it
    page.get_by_label("Your reason").fill("It is a chest.")
    page.get_by_role("button", name="Classify anyway").click()
    expect(page.get_by_text("a user overrode it")).to_be_visible()
    expect(page.get_by_text("Reason given: It is a chest.")).to_be_visible()


def test_several_films_each_have_their_answer_and_a_result_can_be_deleted(
    page: Page, address: str, film: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "torn.png"
    broken.write_bytes(b"broken")
    empty = tmp_path / "empty.png"
    empty.touch()
    _upload(page, address, film, broken, empty)
    lines = page.locator("#queue li")
    expect(lines).to_have_count(3)
    expect(lines.nth(0).get_by_role("link", name="Open the result")).to_be_visible()
    expect(lines.nth(1).get_by_text("found a torn file")).to_be_visible()
    expect(lines.nth(2).get_by_text("This file is empty.")).to_be_visible()
    page.screenshot(path=tmp_path / "queue.png", full_page=True)
    page.get_by_role("link", name="Results", exact=True).click()
    page.get_by_role("link", name="torn.png").click()
    page.get_by_text("Delete this result").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("row")).to_have_count(2)


def test_a_file_that_is_too_large_is_told_before_it_is_sent(
    page: Page, address: str, tmp_path: Path
) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(bytes(4_000_000))
    page.goto(address)
    page.set_input_files("#files", [large])
    expect(page.get_by_text("This file has 4 MB, more than the 1 MB")).to_be_visible()


def test_a_film_is_dropped_and_one_is_pasted(page: Page, address: str) -> None:
    page.goto(address)
    give = """(kind) => {
      const data = new DataTransfer();
      data.items.add(new File(["film"], kind + ".png", { type: "image/png" }));
      const how = { bubbles: true, cancelable: true };
      const event = kind === "drop"
        ? new DragEvent("drop", { ...how, dataTransfer: data })
        : new ClipboardEvent("paste", { ...how, clipboardData: data });
      document.body.dispatchEvent(event);
    }"""
    page.evaluate(give, "drop")
    page.evaluate(give, "paste")
    expect(page.locator("#queue .name")).to_have_text(["drop.png", "paste.png"])
    page.get_by_role("button", name="Remove: drop.png").click()
    expect(page.locator("#queue .name")).to_have_text(["paste.png"])


def test_everything_is_said_in_portuguese(
    page: Page, address: str, film: Path, complaints: list[str]
) -> None:
    page.goto(address)
    page.get_by_role("button", name="Português").click()
    page.set_input_files("#files", [film])
    page.get_by_role("button", name="Analisar", exact=True).click()
    expect(page.get_by_role("heading", name="Análise de synthetic film.png")).to_be_visible()
    expect(page.locator(".tone-red .percent")).to_have_text("83,1 %")
    expect(page.get_by_text("Thoracle se abstém")).to_be_visible()
    assert complaints == []
