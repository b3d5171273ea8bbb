"""Readings through pages and through JSON."""

import re

import pytest
from fastapi.testclient import TestClient

ANALYSES = "/api/v1/analyses"
BOX = '[{"kind": "box", "points": [[0.1, 0.2], [0.3, 0.4]]}]'


@pytest.fixture
def result_id(client: TestClient) -> str:
    answer = client.post(ANALYSES, files={"files": ("film.png", b"film")})
    return str(answer.json()["results"][0]["id"])


def test_a_reading_is_kept_and_shown_with_its_reader(client: TestClient, result_id: str) -> None:
    page = client.post(
        f"/results/{result_id}/readings",
        data={"agrees": "no", "finding": "Edema", "comment": "<b>Kerley</b>", "marks": BOX},
    )
    assert page.url.path == f"/results/{result_id}"
    assert "disagrees" in page.text
    assert "Edema" in page.text
    assert "&lt;b&gt;Kerley" in page.text
    assert re.search(r'data-shows="\[\{&#34;kind&#34;: &#34;box&#34;', page.text)
    assert re.search(r"guest-[0-9a-f]{12}, 2026-03-01", page.text)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({}, 422),
        ({"agrees": "perhaps"}, 422),
        ({"agrees": "yes", "marks": "not json"}, 422),
        ({"agrees": "yes", "marks": '{"kind": "box"}'}, 422),
    ],
)
def test_a_reading_of_another_form_is_refused(
    client: TestClient, result_id: str, data: dict[str, str], status: int
) -> None:
    assert client.post(f"/results/{result_id}/readings", data=data).status_code == status


def test_programs_read_and_write_readings(client: TestClient, result_id: str) -> None:
    address = f"{ANALYSES}/{result_id}/readings"
    said = {"agrees": True, "marks": [{"kind": "stroke", "points": [[0, 0], [1, 1]]}]}
    assert client.post(address, json=said).status_code == 201
    (kept,) = client.get(address).json()["readings"]
    assert kept["agrees"] is True
    assert kept["marks"] == [{"kind": "stroke", "points": [[0.0, 0.0], [1.0, 1.0]]}]
    outside = {"marks": [{"kind": "box", "points": [[0, 0], [2, 2]]}]}
    assert client.post(address, json=outside).json()["code"] == "reading-marks"
    assert client.post(address, json={}).json()["code"] == "reading-empty"
    assert client.get(f"{ANALYSES}/{'0' * 8}/readings").status_code == 404


def test_the_agreement_of_readers_has_a_page(client: TestClient, result_id: str) -> None:
    assert "No two readers" in client.get("/readings").text
    for finding in ("COVID-19", "COVID-19"):
        client.cookies.clear()
        client.post(f"{ANALYSES}/{result_id}/readings", json={"finding": finding})
    page = client.get("/readings").text
    assert "chance alone explains it" in page


def test_an_empty_reading_leads_back_to_its_result(client: TestClient) -> None:
    sent = client.post("/api/v1/analyses", files={"files": ("film.png", b"film")})
    address = f"/results/{sent.json()['results'][0]['id']}"
    answer = client.post(f"{address}/readings", data={"marks": "[]"})
    assert answer.status_code == 422
    assert f'<a href="{address}">Back to the result</a>' in answer.text
    assert "Back to the result" not in client.get("/nowhere").text
