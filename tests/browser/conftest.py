"""A real server around the fake analyzer of the web's unit tests, and a real browser."""

import importlib.util
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from thoracle.core.languages import Language, language
from thoracle.imaging.encode import png_bytes
from thoracle.jobs.about import about_bundles
from thoracle.jobs.example_films import ExampleFilms
from thoracle.jobs.pseudonyms import Pseudonyms
from thoracle.store.results import ResultStore, open_store
from thoracle.web.app import create_app
from thoracle.web.options import WebOptions
from thoracle.web.services import Extras
from thoracle.web.texts import WEB

CHROMIUM = Path("/usr/bin/chromium")
READY_S = 60.0
# Advice to Plotly; a driver in software that is slow; and that a broken film was answered as such.
EXPECTED = ("willReadFrequently", "GL Driver Message", "responded with a status of 422")
expect.set_options(timeout=READY_S * 1000)  # the machine may be busy with something else


def _web_fakes() -> Any:
    path = Path(__file__).parents[1] / "unit" / "web" / "conftest.py"
    spec = importlib.util.spec_from_file_location("thoracle_web_fakes", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")  # its event loop must end before other tests start theirs
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing: apt-get install chromium")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    # WebGL without a graphics card, and no network but this machine's own.
    arguments += [
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
        "--ignore-gpu-blocklist",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    with open_store(tmp_path / "home", database_url=None) as opened:
        yield opened


@pytest.fixture
def address(tmp_path: Path, store: ResultStore) -> Iterator[str]:
    """Serve the app with the fake analyzer, and all that pages can tell, on a free port."""
    options = WebOptions(upload_limit_mb=1.0, loopback_only=True)
    fakes = _web_fakes()
    app = create_app(fakes.FakeAnalyzer(), store, options=options, extras=_extras(fakes, tmp_path))
    with _served(app) as url:
        yield url


@contextmanager
def _served(app: Any) -> Iterator[str]:
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="warning", ws="websockets-sansio")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    until = time.monotonic() + READY_S
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def _extras(fakes: Any, folder: Path) -> Extras:
    points = np.random.default_rng(0).normal(25, 10, (40, 4)).astype(np.float32)
    examples = folder / "films to try"
    examples.mkdir()
    grey = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint8)
    (examples / "ramp.png").write_bytes(png_bytes(grey))
    return Extras(
        pseudonyms=Pseudonyms(folder, keeps_identifiers=False),
        measured=fakes.measured_covid(),
        bundles=about_bundles("radiograph"),
        examples=ExampleFilms(folder, examples),
        surroundings=fakes.surrounded_by(points),
    )


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(READY_S * 1000)
    yield opened
    context.close()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """Collect what the browser complains about: blocked content, missing files, script errors."""
    return _complaints_of(page)


def _complaints_of(page: Page) -> list[str]:
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        is_said = any(one in message.text for one in EXPECTED)
        if message.type in {"error", "warning"} and not is_said:
            found.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "requestfailed",  # a page that is left while it loads is nobody's fault
        lambda one: None if one.failure == "net::ERR_ABORTED" else found.append(one.url),
    )
    page.on(
        "request",
        lambda one: (
            None
            if one.url.startswith(("http://127.0.0.1:", "blob:", "data:"))
            else found.append(f"asked for {one.url}")
        ),
    )
    return found


@pytest.fixture
def wait_until(page: Page) -> Callable[[str], None]:
    """Return what waits until a condition in JavaScript holds on the page."""
    return partial(_wait_until, page)


def _wait_until(page: Page, condition: str) -> None:
    """Ask until it is so: Playwright's own way needs eval, which the pages' policy forbids."""
    until = time.monotonic() + READY_S
    while not page.evaluate(condition):
        assert time.monotonic() < until, f"never came true: {condition}"
        page.wait_for_timeout(50)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody at a browser: a page, a language, a width, and the texts that they look for."""

    page: Page
    address: str
    code: str
    width: int
    folder: Path
    complaints: list[str] = field(default_factory=list)

    @property
    def language(self) -> Language:
        return language(self.code)

    @property
    def w(self) -> Mapping[str, str]:
        return self.language.table(WEB)

    def file(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def open(self, path: str = "/") -> None:
        self.page.goto(self.address + path)

    def upload(self, *files: Path) -> None:
        self.open()
        self.page.set_input_files("#files", list(files))
        self.page.get_by_role("button", name=self.w["upload_button"], exact=True).click()

    def wait_for_viewer(self) -> None:
        expect(self.page.locator(".viewer.ready").first).to_be_visible()

    def wait_until(self, condition: str) -> None:
        """Wait until a condition in JavaScript holds."""
        _wait_until(self.page, condition)

    def menu(self, key: str) -> None:
        """Go to a page by the navigation, which a phone hides behind a button."""
        if self.width < 768:
            self.page.get_by_role("button", name=self.w["nav_menu"]).click()
        self.page.get_by_role("link", name=self.w[key], exact=True).click()

    def look(self, name: str) -> None:
        """Check what every page must hold to, and keep a picture of it beside the test's files.

        It does not scroll sideways, the browser has nothing to complain of, and axe-core finds
        nothing that is serious or critical.
        """
        self.page.screenshot(
            path=self.folder / f"{name}-{self.code}-{self.width}.png", full_page=True
        )
        # Chromium scrolls back to a field that has the focus, later, when it loses it: now is best.
        self.page.evaluate("document.activeElement?.blur()")
        assert int(self.page.evaluate("document.documentElement.scrollWidth")) <= self.width
        found = Axe().run(self.page).response["violations"]
        grave = [
            (one["id"], [node["html"] for node in one["nodes"]][:3])
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]
        assert grave == []
        assert self.complaints == []


@pytest.fixture(params=[("en", 1440), ("pt", 390)], ids=["en-1440", "pt-390"])
def person(
    browser: Browser, address: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Person]:
    code, width = request.param
    context = _context(browser, code, width)
    opened = context.new_page()
    opened.set_default_timeout(READY_S * 1000)
    yield Person(
        page=opened,
        address=address,
        code=code,
        width=width,
        folder=tmp_path,
        complaints=_complaints_of(opened),
    )
    context.close()


def _context(browser: Browser, code: str, width: int) -> BrowserContext:
    return browser.new_context(
        viewport={"width": width, "height": 900},
        locale={"en": "en-GB", "pt": "pt-BR"}[code],
        has_touch=width < 768,
        reduced_motion="reduce",  # a click in the middle of smooth scrolling meets nothing
        accept_downloads=True,
    )
