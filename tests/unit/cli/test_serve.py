"""`thoracle serve`: takes its port first, says when it is ready, and ends with Ctrl+C."""

import json
import os
import signal
import socket
import threading
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest

from thoracle.cli.serve import page_address, serve
from thoracle.core.errors import SettingError
from thoracle.core.settings import settings
from thoracle.inference.bundle import open_bundle
from thoracle.store.results import open_store

opened: list[str | None] = []


class _NoAnalyzer:
    """Stands in for the models, which take seconds to load."""

    def __init__(self, bundle: str | None) -> None:
        opened.append(bundle)
        self.models = SimpleNamespace(classifier=SimpleNamespace(bundle=open_bundle("radiograph")))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def warm_up(self) -> None:
        """Have nothing to load."""


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    analyze = pytest.importorskip("thoracle.jobs.analyze")
    monkeypatch.setattr(analyze, "Analyzer", _NoAnalyzer)
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path))
    settings.cache_clear()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104
def test_it_answers_once_it_says_so_and_ends_with_ctrl_c(
    quick: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    host: str,
) -> None:
    answers: list[Any] = []
    if host == "0.0.0.0":  # noqa: S104
        with open_store(tmp_path, database_url=None) as store:
            store.users.add("ana", "hash", now=datetime(2026, 3, 1, tzinfo=UTC))

    def visit(url: str) -> None:
        try:
            with urllib.request.urlopen(f"{url}healthz", timeout=30) as answer:  # noqa: S310
                answers.append(json.load(answer)["status"])
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    def open_in_browser(url: str) -> bool:
        threading.Thread(target=visit, args=(url,)).start()
        return True

    monkeypatch.setattr("webbrowser.open", open_in_browser)
    opened.clear()
    serve(host=host, port=0, bundle="radiograph", open_browser=True)
    said = capsys.readouterr().err
    assert opened == ["radiograph"]
    assert answers == ["ok"]
    assert "Thoracle is ready: http://" in said


def test_a_public_address_needs_a_user(quick: None) -> None:
    with pytest.raises(SettingError, match=r"no user, but the public address 0\.0\.0\.0") as caught:
        serve(host="0.0.0.0", port=0, open_browser=False)  # noqa: S104
    assert caught.value.code == "no-user"


def test_a_taken_port_is_one_clear_sentence_before_any_model_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("THORACLE_PORT", str(taken.getsockname()[1]))
        settings.cache_clear()
        with pytest.raises(SettingError, match=r"port \d+ .*Choose another with --port") as caught:
            serve(host=None, port=None, open_browser=False)
    assert caught.value.code == "address-taken"


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(SettingError, match="found no way to listen"):
        serve(host="192.0.2.1", port=0, open_browser=False)
    with pytest.raises(SettingError, match="found no way to listen"):
        serve(host="2001:db8::1", port=0, open_browser=False)


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
