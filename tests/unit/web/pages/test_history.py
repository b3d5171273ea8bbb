"""The list of results: newest first, page by page."""

import re

import pytest
from fastapi.testclient import TestClient


def _upload(client: TestClient, content: bytes, name: str = "film.png") -> str:
    """Upload one file and return the address it leads to."""
    answer = client.post("/analyze", files={"files": (name, content)}, follow_redirects=False)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_several_files_lead_to_the_worklist_and_stand_in_the_list(
    client: TestClient,
) -> None:
    kinds = (b"adult", b"film", b"rotated", b"broken")
    files = [("files", (f"{kind.decode()}.png", kind)) for kind in kinds]
    answer = client.post("/analyze", files=files)
    assert answer.url.path == "/worklist"
    assert re.findall(r">(\w+)\.png</a>", answer.text) == ["adult", "film", "broken", "rotated"]
    judged, apart = answer.text.split("Not judged, or nothing concluded")
    assert "adult.png" in judged
    assert "film.png" not in judged
    assert "Thoracle abstains" in apart
    assert "Not judged, or nothing concluded" in answer.text
    assert "94.8 %" in answer.text
    answer = client.get("/results")
    assert re.findall(r">(\w+)\.png</a>", answer.text) == ["broken", "rotated", "film", "adult"]
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


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["c", "b", "a"]),
        ({"text": "B."}, ["b"]),
        ({"status": "failed"}, ["c"]),
        ({"status": "nonsense"}, ["c", "b", "a"]),
        ({"finding": "COVID-19"}, ["b", "a"]),
        ({"since": "2026-03-01", "until": "2026-03-01"}, ["c", "b", "a"]),
        ({"since": "2026-03-02"}, []),
        ({"until": "2026-02-28"}, []),
        ({"since": "2026-99-99"}, ["c", "b", "a"]),
        ({"whose": "mine"}, ["c", "b", "a"]),
    ],
)
def test_the_list_can_be_searched(
    client: TestClient, query: dict[str, str], found: list[str]
) -> None:
    for name, content in (("a.png", b"film"), ("b.png", b"film"), ("c.png", b"broken")):
        _upload(client, content, name) if content == b"film" else client.post(
            "/analyze", files={"files": (name, content)}
        )
    page = client.get("/results", params=query).text
    assert re.findall(r">(\w)\.png</a>", page) == found
    table = client.get("/results.csv", params=query)
    assert [line.split(",")[2] for line in table.text.splitlines()[1:]] == [
        f"{name}.png" for name in found
    ]


def test_mine_is_what_this_browser_sent(client: TestClient) -> None:
    _upload(client, b"film", "a.png")
    client.cookies.clear()
    assert "a.png" in client.get("/results").text
    assert "a.png" not in client.get("/results", params={"whose": "mine"}).text


def test_a_name_that_a_spreadsheet_would_compute_is_disarmed(client: TestClient) -> None:
    _upload(client, b"film", "=1+1.png")
    assert ",'=1+1.png," in client.get("/results.csv").text


def test_a_list_shows_small_pictures(client: TestClient) -> None:
    address = _upload(client, b"film")
    assert f'src="{address}/thumb.png"' in client.get("/results").text
    picture = client.get(f"{address}/thumb.png")
    assert picture.content.startswith(b"\x89PNG")
    assert client.get("/results/x/thumb.png").status_code == 404
