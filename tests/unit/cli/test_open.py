"""`thoracle open`: one app, shown in the browser, on this machine alone."""

import socket
import webbrowser
from pathlib import Path
from typing import Any

import pytest

from thoracle.cli.open import open_app, show
from thoracle.core.errors import SettingError
from thoracle.core.settings import settings

shown: list[str] = []
ran: list[tuple[str, str, int]] = []


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have a browser that notes what it is shown, and an app that notes where it runs."""
    shown.clear()
    ran.clear()

    def run(listener: socket.socket, address: str, *, bundle: str, show: Any) -> None:
        host, port = listener.getsockname()[:2]
        ran.append((address, host, port))
        show(f"http://{address}:{port}/")

    def browse(url: str) -> bool:
        shown.append(url)
        return True

    monkeypatch.setattr("thoracle.cli.open.run_app", run)
    monkeypatch.setattr(webbrowser, "get", lambda: None)
    monkeypatch.setattr(webbrowser, "open", browse)
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path))
    monkeypatch.setenv("THORACLE_PORT", str(_free_port()))
    settings.cache_clear()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "0.0.0.0", "192.0.2.1"])  # noqa: S104
def test_it_starts_the_app_on_the_settings_port_of_this_machine_and_shows_it(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("THORACLE_HOST", host)
    settings.cache_clear()
    open_app()
    own = host if host.startswith("127.") else "127.0.0.1"
    assert ran == [(own, own, settings().port)]
    assert shown == [f"http://{own}:{settings().port}/"]


def test_it_takes_another_port_where_something_else_has_the_settings() -> None:
    with socket.create_server(("127.0.0.1", settings().port)):
        open_app()
    ((_, _, port),) = ran
    assert port not in {0, settings().port}
    assert shown == [f"http://127.0.0.1:{port}/"]


def test_a_running_app_is_shown_and_no_second_one_is_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Path] = []

    def running(home: Path) -> str:
        asked.append(home)
        return "http://127.0.0.1:8123/"

    monkeypatch.setattr("thoracle.cli.open.running_address", running)
    open_app()
    assert asked == [tmp_path]
    assert shown == ["http://127.0.0.1:8123/"]
    assert ran == []
    assert "runs already: http://127.0.0.1:8123/" in capsys.readouterr().err


@pytest.mark.parametrize("running", ["http://127.0.0.1:8123/", None])
def test_without_a_browser_it_names_the_address_and_starts_nothing(
    monkeypatch: pytest.MonkeyPatch, running: str | None
) -> None:
    def none() -> None:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none)
    monkeypatch.setattr("thoracle.cli.open.running_address", lambda _: running)
    with pytest.raises(SettingError, match="found no browser") as caught:
        open_app()
    assert caught.value.code == "no-browser"
    assert (running or f"http://127.0.0.1:{settings().port}/") in caught.value.text
    assert ("thoracle serve" in caught.value.text) == (running is None)
    assert (shown, ran) == ([], [])


@pytest.mark.parametrize("opens", [True, False])
def test_a_browser_that_does_not_open_is_told_with_the_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], opens: bool
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _: opens)
    show("http://127.0.0.1:8123/")
    assert ("http://127.0.0.1:8123/" in capsys.readouterr().err) == (not opens)
