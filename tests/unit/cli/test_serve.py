"""`thoracle serve`: takes its port first, says when it is ready, and ends with Ctrl+C."""

import gc
import json
import os
import signal
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from thoracle.cli.running import ask, running_address
from thoracle.cli.serve import _visit, listen, page_address, run_app, serve
from thoracle.core.errors import BundleError, SettingError
from thoracle.core.settings import settings
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.example_films import ExampleFilms
from thoracle.store.results import open_store
from thoracle.web.assets import assets

GIVE_UP_S = 60
opened: list[str | None] = []


class _NoAnalyzer:
    """Stands in for the models, which take seconds to load."""

    def __init__(self, bundle: str | None) -> None:
        opened.append(bundle)
        self.models = SimpleNamespace(classifier=SimpleNamespace(bundle=open_bundle("radiograph")))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        opened.append("closed")

    def warm_up(self) -> None:
        """Have nothing to load."""


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    analyze = pytest.importorskip("thoracle.jobs.analyze")
    monkeypatch.setattr(analyze, "Analyzer", _NoAnalyzer)
    monkeypatch.setattr(ExampleFilms, "prepare", lambda _: None)
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path))
    monkeypatch.setenv("THORACLE_WORKER", "false")  # tests/unit/cli/test_worker.py starts one
    settings.cache_clear()


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("127.0.0.1", signal.SIGINT),
        ("127.0.0.1", signal.SIGTERM),  # models closed, too: workers must not outlive the app
        ("0.0.0.0", signal.SIGINT),  # noqa: S104
    ],
)
def test_it_answers_once_it_says_so_and_ends_when_told(
    quick: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    host: str,
    told: signal.Signals,
) -> None:
    answers: list[Any] = []
    if host == "0.0.0.0":  # noqa: S104
        with open_store(tmp_path, database_url=None) as store:
            store.users.add("ana", "hash", now=datetime(2026, 3, 1, tzinfo=UTC))

    def visit(url: str) -> None:
        try:
            answers.append(json.loads(ask(url, "/healthz"))["status"])
            answers.append(running_address(tmp_path) == url)
        finally:
            os.kill(os.getpid(), told)

    opened.clear()
    with listen(host, 0) as listener:
        run_app(listener, host, bundle="radiograph", show=visit)
    assert opened == ["radiograph", "closed"]
    assert answers == ["ok", True]
    assert "Thoracle is ready: http://" in capsys.readouterr().err
    assert running_address(tmp_path) is None
    assert gc.isenabled()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_it_ends_when_told_with_streams_and_viewers_on(quick: None) -> None:
    closed: list[int | None] = []

    def visit(url: str) -> None:
        base = url.replace("http", "ws", 1).rstrip("/") + "/api/v1/breathing/"
        try:
            with (
                connect(f"{base}live") as viewer,
                connect(f"{base}streams/bed?rate_hz=10&sensor=belt") as sender,
            ):
                viewer.recv(timeout=GIVE_UP_S)
                sender.send("[1, 2]")
                os.kill(os.getpid(), signal.SIGTERM)
                for one in (viewer, sender):
                    with pytest.raises(ConnectionClosed):  # noqa: PT012
                        while one.recv(timeout=GIVE_UP_S):
                            pass
                    closed.append(one.close_code)
        except BaseException:
            os.kill(os.getpid(), signal.SIGTERM)
            raise

    with listen("127.0.0.1", 0) as listener:
        run_app(listener, "127.0.0.1", bundle="radiograph", show=visit)
    assert closed == [1012, 1012]  # restarting, RFC 6455's registry


def test_films_to_try_are_drawn_only_when_the_app_is_ready(
    quick: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []

    def draw(_: ExampleFilms) -> None:
        said.append(capsys.readouterr().err)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(ExampleFilms, "prepare", draw)
    end = threading.Timer(GIVE_UP_S, os.kill, (os.getpid(), signal.SIGINT))
    end.start()
    serve(host="127.0.0.1", port=0)
    end.cancel()
    assert len(said) == 1
    assert "Thoracle is ready" in said[0]


def test_settings_stand_in_for_what_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def run(listener: socket.socket, address: str, *, bundle: str) -> None:
        asked.extend((listener.getsockname()[0], address, bundle))

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    monkeypatch.setenv("THORACLE_PORT", str(port))
    monkeypatch.setenv("THORACLE_HOST", "127.0.0.2")
    monkeypatch.setenv("THORACLE_BUNDLE", "own")
    monkeypatch.setattr("thoracle.cli.serve.run_app", run)
    settings.cache_clear()
    serve()
    serve(host="127.0.0.1", port=0, bundle="other")
    assert asked == ["127.0.0.2", "127.0.0.2", "own", "127.0.0.1", "127.0.0.1", "other"]


def test_models_that_cannot_be_loaded_are_said_and_the_garbage_collector_is_on_again(
    quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> None:
        raise BundleError("no such bundle", code="bundle-missing")

    monkeypatch.setattr("thoracle.jobs.analyze.Analyzer", refuse)
    with pytest.raises(BundleError, match="no such bundle"):
        serve(host="127.0.0.1", port=0)
    assert gc.isenabled()


def test_the_first_page_is_asked_for_and_its_files_are_compressed_before_anybody_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def nobody(url: str, path: str) -> bytes:
        asked.append(url + path)
        raise ConnectionRefusedError

    monkeypatch.setattr("thoracle.cli.running.ask", nobody)
    assets.cache_clear()
    _visit("http://127.0.0.1:9")
    assert asked == ["http://127.0.0.1:9/"]
    packed = [one for one in assets().values() if "packed" in vars(one)]
    assert len(packed) == len(assets())


def test_a_public_address_needs_a_user(quick: None) -> None:
    with pytest.raises(SettingError, match=r"no user, but the public address 0\.0\.0\.0") as caught:
        serve(host="0.0.0.0", port=0)  # noqa: S104
    assert caught.value.code == "no-user"


def test_a_taken_port_is_one_clear_sentence_before_any_model_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("THORACLE_PORT", str(taken.getsockname()[1]))
        settings.cache_clear()
        with pytest.raises(
            SettingError,
            match=r"port \d+ .*Choose another with --port.*`THORACLE_PORT=8080 make run`",
        ) as caught:
            serve(host=None, port=None)
    assert caught.value.code == "address-taken"


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(SettingError, match="found no way to listen"):
        serve(host="192.0.2.1", port=0)
    with pytest.raises(SettingError, match="found no way to listen"):
        serve(host="2001:db8::1", port=0)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/"),
        ("0.0.0.0", "http://localhost:8000/"),  # noqa: S104
        ("::", "http://localhost:8000/"),
        ("::1", "http://[::1]:8000/"),
        ("thoracle.example", "http://thoracle.example:8000/"),
    ],
)
def test_the_address_is_one_that_a_browser_takes(host: str, expected: str) -> None:
    assert page_address(host, 8000) == expected
