"""Films, scans and recordings stand in one list, and are found by the same words."""

import re

import pytest
from fastapi.testclient import TestClient
from tests.unit.web.recordings import belt_csv


@pytest.fixture
def _everything(client: TestClient, ct_scan: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thoracle.jobs.breathing_records.list_bundles", lambda: ())
    client.post("/analyze", files={"files": ("film.png", b"adult")})
    files = {"file": ("night.csv", belt_csv(30))}
    client.post("/breathing/new", files=files, data={"sensor": "belt"})


@pytest.mark.usefixtures("_everything")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [("night.csv", "breathing"), ("film.png", "film"), ("chest-4.zip", "CT scan")]),
        ("kind=ct", [("chest-4.zip", "CT scan")]),
        ("kind=breathing", [("night.csv", "breathing")]),
        ("kind=film", [("film.png", "film")]),
        ("text=NIGHT", [("night.csv", "breathing")]),
        ("finding=COVID-19", [("film.png", "film")]),
        ("status=analyzed", [("film.png", "film")]),
        ("since=2100-01-01", []),
        ("kind=other&text=chest", [("chest-4.zip", "CT scan")]),
    ],
)
def test_what_is_kept_is_listed_with_its_kind(
    client: TestClient, query: str, found: list[tuple[str, str]]
) -> None:
    page = client.get(f"/results?{query}").text
    lines = re.findall(r'class="text-break">([^<]+)</a> <span class="badge kind">([^<]+)<', page)
    assert lines == found


@pytest.mark.usefixtures("_everything")
def test_pages_of_the_list_hold_every_kind_once(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thoracle.web.pages.history._PAGE_LINES", 1)
    address, seen = "/results?since=2026-01-01", []
    while address:
        page = client.get(address).text
        seen += re.findall(r'class="text-break">([^<]+)</a>', page)
        older = re.search(r'href="(/results\?[^"]*before=[^"]+)"', page)
        address = older[1].replace("&amp;", "&") if older else ""
    assert seen == ["night.csv", "film.png", "chest-4.zip"]


@pytest.mark.usefixtures("_everything")
def test_a_patient_with_a_scan_alone_has_a_page(client: TestClient) -> None:
    page = client.get("/patients/p-1").text
    assert "chest-4.zip" in page
    assert "Compare side by side" not in page
