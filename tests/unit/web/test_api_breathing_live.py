"""Streams over WebSockets: a status each second comes back; strangers and floods are closed."""

import json
import math
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketDenialResponse, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from thoracle.core.errors import SignalError
from thoracle.jobs.breathing_live import LiveBreathing
from thoracle.store.results import ResultStore
from thoracle.web import api_breathing_live
from thoracle.web.api_breathing_live import MESSAGE_MAX, samples_of
from thoracle.web.app import create_app
from thoracle.web.options import WebOptions
from thoracle.web.services import Extras

HOST = "ws://127.0.0.1:8000"
BED = f"{HOST}/api/v1/breathing/streams/bed 1?rate_hz=10&sensor=belt"
LIVE = f"{HOST}/api/v1/breathing/live"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """Goes on by itself only when told to."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(clock: Clock, analyzer: Any, store: ResultStore) -> Any:
    live = LiveBreathing(streams_max=3, classifier=lambda: None, clock=clock)
    options = WebOptions(upload_limit_mb=1.0, loopback_only=True, now=lambda: START)
    extras = Extras(live=live, beat_s=0.01)
    return create_app(analyzer, store, options=options, extras=extras)


@pytest.fixture
def monitor(app: Any) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://127.0.0.1:8000") as opened:
        yield opened


def _samples(second: int, *, pause_from_s: int = 10_000) -> str:
    times_s = [second + place / 10 for place in range(10)]
    return json.dumps(
        [
            -1 + 1e-3 * math.sin(97 * one)
            if one >= pause_from_s
            else round(-math.cos(2 * math.pi * one / 4), 4)
            for one in times_s
        ]
    )


def _second(clock: Clock, socket: WebSocketTestSession, text: str) -> dict[str, Any]:
    """Send a second of samples and return what is told of it."""
    clock.now_s += 1
    socket.send_text(text)
    told: dict[str, Any] = socket.receive_json()
    return told


def _alarms(status: dict[str, Any]) -> list[str]:
    return [one["code"] for one in status["alarms"]]


def test_a_sender_is_told_its_limits_first_and_its_status_every_second(
    monitor: TestClient, clock: Clock
) -> None:
    with monitor.websocket_connect(BED) as socket:
        hello = socket.receive_json()
        assert hello["stream"] == "bed 1"
        assert hello["limits"]["apnea_s"] == 20
        assert "No alarm here replaces a bedside monitor's." in hello["disclaimer"]
        told = [_second(clock, socket, _samples(second, pause_from_s=40)) for second in range(66)]
    assert [one["time_s"] for one in told] == list(range(1, 67))
    assert told[39]["rate_per_minute"] == pytest.approx(15, abs=0.7)
    first = next(one["time_s"] for one in told if "apnea" in _alarms(one))
    assert 60 <= first <= 64


def test_a_silent_sender_becomes_a_signal_alarm(
    monitor: TestClient, app: Any, clock: Clock
) -> None:
    with monitor.websocket_connect(BED) as socket:
        socket.receive_json()
        for second in range(20):
            status = _second(clock, socket, _samples(second))
        assert _alarms(status) == []

        def is_told() -> bool:
            clock.now_s += 1
            (view,) = app.state.services.live.whole()
            return [one.code for one in view.status.alarms] == ["signal"]

        assert _soon(is_told)


def _wait_for(monitor: TestClient, socket: Any, holds: Callable[[Any], bool]) -> Any:
    for _ in range(2000):
        if holds(update := socket.receive_json()):
            return update
    raise AssertionError("never came")


def test_two_viewers_see_the_same_and_one_who_comes_later_sees_the_last_minute(
    monitor: TestClient, clock: Clock
) -> None:
    with (
        monitor.websocket_connect(LIVE) as one,
        monitor.websocket_connect(LIVE) as other,
        monitor.websocket_connect(BED) as socket,
    ):
        socket.receive_json()
        for second in range(5):
            _second(clock, socket, _samples(second))

        def is_fifth(update: Any) -> bool:
            streams = update["streams"]
            return bool(streams) and (streams[0]["status"] or {}).get("time_s") == 5

        updates = [_wait_for(monitor, viewer, is_fifth) for viewer in (one, other)]
        assert updates[0]["streams"][0]["status"] == updates[1]["streams"][0]["status"]
        with monitor.websocket_connect(LIVE) as late:
            whole = late.receive_json()
        assert whole["is_whole"]
        assert len(whole["streams"][0]["trace"]) == 50
        assert not whole["streams"][0]["is_simulated"]


def test_a_flood_is_closed_with_its_reason(monitor: TestClient) -> None:
    with monitor.websocket_connect(BED) as socket:
        socket.receive_json()
        socket.send_text(json.dumps([0.0] * 51))
        assert socket.receive_json()["error"]["code"] == "stream-fast"
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
        assert (closed.value.code, closed.value.reason) == (4429, "stream-fast")


@pytest.mark.parametrize(
    "text", ["{}", "1", "[[1]]", '["1"]', "[true]", "[NaN]", "[Infinity]", "[1", "[" * 9000, ""]
)
def test_what_is_no_list_of_samples_is_refused(text: str) -> None:
    with pytest.raises(SignalError, match="expected a JSON array of numbers and nulls"):
        samples_of(text)


def test_messages_of_bytes_too_long_or_beyond_numbers_are_refused() -> None:
    for text in (None, "[" + "1," * MESSAGE_MAX + "1]", f"[{'9' * 400}]", f"[{'9' * 9000}]"):
        with pytest.raises(SignalError):
            samples_of(text)


def test_null_is_a_missing_sample() -> None:
    assert math.isnan(samples_of("[1, null, 2.5]")[1])


def test_who_sends_nonsense_is_told_so_in_their_language(monitor: TestClient) -> None:
    with monitor.websocket_connect(BED, headers={"accept-language": "pt"}) as socket:
        socket.receive_json()
        socket.send_text("hello")
        assert "esperada uma lista JSON" in socket.receive_json()["error"]["detail"]


def _refused(monitor: TestClient, address: str, **headers: str) -> tuple[int, dict[str, Any]]:
    with (
        pytest.raises(WebSocketDenialResponse) as denied,
        monitor.websocket_connect(address, headers=headers),
    ):
        pass
    problem: dict[str, Any] = denied.value.json()
    return denied.value.status_code, problem


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 422, "stream-unknown"),
        ("?rate_hz=10", 422, "stream-unknown"),
        ("?sensor=belt", 422, "stream-unknown"),
        ("?rate_hz=often&sensor=belt", 422, "stream-unknown"),
        ("?rate_hz=0.5&sensor=belt", 422, "signal-rate"),
        ("?rate_hz=10&sensor=ear", 422, "signal-sensor"),
    ],
)
def test_rate_and_sensor_are_never_guessed(
    monitor: TestClient, query: str, status: int, code: str
) -> None:
    address = f"{HOST}/api/v1/breathing/streams/bed 1{query}"
    assert _refused(monitor, address)[0] == status
    assert _refused(monitor, address)[1]["code"] == code


def test_a_name_that_is_on_and_one_stream_too_many_are_refused(monitor: TestClient) -> None:
    with monitor.websocket_connect(BED), monitor.websocket_connect(BED.replace("1?", "2?")):
        assert _refused(monitor, BED)[0] == 409
        with monitor.websocket_connect(BED.replace("1?", "3?")):
            status, problem = _refused(monitor, BED.replace("1?", "4?"))
            assert (status, problem["code"]) == (503, "streams-full")


@pytest.mark.parametrize("address", [BED, LIVE])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9000"])
def test_another_sites_page_is_refused(monitor: TestClient, address: str, origin: str) -> None:
    assert _refused(monitor, address, origin=origin)[0] == 403


def test_our_own_page_is_let_in(monitor: TestClient) -> None:
    with monitor.websocket_connect(LIVE, headers={"origin": "http://127.0.0.1:8000"}) as socket:
        assert socket.receive_json()["streams"] == []


def test_a_name_rebound_to_this_machine_is_refused(monitor: TestClient) -> None:
    assert _refused(monitor, LIVE.replace("127.0.0.1", "evil.example"))[0] == 400


@pytest.fixture
def token(store: ResultStore) -> str:
    store.users.add("ana", "hash", now=START)
    return store.users.begin_session("ana", now=START, lasts=timedelta(hours=1))


@pytest.mark.parametrize("address", [BED, LIVE])
def test_a_stranger_is_refused_as_soon_as_users_exist(
    monitor: TestClient, token: str, address: str
) -> None:
    assert _refused(monitor, address)[0] == 401
    assert _refused(monitor, address, authorization="Bearer guess")[0] == 401
    with monitor.websocket_connect(address, headers={"authorization": f"Bearer {token}"}) as socket:
        socket.receive_json()
    with monitor.websocket_connect(address, headers={"cookie": f"session={token}"}) as socket:
        socket.receive_json()


def test_who_has_signed_out_is_closed(
    monitor: TestClient, store: ResultStore, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_breathing_live, "WELCOME_EVERY_S", 0.05)
    with monitor.websocket_connect(LIVE, headers={"authorization": f"Bearer {token}"}) as socket:
        socket.receive_json()
        store.users.end_session(token)
        update = _wait_for(monitor, socket, lambda one: "error" in one)
        assert update["error"]["code"] == "sign-in"
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
        assert closed.value.code == 4401


def test_who_says_nothing_for_long_is_closed(
    monitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_breathing_live, "IDLE_S", 0.05)
    with monitor.websocket_connect(BED) as socket:
        socket.receive_json()
        assert socket.receive_json()["error"]["code"] == "stream-idle"
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
        assert closed.value.code == 4408


def test_there_are_only_so_many_viewers(
    monitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_breathing_live, "VIEWERS_MAX", 1)
    with monitor.websocket_connect(LIVE) as socket:
        socket.receive_json()
        assert _refused(monitor, LIVE)[1]["code"] == "viewers-full"
    with monitor.websocket_connect(LIVE) as socket:
        socket.receive_json()


def _names(app: Any) -> list[tuple[str, bool]]:
    return [(one.name, one.is_lost) for one in app.state.services.live.whole()]


@pytest.mark.parametrize(("code", "left"), [(1000, []), (1001, []), (1006, [("bed 1", True)])])
def test_who_ends_a_stream_ends_it_and_who_breaks_off_is_kept(
    monitor: TestClient, app: Any, code: int, left: list[tuple[str, bool]]
) -> None:
    with monitor.websocket_connect(BED) as socket:
        socket.receive_json()
        socket.close(code)
    assert _soon(lambda: _names(app) == left)


def _soon(holds: Callable[[], bool]) -> bool:
    waited = threading.Event()
    return any(holds() or waited.wait(0.02) for _ in range(500))


def test_a_beat_that_fails_is_logged_and_the_next_one_comes(
    app: Any, monitor: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    live = app.state.services.live
    tick, failed = live.tick, threading.Event()

    def fail() -> Any:
        failed.set()
        monkeypatch.setattr(live, "tick", tick)
        raise ValueError("odd stream")

    monkeypatch.setattr(live, "tick", fail)
    assert failed.wait(10)
    number = app.state.services.beat.last.number
    assert _soon(lambda: app.state.services.beat.last.number > number)
    assert "could not be told of" in caplog.text


def test_the_counters_tell_of_streams(monitor: TestClient, app: Any) -> None:
    with monitor.websocket_connect(BED) as socket:
        socket.receive_json()
        assert _soon(lambda: "thoracle_breathing_streams 1.0" in monitor.get("/metrics").text)


def test_the_description_of_the_interface_stays_whole(monitor: TestClient) -> None:
    assert "paths" in monitor.get("/openapi.json").json()
