"""A result as PDF: a whole file, in the language asked for, for every status."""

import pytest
from fastapi.testclient import TestClient

ANALYSES = "/api/v1/analyses"


@pytest.mark.parametrize("content", [b"film", b"knee", b"broken"])
@pytest.mark.parametrize("language", ["en", "pt"])
def test_every_result_has_a_report(client: TestClient, content: bytes, language: str) -> None:
    sent = client.post(ANALYSES, files={"files": ("Tórax <b>1</b>.png", content)})
    result_id = sent.json()["results"][0]["id"]
    answer = client.get(f"{ANALYSES}/{result_id}/report.pdf", headers={"accept-language": language})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.")
    assert answer.content.rstrip().endswith(b"%%EOF")
    assert b"/JavaScript" not in answer.content
    assert f"({language})".encode() in answer.content


def test_a_result_that_is_not_there_has_none(client: TestClient) -> None:
    unknown = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    assert client.get(f"{ANALYSES}/{unknown}/report.pdf").status_code == 404


def test_what_readers_said_is_in_the_report(client: TestClient) -> None:
    sent = client.post(ANALYSES, files={"files": ("film.png", b"film")})
    address = f"{ANALYSES}/{sent.json()['results'][0]['id']}"
    before = client.get(f"{address}/report.pdf").content
    client.post(f"{address}/readings", json={"agrees": False, "comment": "Left base."})
    assert len(client.get(f"{address}/report.pdf").content) > len(before)
