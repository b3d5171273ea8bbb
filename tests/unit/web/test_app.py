"""The app: errors in one sentence with the right status, and no word of its inside."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from thoracle.store.results import ResultStore
from thoracle.web.app import create_app
from thoracle.web.guards import SECURITY_HEADERS
from thoracle.web.options import WebOptions


def test_a_crash_shows_no_detail_and_no_trace(client: TestClient) -> None:
    answer = client.post("/analyze", files={"files": ("a.png", b"explode")})
    assert answer.status_code == 500
    assert "Something failed inside Thoracle" in answer.text
    for word in ("secret", "Traceback", "RuntimeError", "conftest"):
        assert word not in answer.text


def test_a_missing_bundle_is_the_servers_lack_and_its_sentence_is_shown(
    client: TestClient,
) -> None:
    answer = client.post("/api/v1/analyses", files={"files": ("a.png", b"no bundle")})
    assert answer.status_code == 503
    assert answer.json()["code"] == "bundle"
    assert answer.json()["detail"] == "found no bundle – expected one. Install it."


@pytest.mark.parametrize(("method", "path"), [("GET", "/analyze"), ("PUT", "/"), ("POST", "/")])
def test_another_kind_of_request_is_answered_in_one_sentence(
    client: TestClient, method: str, path: str
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert "does not take that kind of request" in answer.text


def test_an_unknown_page_is_answered_in_one_sentence(client: TestClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is no such page." in answer.text


def test_no_page_that_loads_scripts_from_elsewhere_is_served(client: TestClient) -> None:
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404


def test_without_options_the_settings_decide(
    analyzer: Any, store: ResultStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THORACLE_UPLOAD_LIMIT_MB", "7")
    with TestClient(create_app(analyzer, store), base_url="http://localhost") as opened:
        assert "7 MB in one go" in opened.get("/").text
        assert opened.get("/", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/static/web.css", 200),
        ("GET", "/static/nothing.css", 404),
        ("GET", "/openapi.json", 200),
        ("GET", "/results.json", 200),
        ("GET", "/results.csv", 200),
        ("GET", "/api/v1/analyses", 200),
        ("GET", "/api/v1/analyses?limit=0", 422),
        ("GET", "/api/v1/analyses/nobody", 404),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/metrics", 200),
        ("GET", "/nowhere", 404),
        ("PUT", "/", 405),
        ("POST", "/analyze", 422),
        ("POST", "/logout", 303),
    ],
)
def test_every_answer_has_every_security_header(
    client: TestClient, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path, follow_redirects=False)
    assert answer.status_code == status
    assert {name.lower() for name in SECURITY_HEADERS} <= set(answer.headers)
    assert answer.headers["content-security-policy"] == SECURITY_HEADERS["Content-Security-Policy"]


def test_answers_of_the_guards_and_of_a_crash_have_them_too(
    client: TestClient, store: ResultStore, options: WebOptions
) -> None:
    crash = {"files": ("a.png", b"explode")}
    large = {"files": ("a.png", bytes(2_000_000))}
    answers = {
        400: client.get("/", headers={"host": "evil.example"}),
        403: client.post("/analyze", headers={"origin": "https://evil.example"}),
        413: client.post("/api/v1/analyses", files=large),
        500: client.post("/api/v1/analyses", files=crash),
    }
    store.users.add("ana", "hash", now=options.now())
    answers[401] = client.get("/api/v1/analyses")
    answers[303] = client.get("/results", follow_redirects=False)
    assert {answer.status_code: answer for answer in answers.values()} == answers
    for answer in answers.values():
        assert {name.lower() for name in SECURITY_HEADERS} <= set(answer.headers)


def test_the_description_of_the_interface_is_for_those_who_are_signed_in(
    client: TestClient, store: ResultStore, options: WebOptions
) -> None:
    assert client.get("/openapi.json").status_code == 200
    store.users.add("ana", "hash", now=options.now())
    answer = client.get("/openapi.json")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_monitors_get_problems_not_pages(client: TestClient) -> None:
    services = client.app.state.services  # type: ignore[attr-defined]
    services.line._taken = services.line._places
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (429, "busy")


def test_too_large_a_body_is_called_that_wherever_it_is_read(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"name": "'
        for _ in range(30):
            yield b"a" * 100_000

    answer = client.post(
        "/api/v1/sessions", content=endless(), headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413
