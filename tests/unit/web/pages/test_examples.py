"""The first page offers films to try, one click each."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from thoracle.imaging.encode import png_bytes
from thoracle.jobs.example_films import ExampleFilms
from thoracle.jobs.open_films import CREDITS_NAME, keep_credit, read_list, shipped_list
from thoracle.store.results import ResultStore
from thoracle.web.app import create_app
from thoracle.web.options import WebOptions
from thoracle.web.services import Extras


@pytest.fixture
def offering(
    analyzer: Any, store: ResultStore, options: WebOptions, tmp_path: Path
) -> Iterator[TestClient]:
    folder = tmp_path / "films"
    folder.mkdir()
    (folder / "one film.png").write_bytes(b"film")
    (folder / "two.dcm").write_bytes(b"film")
    extras = Extras(examples=ExampleFilms(tmp_path, folder))
    app = create_app(analyzer, store, options=options, extras=extras)
    with TestClient(app, base_url="http://127.0.0.1:8000") as opened:
        yield opened


def test_the_strip_shows_every_film_small(offering: TestClient, tmp_path: Path) -> None:
    ramp = np.add.outer(np.arange(640), np.arange(320)).astype(np.uint16)
    (tmp_path / "films" / "one film.png").write_bytes(png_bytes(ramp))
    page = offering.get("/").text
    assert '<img src="/examples/one%20film.png"' in page
    assert 'action="/examples/two.dcm"' in page
    answer = offering.get("/examples/one film.png")
    assert answer.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(answer.content)) as small:
        assert small.size == (80, 160)
        grey = np.asarray(small)
        assert grey[0, 0] < grey[-1, -1]
    assert offering.get("/examples/two.dcm").status_code == 422  # no film at all
    assert offering.get("/examples/three.png").status_code == 404


def test_one_click_leads_to_the_result(offering: TestClient) -> None:
    page = offering.post("/examples/one film.png")
    assert page.url.path.startswith("/results/")
    assert "Analysis of one film.png" in page.text


def test_what_is_not_offered_is_not_there(offering: TestClient, client: TestClient) -> None:
    assert offering.post("/examples/other.png").status_code == 404
    assert client.post("/examples/one film.png").status_code == 404
    assert "Try one of these" not in client.get("/").text


def test_the_first_page_names_who_is_owed_for_a_film(offering: TestClient, tmp_path: Path) -> None:
    assert "Where the real films come from" not in offering.get("/").text
    film = read_list(shipped_list()).films[0]
    keep_credit(tmp_path / "films", film)
    assert film.license not in offering.get("/").text  # its film is not there
    (tmp_path / "films" / film.name).write_bytes(b"film")
    page = offering.get("/").text
    assert "Where the real films come from" in page
    assert f'{film.name}: {film.finding}, {film.view}. <a href="{film.source}"' in page
    assert f"{film.credit}</a>. {film.license}" in page
    assert offering.get(f"/examples/{CREDITS_NAME}").status_code == 404


def test_a_credit_cannot_bring_a_script(offering: TestClient, tmp_path: Path) -> None:
    text = (
        '["two.dcm"]\nfinding = "<b>"\nview = "PA"\nlicense = "CC BY"\ncredit = "<script>"\n'
        'source = "https://example.org/"\n'
    )
    (tmp_path / "films" / CREDITS_NAME).write_text(text, "utf-8")
    page = offering.get("/").text
    assert "&lt;script&gt;</a>" in page
    assert "two.dcm: &lt;b&gt;" in page
