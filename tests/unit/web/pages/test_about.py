"""The page about Thoracle: its figures are those of the bundles, in either language."""

from collections.abc import Iterator
from dataclasses import replace
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
    claim="# radiograph 9.9.9 CLAIM\n\n## Data\n\n**Unanswered.** <b>x</b>\n",
    verdicts=(
        (
            "Skill left without lungs",
            "lungs blackened",
            "0.12 (0.05 – 0.20), n 180",
            "at most 0.50",
            "passes",
            "Without the lungs, at most half of the skill is left.",
        ),
    ),
)

CT = AboutBundle(
    name="ct",
    version="1.0.0",
    task="ct_segmentation",
    intended_use="Research.",
    license="CC BY-NC-SA 4.0",
    figures=(
        Figure(
            evaluation="Held-out patients",
            what="ct dice",
            labels=("infection",),
            value=0.7,
            low=None,
            high=None,
            films=5,
            form=PLAIN,
        ),
        Figure(
            evaluation="Held-out patients",
            what="ct error",
            labels=("percentage of infection",),
            value=1.5,
            low=None,
            high=None,
            films=5,
            form=PLAIN,
        ),
    ),
    card="# ct 1.0.0\n",
    claim="# ct CLAIM\n",
)
BREATHING = AboutBundle(
    name="breathing",
    version="1.0.0",
    task="breathing_patterns",
    intended_use="Research.",
    license="CC BY-NC-SA 4.0",
    figures=(
        Figure(
            evaluation="Fresh simulated windows",
            what="pattern accuracy",
            labels=("10 dB",),
            value=0.987,
            low=0.98,
            high=0.99,
            films=7000,
            form=PERCENT,
        ),
    ),
    card="# breathing 1.0.0\n",
)
PROGNOSIS = replace(
    BREATHING,
    name="prognosis",
    task="prognosis",
    figures=(
        Figure(
            evaluation="Patients left out",
            what="risk auroc",
            labels=("admission + 3 days", "all that was measured"),
            value=0.912,
            low=0.88,
            high=0.94,
            films=300,
            form=PLAIN,
        ),
    ),
    card="# prognosis 1.0.0\n",
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


def test_verdicts_of_the_laboratory_stand_with_their_figure_and_reason(about: TestClient) -> None:
    page = about.get("/about").text
    for said in ("Shortcut laboratory", *BUNDLE.verdicts[0]):
        assert said in page


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


def test_the_checklist_is_led_to_and_shown_and_nothing_in_it_runs(about: TestClient) -> None:
    for path in ("/about", "/about/radiograph"):
        assert 'href="/about/radiograph/claim"' in about.get(path).text
    page = about.get("/about/radiograph/claim").text
    assert "<h1>radiograph 9.9.9 CLAIM</h1>" in page
    assert "<strong>Unanswered.</strong> &lt;b&gt;x&lt;/b&gt;" in page
    assert about.get("/about/nobody/claim").status_code == 404


def test_ct_and_breathing_are_told_of_in_both_languages(
    analyzer: Any, store: ResultStore, options: WebOptions
) -> None:
    app = create_app(analyzer, store, options=options, extras=Extras(bundles=(CT, BREATHING)))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        page = client.get("/about").text
        assert "Mean Dice over patients: infection on CT" in page
        assert "percentage of infection, in points" in page
        assert "Breathing pattern right: 10 dB" in page
        assert "/about/ct/claim" in page
        assert "/about/breathing/claim" not in page
        assert "/claim" not in client.get("/about/breathing").text
        assert client.get("/about/breathing/claim").status_code == 404
        spoken = client.get("/about", headers={"accept-language": "pt"}).text
        assert "Padrão respiratório certo: 10 dB" in spoken
        assert "98,7 %" in spoken


def test_risks_say_when_and_from_what_they_were_told(
    analyzer: Any, store: ResultStore, options: WebOptions
) -> None:
    app = create_app(analyzer, store, options=options, extras=Extras(bundles=(PROGNOSIS,)))
    with TestClient(app, base_url="http://127.0.0.1:8000") as opened:
        english = opened.get("/about").text
        portuguese = opened.get("/about", headers={"Accept-Language": "pt"}).text
    assert "AUROC, death in the stay, admission + 3 days, from all that was measured" in english
    assert "0.912 (0.880 – 0.940)" in english
    said = "AUROC, morte na internação, admissão + 3 dias, a partir de tudo o que foi medido"
    assert said in portuguese
