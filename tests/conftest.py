"""What every test gets: a home folder of its own, fresh settings, and the real data where it is."""

import io
import os
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import hypothesis
import pytest

from thoracle.core.settings import settings

# A neural network or a browser may share the machine: time says nothing about a property.
hypothesis.settings.register_profile("thoracle", deadline=None, print_blob=True)
hypothesis.settings.load_profile("thoracle")


@pytest.fixture(autouse=True, scope="session")
def _home_of_the_test_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep every test, and every process that it starts, out of the user's own results."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THORACLE_HOME", str(tmp_path_factory.mktemp("home")))
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture(autouse=True)
def _fresh_settings() -> Iterator[None]:
    """Let a test change the environment: no other test sees what it read."""
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of the public collections, or skip."""
    folder = os.environ.get("THORACLE_DATA", "")
    if not folder:
        pytest.skip("THORACLE_DATA is unset: this test reads the public collections")
    return Path(folder)


@pytest.fixture(scope="session")
def pack() -> Callable[..., bytes]:
    """Return a function that packs files, by name, into a ZIP archive."""

    def packed(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return stream.getvalue()

    return packed


@dataclass
class WebPlace:
    """A web server on loopback: its address, and the paths it was asked for."""

    address: str = ""
    asked: list[str] = field(default_factory=list)
    answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)

    def put(
        self,
        path: str,
        content: bytes = b"",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer a path; the length is told rightly unless `headers` say otherwise."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            told = {"Content-Length": str(len(content))} if headers is None else headers
            for name, value in told.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(content)

        self.answers[path] = answer


@pytest.fixture
def web_place(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebPlace]:
    """Run a web server on loopback while a test lasts; no proxy of the machine stands between."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    place = WebPlace()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place.asked.append(self.path)
            if self.path in place.answers:
                place.answers[self.path](self)
            else:
                self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        place.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield place
        server.shutdown()
