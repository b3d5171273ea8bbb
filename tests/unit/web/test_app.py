"""The app: errors in one sentence with the right status, and no word of its inside."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from thoracle.store.results import ResultStore
from thoracle.web.app import create_app


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
