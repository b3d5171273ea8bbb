"""Take the pictures of the documentation anew: the real app and bundles, synthetic films alone.

Run it with `make screenshots` after pages have changed, and look at what it made.
"""

import io
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from thoracle.core.files import write_atomically
from thoracle.jobs.examples import ExamplesRequest, make_examples
from thoracle.web.texts import WEB

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
CHART = "synthetic-worsening.csv"
COLORS = 256  # a palette keeps a picture under a hundred kilobytes or two
READY_S = 60
DESK, PHONE = (1280, 860), (390, 844)


def main() -> int:
    """Draw films, start the app, visit its pages, keep the pictures."""
    with tempfile.TemporaryDirectory() as folder, _app(Path(folder)) as address:
        films = Path(folder) / "films"
        make_examples(ExamplesRequest(count=4, seed=3, size=640, with_opacity=True), films)
        paths = [one for one in sorted(films.glob("*.png")) if "opacity" not in one.name]
        turned = films / "turned.png"
        with Image.open(paths[0]) as film:
            film.transpose(Image.Transpose.ROTATE_270).save(turned)
        with sync_playwright() as playwright:
            root = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *root])
            visit(browser, address, paths, turned)
            browser.close()
    return 0


def visit(browser: Browser, address: str, films: list[Path], turned: Path) -> None:
    """Go through the app as a clinician would and keep a picture of each page."""
    with _page(browser, DESK, "en") as page:
        page.goto(address)
        page.set_input_files("#files", films)
        keep(page, "upload")
        page.get_by_role("button", name="Analyze", exact=True).click()
        page.get_by_role("link", name=WEB["upload_all"]).click()
        page.wait_for_selector("table.lines")
        page.wait_for_load_state("networkidle")
        keep(page, "worklist")
        page.locator("table.lines a").first.click()
        page.wait_for_selector(".viewer.ready")
        keep(page, "result")
        page.get_by_role("link", name="See it among the training films").click()
        page.wait_for_selector(".space.ready")
        page.wait_for_timeout(2000)
        keep(page, "training-films")
    with _page(browser, DESK, "en") as page:
        page.goto(f"{address}/charts")
        page.get_by_role("button", name=CHART).click()
        page.wait_for_load_state("networkidle")
        keep(page, "chart")
    visit_phone(browser, address, films[1], turned)


def visit_phone(browser: Browser, address: str, film: Path, turned: Path) -> None:
    """Look at a result and at a refusal on a phone, in Portuguese."""
    with _page(browser, PHONE, "pt-BR") as page:
        page.goto(address)
        page.set_input_files("#files", [film])
        page.get_by_role("button", name="Analisar", exact=True).click()
        page.wait_for_selector(".viewer.ready")
        keep(page, "result-phone-pt")
        page.goto(address)
        page.set_input_files("#files", [turned])
        page.get_by_role("button", name="Analisar", exact=True).click()
        page.wait_for_url(re.compile("/results/"))
        page.wait_for_selector(".viewer.ready")
        keep(page, "refusal-phone-pt")


def keep(page: Page, name: str) -> None:
    """Write what the window shows as a PNG of few colors."""
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        stream = io.BytesIO()
        shot.convert("RGB").quantize(COLORS).save(stream, "PNG", optimize=True)
    PICTURES.mkdir(exist_ok=True)
    write_atomically(PICTURES / f"synthetic-{name}.png", stream.getvalue())
    sys.stdout.write(f"docs/pictures/synthetic-{name}.png: {len(stream.getvalue()) // 1000} kB\n")


@contextmanager
def _page(browser: Browser, size: tuple[int, int], locale: str) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale=locale, device_scale_factor=1
    )
    page = context.new_page()
    page.set_default_timeout(1000 * READY_S)
    yield page
    context.close()


@contextmanager
def _app(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Path(sys.executable).with_name("thoracle")
    command = [str(program), "serve", "--port", str(port)]
    own = {**os.environ, "THORACLE_HOME": str(folder / "home")}
    with subprocess.Popen(command, env=own) as server:
        try:
            _wait(f"http://127.0.0.1:{port}/readyz")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait(url: str) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url):  # noqa: S310  (loopback)
                return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"The app did not answer at {url} within {READY_S} s.")


if __name__ == "__main__":
    sys.exit(main())
