"""The first page: its form, its limits, its language."""

import re

import pytest
from fastapi.testclient import TestClient

from thoracle.core.results import DISCLAIMER


def test_the_form_takes_several_files_and_tells_its_limits(client: TestClient) -> None:
    page = client.get("/").text
    assert re.search(r'<input [^>]*type="file"[^>]* multiple required', page)
    assert 'enctype="multipart/form-data"' in page
    assert "Up to 5 files and 1 MB" in page
    assert 'data-bytes-max="1000000"' in page
    assert DISCLAIMER in page


@pytest.mark.parametrize(
    ("referer", "leads_to"),
    [
        ("http://127.0.0.1:8000/results?before=x", "/results?before=x"),
        ("http://evil.example//elsewhere", "/elsewhere"),
        ("", "/"),
    ],
)
def test_a_language_once_chosen_stays(client: TestClient, referer: str, leads_to: str) -> None:
    answer = client.post(
        "/language", data={"code": "pt"}, headers={"referer": referer}, follow_redirects=False
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == leads_to
    assert "Solte as radiografias aqui" in client.get("/").text
    client.post("/language", data={"code": "en"})
    assert "Drop films here" in client.get("/", headers={"accept-language": "pt"}).text


def test_an_unknown_language_is_refused(client: TestClient) -> None:
    assert client.post("/language", data={"code": "de"}).status_code == 422
