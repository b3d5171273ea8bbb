"""Pages in Chromium: how many bytes they take, and how soon a large film is seen."""

import io
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Request

CHROMIUM = Path("/usr/bin/chromium")
LIBRARY = "/static/vendor/niivue.js"
VOLUME = ".nii"
COMPLETE = ".viewer.ready"
# The film as a picture, at most 1024 px, stands in the viewer's place until that has drawn it.
FIRST_PIXELS = "document.querySelector('.viewer .first')?.naturalWidth > 0"
FILM_DRAWN = ".viewer.shown"
LIMIT_MS = 120_000
POLL_MS = 5
_DRAWN_PX = 512
_RICH_VALUES = 4096  # 12 bits, as detectors give


def missing() -> str | None:
    """Return why there is no browser to measure in; None where there is one."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "not measured: playwright is not installed (extra dev)"
    return None if CHROMIUM.exists() else f"not measured: no {CHROMIUM}"


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Open Chromium, with WebGL in software, until the block ends."""
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    arguments += [
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
        "--ignore-gpu-blocklist",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


def transferred(browser: "Browser", url: str, *, until: str | None = None) -> dict[str, int]:
    """Return the bytes of every body that a page transfers, by path, with nothing cached.

    Parameters
    ----------
    browser
        From `chromium`.
    url
        Of the page.
    until
        Selector of what the page shows when it is complete; None waits for nothing but the network.

    Returns
    -------
    dict of path to int
        Bytes, as they are sent: compressed.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    finished: list[Request] = []
    page.on("requestfinished", lambda one: finished.append(one))  # noqa: PLW0108  (playwright marks it)
    page.goto(url, wait_until="networkidle", timeout=LIMIT_MS)
    if until is not None:
        page.wait_for_selector(until, timeout=LIMIT_MS)
        page.wait_for_load_state("networkidle")
    found: dict[str, int] = {}
    for one in finished:
        path = urlsplit(one.url).path
        found[path] = found.get(path, 0) + one.sizes()["responseBodySize"]
    context.close()
    return found


def seconds_until_drawn(browser: "Browser", url: str, *, again: bool) -> tuple[float, ...]:
    """Time the viewer of a result from opening its page.

    Parameters
    ----------
    browser
        From `chromium`.
    url
        Of the page.
    again
        Whether the page was open before, so that the browser keeps what may be kept.

    Returns
    -------
    tuple of three float
        Seconds until the film's picture is seen, until the viewer has drawn the film in its own
        depth, and until the rim of the lungs and a map lie over it.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    if again:
        page.goto(url)
        page.wait_for_selector(COMPLETE, timeout=LIMIT_MS)
        page.close()
        page = context.new_page()
    began_s = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_load_state("domcontentloaded")
    seen_s = []
    while not page.evaluate(FIRST_PIXELS):  # wait_for_function needs eval, which the policy forbids
        page.wait_for_timeout(POLL_MS)
    seen_s.append(time.perf_counter() - began_s)
    for state in (FILM_DRAWN, COMPLETE):
        page.wait_for_selector(state, timeout=LIMIT_MS)
        seen_s.append(time.perf_counter() - began_s)
    context.close()
    return tuple(seen_s)


def large_dicom(side_px: int) -> bytes:
    """Return a synthetic film as a square DICOM of 16 bits: drawn small, enlarged, with noise."""
    import pydicom
    from PIL import Image

    from thoracle.jobs.examples import ExamplesRequest, Format, make_examples

    with tempfile.TemporaryDirectory() as folder:
        request = ExamplesRequest(count=1, seed=1, size=_DRAWN_PX, format=Format.DICOM)
        make_examples(request, Path(folder))
        film = pydicom.dcmread(next(Path(folder).glob("*.dcm")))
    drawn = film.pixel_array.astype(np.float32)
    large = Image.fromarray(drawn / drawn.max()).resize(
        (side_px, side_px), Image.Resampling.BICUBIC
    )
    noise = np.random.default_rng(1).normal(0.0, 2.0, (side_px, side_px))
    values = np.clip(np.asarray(large) * (_RICH_VALUES - 1) + noise, 0, _RICH_VALUES - 1)
    film.Rows = film.Columns = side_px
    film.BitsAllocated, film.BitsStored, film.HighBit = 16, 12, 11
    for name in ("WindowCenter", "WindowWidth", "SmallestImagePixelValue"):
        if name in film:
            delattr(film, name)
    film.PixelData = values.astype("<u2").tobytes()
    film["PixelData"].VR = "OW"
    stream = io.BytesIO()
    film.save_as(stream)
    return stream.getvalue()
