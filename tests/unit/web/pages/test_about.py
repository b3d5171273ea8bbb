"""The page about Thoracle: its figures are those of the bundles, in either language."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from thoracle.jobs.about import PERCENT, PLAIN, AboutBundle, Figure
from thoracle.store.results import ResultStore
from thoracle.web.app import create_app
from thoracle.web.options import WebOptions
from thoracle.web.services import Extras

BUNDLE = AboutBundle(
    name="radiograph",
    version="9.9.9",
    task="classifier",
    intended_use="Research.",
    license="CC BY-NC-SA 4.0",
    figures=(
        Figure(
            evaluation="Adults, held-out patients",
            what="auroc",
            labels=("COVID-19", "No finding"),
            value=0.8149,
            low=0.75,
            high=0.867,
            films=246,
            form=PLAIN,
        ),
        Figure(
            evaluation="Cohen left out of training",
            what="refused",
            labels=("frontal turned by 90°",),
            value=0.995,
            low=None,
            high=None,
            films=200,
            form=PERCENT,
        ),
    ),
    card=(
        "# radiograph 9.9.9\n\n## What it is\n\n| Task | b |\n|---|---|\n"
        "| <script>1</script> | 2.5 |\n"
    ),
)


@pytest.fixture
def about(analyzer: Any, store: ResultStore, options: WebOptions) -> Iterator[TestClient]:
    app = create_app(analyzer, store, options=options, extras=Extras(bundles=(BUNDLE,)))
    with TestClient(app, base_url="http://127.0.0.1:8000") as opened:
        yield opened


def test_figures_stand_with_their_intervals(about: TestClient) -> None:
    page = about.get("/about").text
    assert "AUROC, COVID-19 against No finding" in page
    assert "0.815 (0.750 – 0.867)" in page
    assert "99.5 %" in page
    assert "It is not a medical device." in page


def test_figures_are_in_portuguese(about: TestClient) -> None:
    page = about.get("/about", headers={"accept-language": "pt"}).text
    assert "AUROC, COVID-19 contra Sem achados" in page
    assert "0,815 (0,750 – 0,867)" in page
    assert "Cohen fora do treino" in page
    assert "Recusadas: frontais giradas 90°" in page


def test_a_model_card_is_shown_and_nothing_in_it_runs(about: TestClient) -> None:
    page = about.get("/about/radiograph").text
    assert "<h1>radiograph 9.9.9</h1>" in page
    assert "<td>&lt;script&gt;1&lt;/script&gt;</td>" in page
    assert "<td>2.5</td>" in page
    assert about.get("/about/other").status_code == 404


def test_a_model_card_is_shown_in_the_language_of_each_reader(about: TestClient) -> None:
    for code, title, number in (("pt", "O que é", "2,5"), ("en", "What it is", "2.5")) * 2:
        page = about.get("/about/radiograph", headers={"accept-language": code}).text
        assert f'<html lang="{code}"' in page
        assert '<article class="card markdown">' in page
        assert f"<h2>{title}</h2>" in page
        assert f"<td>{number}</td>" in page
        assert "<td>&lt;script&gt;1&lt;/script&gt;</td>" in page
