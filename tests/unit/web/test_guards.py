"""Guards: headers on every answer, this machine's names, this site's forms, bounded uploads."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from thoracle.store.results import ResultStore
from thoracle.web.app import create_app
from thoracle.web.guards import SECURITY_HEADERS, HostGuard, UploadLimit
from thoracle.web.options import WebOptions

PAGES = ["/", "/results", "/healthz", "/static/web.css", "/nothing", "/results/x", "/openapi.json"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_has_the_security_headers(client: TestClient, path: str) -> None:
    answer = client.get(path)
    for name, value in SECURITY_HEADERS.items():
        if not (name == "Cache-Control" and path.startswith("/static/")):
            assert answer.headers[name] == value, (path, name)


def test_nothing_from_elsewhere_and_nothing_inline_may_run(client: TestClient) -> None:
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_even_an_answer_to_a_crash_has_the_headers(client: TestClient) -> None:
    answer = client.post("/analyze", files={"files": ("a.png", b"explode")})
    assert answer.status_code == 500
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:9", "[::1]:8000"])
def test_names_of_this_machine_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "", "[::1"]
)
def test_a_foreign_name_is_refused_against_dns_rebinding(client: TestClient, host: str) -> None:
    answer = client.get("/", headers={"host": host})
    assert answer.status_code == 400
    assert "answers only to localhost" in answer.text


def test_other_names_are_answered_where_the_address_is_not_a_loopback_one(
    analyzer: Any, store: ResultStore
) -> None:
    app = create_app(analyzer, store, options=WebOptions(upload_limit_mb=1, loopback_only=False))
    with TestClient(app, base_url="http://thoracle.example") as open_client:
        assert open_client.get("/").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "null"},
        {"origin": "http://[::1"},
        {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8000"},
    ],
)
def test_another_sites_form_changes_nothing_here(
    client: TestClient, analyzer: Any, headers: dict[str, str]
) -> None:
    answer = client.post("/analyze", files={"files": ("a.png", b"film")}, headers=headers)
    assert answer.status_code == 403
    assert "came from another site" in answer.text
    assert analyzer.calls == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://127.0.0.1:8000"},
        {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:8000"},
        {"sec-fetch-site": "none"},
    ],
)
def test_our_own_form_and_programs_pass(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post(
        "/analyze", files={"files": ("a.png", b"film")}, headers=headers, follow_redirects=False
    )
    assert answer.status_code == 303


def test_reading_from_another_sites_link_is_allowed(client: TestClient) -> None:
    assert client.get("/results", headers={"sec-fetch-site": "cross-site"}).status_code == 200


def test_an_upload_that_declares_too_much_gets_one_clear_sentence(client: TestClient) -> None:
    answer = client.post("/analyze", files={"files": ("a.png", bytes(2_000_000))})
    assert answer.status_code == 413
    assert "larger than 1 MB" in answer.text


def test_a_program_gets_the_same_sentence_as_json(client: TestClient) -> None:
    answer = client.post("/api/v1/analyses", files={"files": ("a.png", bytes(2_000_000))})
    assert answer.status_code == 413
    assert "larger than 1 MB" in answer.json()["detail"]


def test_an_upload_that_declares_nothing_is_stopped_while_it_streams(
    client: TestClient, analyzer: Any
) -> None:
    sent = []

    def endless() -> Iterator[bytes]:
        head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        yield head
        for _ in range(30):
            sent.append(1)
            yield bytes(100_000)
        yield b"\r\n--x--\r\n"

    answer = client.post(
        "/analyze",
        content=endless(),
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code == 413
    assert analyzer.calls == []


def test_a_file_of_just_the_limit_passes(client: TestClient) -> None:
    answer = client.post(
        "/analyze", files={"files": ("a.png", bytes(1_000_000))}, follow_redirects=False
    )
    assert answer.status_code == 303


async def _read_all(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body", False):
        pass
    await PlainTextResponse("whole")(scope, receive, send)


def _refuse(_: Scope, status: int, text: str) -> PlainTextResponse:
    return PlainTextResponse(text, status_code=status)


def _through_limit(headers: dict[bytes, bytes]) -> tuple[int, int]:
    """Send an endless body through a limit of 1000 bytes: status, and chunks taken."""
    taken = 0
    statuses: list[int] = []

    async def receive() -> Message:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": bytes(10_000), "more_body": True}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope: Scope = {"type": "http", "method": "POST", "headers": list(headers.items())}
    guard = UploadLimit(_read_all, limit_bytes=1000, refuse=_refuse, text="too large")
    asyncio.run(guard(scope, receive, send))
    return statuses[0], taken


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {b"content-length": b"999999999"},
        {b"content-length": b"9" * 5000},
        {b"content-length": b"-1"},
    ],
)
def test_an_endless_upload_is_thrown_away_only_so_far(headers: dict[bytes, bytes]) -> None:
    status, taken = _through_limit(headers)
    assert status == 413
    assert taken < 100  # eight times the limit and its envelope, in pieces of 10 kB


def test_an_upload_whose_last_piece_is_too_much_is_answered_without_waiting_for_more() -> None:
    statuses: list[int] = []
    messages = iter([{"type": "http.request", "body": bytes(100_000), "more_body": False}])

    async def receive() -> Message:
        await asyncio.sleep(0)
        return next(messages)

    async def send(message: Message) -> None:
        await asyncio.sleep(0)
        statuses.append(message.get("status", 0))

    scope: Scope = {"type": "http", "method": "POST", "headers": []}
    guard = UploadLimit(_read_all, limit_bytes=1000, refuse=_refuse, text="too large")
    asyncio.run(guard(scope, receive, send))
    assert statuses[0] == 413


@pytest.mark.parametrize("guard", [HostGuard, UploadLimit])
def test_what_is_not_a_request_passes_untouched(guard: Any) -> None:
    seen: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.sleep(0)
        seen.append(scope["type"])

    extra = {"limit_bytes": 1} if guard is UploadLimit else {}
    wrapped = guard(app, refuse=_refuse, text="no", **extra)
    asyncio.run(wrapped({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]


@pytest.mark.parametrize(("path", "status"), [("/small", 413), ("/large", 200)])
def test_a_limit_holds_only_where_it_is_meant(path: str, status: int) -> None:
    statuses: list[int] = []
    messages = iter([{"type": "http.request", "body": bytes(100_000), "more_body": False}])

    async def receive() -> Message:
        await asyncio.sleep(0)
        return next(messages)

    async def send(message: Message) -> None:
        await asyncio.sleep(0)
        statuses.append(message.get("status", 0))

    scope: Scope = {"type": "http", "method": "POST", "headers": [], "path": path}
    guard = UploadLimit(
        _read_all, limit_bytes=1000, refuse=_refuse, text="too large", only="/small".__eq__
    )
    asyncio.run(guard(scope, receive, send))
    assert statuses[0] == status
