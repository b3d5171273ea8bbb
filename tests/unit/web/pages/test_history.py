"""The list of results: newest first, page by page."""

import re

import pytest
from fastapi.testclient import TestClient


def _upload(client: TestClient, content: bytes, name: str = "film.png") -> str:
    """Upload one file and return the address it leads to."""
    answer = client.post("/analyze", files={"files": (name, content)}, follow_redirects=False)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_several_files_lead_to_the_list_newest_first(client: TestClient) -> None:
    kinds = (b"film", b"rotated", b"broken")
    files = [("files", (f"{kind.decode()}.png", kind)) for kind in kinds]
    answer = client.post("/analyze", files=files)
    assert answer.url.path == "/results"
    assert re.findall(r">(\w+)\.png</a>", answer.text) == ["broken", "rotated", "film"]
    assert "COVID-19" in answer.text
    assert "a rotated chest radiograph" in answer.text
    assert "Not readable" in answer.text


def test_an_empty_history_says_so(client: TestClient) -> None:
    assert "No result matches." in client.get("/results").text


def test_a_long_history_goes_on_page_by_page(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thoracle.web.pages.history._PAGE_LINES", 2)
    for i in range(5):
        _upload(client, b"broken" if i < 0 else b"film", name=f"{i}.png")
    seen: list[str] = []
    address = "/results"
    while address:
        page = client.get(address).text
        seen += re.findall(r">(\d)\.png</a>", page)
        older = re.search(r'href="(/results\?before=[^"]+)"', page)
        address = older.group(1) if older else ""
    assert seen == ["4", "3", "2", "1", "0"]
    assert "Newest results" in page
