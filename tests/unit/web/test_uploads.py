"""Uploads: several files at once, none at all, too many, and garbled ones."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from thoracle.store.results import ResultStore


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
