"""A real server around the fake analyzer of the web's unit tests, and a real browser."""

import importlib.util
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from thoracle.store.results import open_store
from thoracle.web.app import create_app
from thoracle.web.options import WebOptions

CHROMIUM = Path("/usr/bin/chromium")
READY_S = 60.0
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
    # WebGL without a graphics card.
    arguments += [
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
        "--ignore-gpu-blocklist",
    ]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Serve the app with the fake analyzer on a free port."""
    options = WebOptions(upload_limit_mb=1.0, loopback_only=True)
    with open_store(tmp_path, database_url=None) as store:
        app = create_app(_web_fakes().FakeAnalyzer(), store, options=options)
        config = uvicorn.Config(app, port=0, log_level="warning", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        until = time.monotonic() + READY_S
        while not server.started and time.monotonic() < until:
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(READY_S * 1000)
    yield opened
    context.close()
