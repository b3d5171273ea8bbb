"""The note of a running app: found while it runs, gone with it, past whatever is left behind."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from thoracle.cli.running import NAME, ask, noted, running_address
from thoracle.core.errors import SettingError
from thoracle.core.version import version

HOLD = """
import sys
from pathlib import Path
from thoracle.cli.running import noted
with noted(Path(sys.argv[1]), sys.argv[2]):
    print("noted", flush=True)
    sys.stdin.read()
"""


@contextmanager
def _answering(content: bytes) -> Iterator[str]:
    """Answer everything with the same bytes; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def _health(of_version: str) -> bytes:
    return json.dumps({"status": "ok", "version": of_version}).encode()


def test_an_app_is_found_as_long_as_it_runs(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert running_address(home) is None
    with _answering(_health(version())) as url:
        with noted(home, url):
            assert running_address(home) == url
        assert running_address(home) is None


def test_a_killed_app_leaves_nothing_that_is_taken_for_it(tmp_path: Path) -> None:
    with _answering(_health(version())) as url:
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(tmp_path), url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"noted\n"
            assert running_address(tmp_path) == url
            holder.kill()
        assert (tmp_path / NAME).read_text() == url
        assert running_address(tmp_path) is None


def test_the_first_of_two_apps_is_the_one_that_is_found(tmp_path: Path) -> None:
    with (
        _answering(_health(version())) as first,
        noted(tmp_path, first),
        noted(tmp_path, "http://127.0.0.1:1/"),
    ):
        assert running_address(tmp_path) == first


def test_an_app_of_another_version_is_not_opened_but_named(tmp_path: Path) -> None:
    with (
        _answering(_health("0.0.9")) as url,
        noted(tmp_path, url),
        pytest.raises(SettingError, match=r"Thoracle 0\.0\.9 running at .* Stop it") as caught,
    ):
        running_address(tmp_path)
    assert caught.value.code == "other-version"


@pytest.mark.parametrize("content", [b"<html>", b"[]", b"{}"])
def test_what_answers_otherwise_is_no_app(tmp_path: Path, content: bytes) -> None:
    with _answering(content) as url, noted(tmp_path, url):
        assert running_address(tmp_path) is None


def test_an_app_that_does_not_answer_is_not_found(tmp_path: Path) -> None:
    with noted(tmp_path, "http://127.0.0.1:9/"):
        assert running_address(tmp_path) is None


def test_a_home_that_cannot_be_written_is_left_to_the_store_to_tell(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with noted(tmp_path / "home", "http://127.0.0.1:9/"):
        assert running_address(tmp_path / "home") is None


def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    with _answering(b"here") as url:
        assert ask(url, "/") == b"here"
