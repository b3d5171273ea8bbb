"""The page of the training films, and a reader's film among them."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from thoracle.core.languages import language
from thoracle.inference.landscape import AGE_UNKNOWN
from thoracle.jobs.landscape import Surroundings
from thoracle.store.results import ResultStore
from thoracle.web.app import create_app
from thoracle.web.options import WebOptions
from thoracle.web.pages.projector import age_band
from thoracle.web.services import Extras

COUNT = 12


@pytest.fixture
def client(
    analyzer: object, store: ResultStore, options: WebOptions, surroundings: Surroundings
) -> Iterator[TestClient]:
    app = create_app(analyzer, store, options=options, extras=Extras(surroundings=surroundings))  # type: ignore[arg-type]
    with TestClient(app, base_url="http://127.0.0.1:8000") as opened:
        yield opened


@pytest.fixture
def placed(client: TestClient) -> str:
    """A kept result whose embedding is that of the seventh training film."""
    answer = client.post("/api/v1/analyses", files={"files": ("mine.png", b"film")})
    return str(answer.json()["results"][0]["id"])


def test_points_come_in_two_layouts_with_four_ways_to_color_them(client: TestClient) -> None:
    films = client.get("/projector/films.json").json()
    assert films["films"] == COUNT
    assert films["layouts"]["pca"][0][:3] == [0, 8, 16]  # times the spread of 2
    assert films["layouts"]["tsne"][2][:3] == [2, 6, 10]
    groups = films["groups"]
    assert groups["source"] == {"of": [0] * 6 + [1] * 6, "names": ["NIH ChestX-ray14", "Cohen"]}
    assert groups["age"]["names"] == ["30 to 39 years", "40 to 49 years", "unknown"]
    assert groups["age"]["of"][:3] == [2, 0, 1]
    assert sum(groups["error"]["of"]) == 1
    assert films["own"] is None


def test_a_readers_film_is_placed_with_its_neighbors(client: TestClient, placed: str) -> None:
    own = client.get(f"/projector/films.json?result={placed}").json()["own"]
    assert own["neighbors"][0] == 6
    assert own["pca"] == [48, 50, 52]
    page = client.get(f"/projector?result={placed}").text
    assert "Your film mine.png is the cross." in page
    assert "The 10 nearest training films" in page
    assert "3 show what your film is likeliest to show, and 5 come from one collection" in page
    assert f'href="/projector?result={placed}"' in client.get(f"/results/{placed}").text


def test_a_training_film_is_told_on_its_result(client: TestClient, placed: str) -> None:
    told = "is among those that the network learned from"
    page = client.get(f"/results/{placed}").text
    assert page.count(told) == 1
    assert "(training-film)" in page
    assert page.index(told) < page.index('id="verdict"')
    report = client.get(f"/api/v1/analyses/{placed}/report.pdf").content
    knee = client.post("/api/v1/analyses", files={"files": ("knee.png", b"knee")}).json()
    other = knee["results"][0]["id"]
    assert told not in client.get(f"/results/{other}").text
    assert len(report) > len(client.get(f"/api/v1/analyses/{other}/report.pdf").content)


def test_the_page_speaks_portuguese(client: TestClient, placed: str) -> None:
    headers = {"accept-language": "pt"}
    page = client.get(f"/projector?result={placed}", headers=headers).text
    assert "0,0" in page
    assert "Your film" not in page
    names = client.get("/projector/films.json", headers=headers).json()["groups"]["age"]["names"]
    assert names[0] == "30 a 39 anos"


def test_a_film_that_was_not_judged_is_not_placed(client: TestClient) -> None:
    answer = client.post("/api/v1/analyses", files={"files": ("torn.png", b"broken")})
    result_id = answer.json()["results"][0]["id"]
    page = client.get(f"/projector?result={result_id}").text
    assert "torn.png cannot be placed" in page
    assert client.get(f"/projector/films.json?result={result_id}").json()["own"] is None
    assert client.get("/projector?result=018f3b0e-7c00-7abc-8def-0123456789ab").status_code == 404


def test_a_bundle_without_landscape_says_so(
    analyzer: object, store: ResultStore, options: WebOptions
) -> None:
    app = create_app(analyzer, store, options=options)  # type: ignore[arg-type]
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        assert "ships no training films" in client.get("/projector").text
        assert client.get("/projector/films.json").json() == {"films": 0}


def test_a_band_of_ages_is_named() -> None:
    assert age_band(0, language("en")) == "0 to 9 years"
    assert age_band(AGE_UNKNOWN, language("en")) == "unknown"
