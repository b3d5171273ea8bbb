"""Texture as JSON: every feature by name and code, bands on demand, drawings that are sent."""

from typing import get_args

import pytest
from fastapi.testclient import TestClient

from thoracle.imaging.texture.definitions import FEATURES
from thoracle.radiograph.regions import REGIONS
from thoracle.web.api_texture import RegionName


@pytest.fixture
def address(client: TestClient) -> str:
    """Of the texture of a film that was analyzed."""
    answer = client.post("/api/v1/analyses?file=film.png", content=b"film")
    return f"/api/v1/analyses/{answer.json()['results'][0]['id']}/texture"


def test_every_feature_of_a_film_is_there_with_its_code(client: TestClient, address: str) -> None:
    found = client.get(address).json()
    of_films = {name for name, one in FEATURES.items() if one.family != "morph"}

    assert {one["name"] for one in found["features"]} == of_films
    assert found["region"] == "lungs"
    assert found["aggregation"] == "SUJT"
    by_name = {one["name"]: one for one in found["features"]}
    assert by_name["cm_contrast"]["code"] == "ACUI"
    assert by_name["shape_area"]["code"] is None
    assert by_name["stat_mean"]["value"] is not None


def test_wavelet_bands_come_when_asked_for(client: TestClient, address: str) -> None:
    bands = {one["band"] for one in client.get(f"{address}?wavelets=true").json()["features"]}

    assert bands == {None, "ll", "lh", "hl", "hh"}


def test_a_drawing_is_measured_and_not_kept(client: TestClient, address: str) -> None:
    box = {"kind": "box", "points": [[0.1, 0.1], [0.9, 0.9]]}
    found = client.post(address, json={"marks": [box]}).json()

    assert found["region"] == "drawn"
    assert found["pixels"] > 0
    assert client.get(f"{address}?region=drawn").status_code == 422


def test_a_region_too_small_has_unknown_values_and_not_0(client: TestClient, address: str) -> None:
    dot = {"kind": "box", "points": [[0.5, 0.5], [0.5, 0.5]]}
    found = client.post(address, json={"marks": [dot]}).json()["features"]

    grey = [one["value"] for one in found if not one["name"].startswith("shape_")]
    assert set(grey) == {None}


def test_regions_are_named_as_the_task_names_them() -> None:
    assert get_args(RegionName) == REGIONS


def test_an_unknown_result_is_a_problem(client: TestClient) -> None:
    unknown = "/api/v1/analyses/00000000-0000-7000-8000-000000000000/texture"

    assert client.get(unknown).status_code == 404
