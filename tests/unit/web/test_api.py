"""JSON: the same objects as the command line, and the kept results under their ids."""

from typing import Any

from fastapi.testclient import TestClient

from thoracle.core.results import to_json
from thoracle.web.api import IDS_HEADER


def test_analyzing_answers_the_array_of_the_command_line(client: TestClient, analyzer: Any) -> None:
    answer = client.post("/api/analyze", files={"files": ("film.png", b"film")})
    assert answer.status_code == 200
    expected = to_json(analyzer.analyze_bytes(b"film", file="film.png").result)
    assert answer.json() == [expected]


def test_the_kept_result_is_the_same_object_with_its_line(client: TestClient) -> None:
    answer = client.post("/api/analyze", files={"files": ("film.png", b"film")})
    kept = client.get(f"/results/{answer.headers[IDS_HEADER]}.json").json()
    line = {name: kept.pop(name) for name in ("id", "created_at", "parent_id", "format")}
    assert kept == answer.json()[0]
    assert line["id"] == answer.headers[IDS_HEADER]
    assert line["created_at"] == "2026-03-01T12:00:00+00:00"
    assert line["parent_id"] is None
    assert line["format"] == "PNG"


def test_only_when_every_file_failed_is_the_status_422(client: TestClient) -> None:
    broken = ("files", ("b.png", b"broken"))
    some = client.post("/api/analyze", files=[broken, ("files", ("f.png", b"film"))])
    assert some.status_code == 200
    assert [one["status"] for one in some.json()] == ["failed", "analyzed"]
    every = client.post("/api/analyze", files=[broken])
    assert every.status_code == 422
    assert every.json()[0]["error"]["code"] == "image"
    assert len(every.headers[IDS_HEADER]) == 36


def test_a_missing_result_is_a_json_error(client: TestClient) -> None:
    answer = client.get("/results/017f22e2-79b0-7cc3-98c4-dc0c0c07398f.json")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "unknown-result"


def test_health_says_ok_while_the_store_can_be_read(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"


def test_the_description_of_the_interface_names_the_upload(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    body = paths["/api/analyze"]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert body["schema"]["required"] == ["files"]
    assert set(paths) == {"/api/analyze", "/results/{result_id}.json", "/healthz"}
