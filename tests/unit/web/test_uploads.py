"""Uploads: several files at once, none at all, too many, and garbled ones."""

import asyncio
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from thoracle.store.results import ResultStore
from thoracle.web.app import create_app
from thoracle.web.options import WebOptions


def _files(number: int) -> list[tuple[str, tuple[str, bytes]]]:
    return [("files", (f"film-{i}.png", b"film %d" % i)) for i in range(number)]


def test_several_files_are_analyzed_in_their_order(client: TestClient, analyzer: Any) -> None:
    answer = client.post("/api/v1/analyses", files=_files(5))
    assert [one["file"] for one in answer.json()["results"]] == [f"film-{i}.png" for i in range(5)]
    assert [call[0] for call in analyzer.calls] == [f"film-{i}.png" for i in range(5)]


def test_one_file_too_many_is_refused_before_any_is_analyzed(
    client: TestClient, analyzer: Any
) -> None:
    for number in (6, 9):
        answer = client.post("/api/v1/analyses", files=_files(number))
        assert answer.status_code == 400
        assert answer.json()["detail"].startswith("More than 5 files arrived.")
    assert analyzer.calls == []


@pytest.mark.parametrize(
    "send",
    [
        {"data": {"other": "field"}},
        {"data": {"files": "text, not a file"}},
        {"files": {"elsewhere": ("a.png", b"film")}},
    ],
)
def test_no_file_is_answered_in_one_sentence(
    client: TestClient, store: ResultStore, send: dict[str, Any]
) -> None:
    answer = client.post("/analyze", **send)
    assert answer.status_code == 422
    assert "Choose at least one image file" in answer.text
    assert store.list_results(9) == ()


def test_a_browsers_empty_file_field_counts_as_no_file(client: TestClient) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="files"; filename=""\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\r\n--x--\r\n"
    )
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = client.post("/analyze", content=body, headers=headers)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"no boundary here", "multipart/form-data"),
        (b"--x\r\ngarbage", "multipart/form-data; boundary=y"),
        (b"&".join([b"a=1"] * 20), "application/x-www-form-urlencoded"),
        (b"--x\r\nContent-Disposition form-data\r\n\r\n", "multipart/form-data; boundary=x"),
    ],
)
def test_a_garbled_upload_is_an_error_of_the_sender(
    client: TestClient, content: bytes, kind: str
) -> None:
    answer = client.post("/analyze", content=content, headers={"content-type": kind})
    assert answer.status_code == 400
    assert "arrived incomplete or garbled" in answer.text


def test_the_gate_can_be_overridden_at_once(client: TestClient) -> None:
    answer = client.post(
        "/api/v1/analyses", files={"files": ("knee.png", b"knee")}, data={"override_gate": "true"}
    )
    assert answer.json()["results"][0]["provenance"]["gate_overridden"] is True


def test_the_films_of_an_archive_are_one_batch_named_after_it(
    client: TestClient, analyzer: Any, pack: Callable[..., bytes]
) -> None:
    content = pack({"a.png": b"one", "b.png": b"two"})
    answer = client.post("/api/v1/analyses", files={"files": ("C:\\study.zip", content)})
    results = answer.json()["results"]
    assert [one["file"] for one in results] == ["a.png (study.zip)", "b.png (study.zip)"]
    assert len({one["batch_id"] for one in results}) == 1
    assert len(analyzer.folders) == 1
    assert not analyzer.folders[0].exists()
    page = client.post("/analyze", files={"files": ("study.zip", content)}, follow_redirects=False)
    assert page.headers["location"].startswith("/worklist?batch_id=")


def test_an_archive_may_be_the_body_itself(client: TestClient, pack: Callable[..., bytes]) -> None:
    answer = client.post("/api/v1/analyses?file=s.zip", content=pack({"a.png": b"one"}))
    assert answer.status_code == 201
    assert [one["file"] for one in answer.json()["results"]] == ["a.png (s.zip)"]


def test_a_useless_archive_fails_alone_and_under_its_own_name(
    client: TestClient, pack: Callable[..., bytes]
) -> None:
    many = pack({str(number): b"x" for number in range(6)})
    files = [("files", ("many.zip", many)), ("files", ("film.png", b"film"))]
    answer = client.post("/api/v1/analyses", files=files)
    first, second = answer.json()["results"]
    assert (first["file"], first["status"]) == ("many.zip", "failed")
    assert first["error"]["code"] == "zip-too-many"
    assert (second["file"], second["status"]) == ("film.png", "analyzed")


@pytest.mark.parametrize(
    "fields", [{"override_gate": "perhaps"}, {"batch_id": "mine"}, {"override_gate": ("a", b"x")}]
)
def test_a_field_of_no_meaning_is_refused(
    client: TestClient, analyzer: Any, fields: dict[str, Any]
) -> None:
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    files = {name: value for name, value in fields.items() if name not in texts}
    answer = client.post(
        "/api/v1/analyses", files={"files": ("a.png", b"film"), **files}, data=texts
    )
    assert answer.status_code == 422
    assert analyzer.calls == []


def test_the_switch_of_a_plain_body_is_checked_too(client: TestClient) -> None:
    answer = client.post("/api/v1/analyses?override_gate=perhaps", content=b"film")
    assert answer.status_code == 422


@pytest.mark.parametrize("as_form", [True, False])
def test_an_upload_is_in_memory_once(
    analyzer: Any, store: ResultStore, clock: Any, as_form: bool
) -> None:
    """Whatever its size, it waits on disk until it is read whole for the decoder."""
    size, chunk = 24_000_000, 64_000
    options = WebOptions(upload_limit_mb=32, loopback_only=True, now=clock)
    app = create_app(analyzer, store, options=options)
    parts = [bytes(chunk)] * (size // chunk)
    kind = b"application/octet-stream"
    if as_form:
        kind = b"multipart/form-data; boundary=x"
        head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        parts = [head, *parts, b"\r\n--x--\r\n"]
    said = asyncio.run(_peak_bytes(app, parts, kind))
    assert said["status"] == 201
    assert size < said["peak_bytes"] < 1.3 * size


async def _peak_bytes(app: Any, parts: list[bytes], kind: bytes) -> dict[str, int]:
    """Send a body in parts, as a server does, and measure what the app takes for it."""
    left: list[bytes] = parts[::-1]
    found: dict[str, int] = {}

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": left.pop(), "more_body": bool(left)}

    async def send(message: dict[str, Any]) -> None:
        found.setdefault("status", message.get("status", 0))

    headers = [(b"host", b"127.0.0.1"), (b"content-type", kind)]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/analyses", "headers": headers}
    tracemalloc.start()
    await app(
        {**scope, "query_string": b"", "scheme": "http", "server": None, "client": None},
        receive,
        send,
    )
    found["peak_bytes"] = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_a_switch_that_is_neither_is_refused_wherever_it_stands(
    client: TestClient, analyzer: Any
) -> None:
    for ask in (
        {"params": {"override_gate": "maybe"}, "files": _files(1)},
        {"params": {"override_gate": "maybe"}, "content": b"film"},
        {"data": {"override_gate": "maybe"}, "files": _files(1)},
    ):
        assert client.post("/api/v1/analyses", **ask).status_code == 422
    assert analyzer.calls == []


def test_an_empty_batch_is_no_batch_and_is_refused(client: TestClient, analyzer: Any) -> None:
    answer = client.post("/api/v1/analyses", files=_files(1), data={"batch_id": ""})
    assert answer.status_code == 422
    assert analyzer.calls == []
