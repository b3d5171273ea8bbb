"""Programs send recordings, fetch what is told of them, list and delete them."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.unit.web.recordings import belt_csv

RECORDINGS = "/api/v1/breathing/recordings"
NOBODYS = "018f3b0e-7c00-7abc-8def-0123456789ab"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thoracle.jobs.breathing_records.list_bundles", lambda: ())


def _send(client: TestClient, query: str = "sensor=belt&file=a.csv", **more: Any) -> Any:
    headers = {"Content-Type": "text/csv", **more}
    return client.post(f"{RECORDINGS}?{query}", content=belt_csv(), headers=headers)


def test_a_body_or_a_form_is_read_and_found_again(client: TestClient) -> None:
    sent = _send(client)
    assert sent.status_code == 201
    kept = sent.json()
    assert sent.headers["location"] == f"{RECORDINGS}/{kept['id']}"
    assert kept["document"]["schema"] == "thoracle breathing 1"
    assert (kept["file"], kept["sensor"], kept["apneas"]) == ("a.csv", "belt", 1)
    assert client.get(sent.headers["location"]).json() == kept
    form = client.post(RECORDINGS, files={"file": ("b.csv", belt_csv())}, data={"sensor": "belt"})
    assert form.status_code == 201
    assert form.json()["document"] == kept["document"]


def test_what_is_not_said_is_a_problem(client: TestClient) -> None:
    answer = _send(client, "file=a.csv")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "signal-sensor"
    empty = client.post(f"{RECORDINGS}?sensor=belt", content=b"")
    assert (empty.status_code, empty.json()["code"]) == (422, "request")
    picture = client.post(f"{RECORDINGS}?sensor=belt", content=b"\x89PNG\r\n\x1a\n" + bytes(50))
    assert (picture.status_code, picture.json()["code"]) == (422, "recording-unknown-format")


def test_the_same_key_gives_the_same_recording(client: TestClient) -> None:
    first = _send(client, **{"Idempotency-Key": "k"})
    again = _send(client, **{"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = _send(client, "sensor=belt&file=b.csv", **{"Idempotency-Key": "k"})
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")


def test_recordings_are_listed_page_by_page(client: TestClient) -> None:
    ids = [_send(client, f"sensor=belt&file={name}.csv").json()["id"] for name in "ab"]
    page = client.get(RECORDINGS, params={"limit": 1}).json()
    assert [one["id"] for one in page["recordings"]] == [ids[1]]
    assert "document" not in page["recordings"][0]
    rest = client.get(page["next"]).json()
    assert [one["id"] for one in rest["recordings"]] == [ids[0]]
    assert rest["next"] is None
    named = client.get(RECORDINGS, params={"text": "a.csv"}).json()["recordings"]
    assert [one["id"] for one in named] == [ids[0]]
    assert client.get(RECORDINGS, params={"patient": "p-1"}).json()["recordings"] == []


def test_windows_come_as_a_table_and_a_deleted_recording_is_gone(client: TestClient) -> None:
    address = _send(client).headers["location"]
    table = client.get(f"{address}/windows")
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.startswith("start_s,length_s,quality,")
    assert client.delete(address).status_code == 204
    for gone in (address, f"{address}/windows", f"{RECORDINGS}/{NOBODYS}"):
        assert client.get(gone).status_code == 404
    assert client.delete(address).json()["code"] == "unknown-recording"
