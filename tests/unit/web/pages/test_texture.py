"""The texture of a kept film on its page: asked for, in both languages, and drawn."""

import json

import pytest
from fastapi.testclient import TestClient

from thoracle.imaging.texture.definitions import FAMILIES, FEATURES
from thoracle.radiograph.regions import REGIONS
from thoracle.store.results import ResultStore
from thoracle.web.texts.texture import REGION_TITLES
from thoracle.web.texts.texture_titles import TEXTURE_TITLES

BOX = json.dumps([{"kind": "box", "points": [[0.2, 0.2], [0.8, 0.8]]}])


@pytest.fixture
def address(client: TestClient) -> str:
    """A film that was analyzed."""
    answer = client.post("/analyze", files={"files": ("film.png", b"film")}, follow_redirects=False)
    return str(answer.headers["location"])


def test_the_result_offers_texture_without_measuring_it(client: TestClient, address: str) -> None:
    page = client.get(address).text

    assert f'hx-post="{address}/texture"' in page
    assert '<option value="lungs">Both lungs</option>' in page
    assert "Q4LE" not in page


def test_a_region_is_measured_when_asked_for(client: TestClient, address: str) -> None:
    answer = client.post(f"{address}/texture", data={"region": "lungs"})

    assert answer.status_code == 200
    assert "Both lungs:" in answer.text
    for code in ("Q4LE", "GYBY", "22OV", "5QRC", "0GBI", "SODN", "QCDE"):
        assert f'<td class="code">{code}</td>' in answer.text
    assert ">nan<" not in answer.text
    assert '<option value="lungs" selected>' in answer.text


def test_titles_and_numbers_follow_the_language(client: TestClient, address: str) -> None:
    answer = client.post(
        f"{address}/texture", data={"region": "lungs"}, headers={"Accept-Language": "pt"}
    )

    assert answer.headers["content-language"] == "pt"
    assert "0," in answer.text


def test_what_is_drawn_is_measured_and_what_is_not_drawn_is_said(
    client: TestClient, address: str
) -> None:
    drawn = client.post(f"{address}/texture", data={"region": "drawn", "marks": BOX})
    missing = client.post(f"{address}/texture", data={"region": "drawn"})

    assert "Drawn region:" in drawn.text
    assert missing.status_code == 422
    assert "A drawn region needs a box" in missing.text


def test_the_newest_reading_with_marks_is_the_drawn_region(
    client: TestClient, store: ResultStore, address: str
) -> None:
    client.post(f"{address}/readings", data={"comment": "there", "marks": BOX})
    assert store.readings.of_results([address.rsplit("/", 1)[-1]])

    by_reading = client.post(f"{address}/texture", data={"region": "drawn"}).text
    by_form = client.post(f"{address}/texture", data={"region": "drawn", "marks": BOX}).text
    assert by_reading == by_form


def test_every_feature_family_and_region_has_a_title_that_is_translated() -> None:
    titles = set(TEXTURE_TITLES.values())
    of_films = [one for one in FEATURES.values() if one.family != "morph"]

    assert {one.title for one in of_films} | {FAMILIES[one.family] for one in of_films} == titles
    assert set(REGION_TITLES) == set(REGIONS)


def test_the_form_stands_on_a_page_of_its_own_too(client: TestClient, address: str) -> None:
    page = client.get(f"{address}/texture").text

    assert f'<a href="{address}">' in page
    assert "<select" in page


def test_an_unknown_region_is_an_error_and_not_a_table(client: TestClient, address: str) -> None:
    assert client.post(f"{address}/texture", data={"region": "liver"}).status_code == 422


def test_a_film_that_could_not_be_read_offers_nothing(client: TestClient) -> None:
    answer = client.post(
        "/analyze", files={"files": ("film.png", b"broken")}, follow_redirects=True
    )

    assert "hx-post" not in answer.text or "/texture" not in answer.text
    assert len(FEATURES) > 100
