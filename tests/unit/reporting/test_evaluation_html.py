"""The evaluation report as a reader and a parser meet it."""

import base64
import dataclasses
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from thoracle.core.errors import EvaluationError
from thoracle.core.results import DISCLAIMER, Reason
from thoracle.evaluation.estimate import Estimate, unknown
from thoracle.evaluation.figures import EvaluationFigures, evaluate_classifier
from thoracle.evaluation.figures_json import figures_from_json
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.simulated import simulated_input
from thoracle.reporting.evaluation_html import (
    MISTAKES_SHOWN,
    FigureTable,
    MisclassifiedFilm,
    evaluation_html,
    evaluation_json,
    tables_html,
)


def png() -> bytes:
    content = io.BytesIO()
    Image.fromarray(np.full((4, 4), 90, np.uint8)).save(content, "PNG")
    return content.getvalue()


@pytest.fixture(scope="module")
def figures() -> EvaluationFigures:
    films = simulated_input(
        films=120,
        separation=2.0,
        overconfidence=2.0,
        generator=np.random.default_rng(0),
        thresholds=(0.3, 0.4, 0.5),
    )
    options = EvaluationOptions(resamples=50)
    return evaluate_classifier(films, generator=np.random.default_rng(1), options=options)


FILM = MisclassifiedFilm(
    film="film <1>",
    reference="No finding",
    predicted="COVID-19",
    reference_probability=0.03,
    predicted_probability=0.95,
    source="hospital-a",
    png=png(),
)


def page(
    figures: EvaluationFigures,
    *,
    films: tuple[MisclassifiedFilm, ...] = (FILM,),
    with_films: bool = True,
) -> str:
    return evaluation_html(
        figures,
        title="Test films & more",
        subtitle="made up",
        provenance={"Bundle": "radiograph <0.1>"},
        misclassified=films,
        with_films=with_films,
    )


def words(html: str) -> str:
    body = re.sub(r"<style>.*?</style>|data:[^\"]*", "", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_the_page_is_one_file_without_scripts_or_addresses(figures: EvaluationFigures) -> None:
    html = page(figures)
    assert html.lstrip().startswith("<!DOCTYPE html>")
    assert "<script" not in html
    assert not re.search(r"(src|href)=\"(?!data:)", html)
    assert "http" not in re.sub(r"data:[^\"]*", "", html)
    assert html.count("data:image/svg+xml;base64,") == 5


def test_disclaimer_and_every_caution_are_read(figures: EvaluationFigures) -> None:
    html = page(figures)
    assert html.count(DISCLAIMER) == 2
    text = words(html).replace("&#39;", "'")
    for one in figures.cautions:
        assert " ".join(one.text.split()) in text


def test_values_stand_with_their_interval_and_say_how_they_came(
    figures: EvaluationFigures,
) -> None:
    html = page(figures)
    one = figures.overall.argmax[2].sensitivity
    assert one.value is not None
    assert one.low is not None
    assert one.high is not None
    shown = f"{100 * one.value:.1f} % ({100 * one.low:.1f}–{100 * one.high:.1f})"
    assert f'title="n = {one.n}; wilson">{shown}' in html
    assert "by patient (" in html


def test_films_of_different_patients_have_no_second_interval(figures: EvaluationFigures) -> None:
    data = dataclasses.replace(figures.data, patients=figures.data.films)
    html = page(dataclasses.replace(figures, data=data))
    assert "<small>by patient" not in html


def test_text_from_outside_is_escaped(figures: EvaluationFigures) -> None:
    html = page(figures)
    assert "film &lt;1&gt;" in html
    assert "radiograph &lt;0.1&gt;" in html
    assert "Test films &amp; more" in html
    assert "film <1>" not in html


def test_misclassified_films_are_shown_with_both_findings(figures: EvaluationFigures) -> None:
    html = page(figures)
    assert base64.b64encode(png()).decode() in html
    assert "Reference: No finding 0.03 Predicted: COVID-19 0.95" in words(html)
    assert "keep it as you keep them" in html


def test_without_films_the_list_stays_and_the_pictures_go(figures: EvaluationFigures) -> None:
    html = page(figures, with_films=False)
    assert "data:image/png" not in html
    assert "Predicted: COVID-19" in words(html)
    assert "keep it as you keep them" not in html


def test_a_film_without_thumbnail_is_listed(figures: EvaluationFigures) -> None:
    bare = dataclasses.replace(FILM, png=None, source=None)
    html = page(figures, films=(bare,))
    assert "data:image/png" not in html
    assert "film &lt;1&gt;<br>" in html


def test_no_mistakes_are_said(figures: EvaluationFigures) -> None:
    assert "None is listed." in page(figures, films=())


def test_of_many_mistakes_the_surest_are_listed_and_the_number_is_said(
    figures: EvaluationFigures,
) -> None:
    many = tuple(
        dataclasses.replace(FILM, film=f"film {number:03d}", png=None)
        for number in range(MISTAKES_SHOWN + 5)
    )
    text = words(page(figures, films=many))
    assert f"film {MISTAKES_SHOWN - 1:03d}" in text
    assert f"film {MISTAKES_SHOWN:03d}" not in text
    assert f"{MISTAKES_SHOWN} of {MISTAKES_SHOWN + 5}, all of which evaluation.json lists" in text
    assert "all of which" not in words(page(figures, films=many[:3]))


def test_tables_have_the_same_look_and_every_cell(figures: EvaluationFigures) -> None:
    table = FigureTable(
        caption="Pictures <accepted>",
        head=("pictures", "n", "value"),
        rows=(("frontal", "12", "99 %"), ("ct", "3", "–")),
    )
    html = tables_html(
        [table],
        title="gate & more",
        subtitle="all films",
        cautions=[Reason(code="training-films", text="Seen before.")],
        provenance={"bundle digest": "abc"},
    )
    assert html.lstrip().startswith("<!DOCTYPE html>")
    style = re.compile(r"<style>.*?</style>", re.DOTALL)
    assert style.findall(html) == style.findall(page(figures))
    text = words(html)
    assert "pictures n value frontal 12 99 % ct 3 –" in text
    assert "Pictures &lt;accepted&gt;" in html
    assert "Seen before." in text
    assert "bundle digest abc" in text
    assert html.count(DISCLAIMER) == 2
    assert "http" not in html
    assert table.markdown == (
        "| pictures | n | value |\n| --- | --- | --- |\n| frontal | 12 | 99 % |\n| ct | 3 | – |"
    )


def test_a_thumbnail_that_is_no_png_is_refused(figures: EvaluationFigures) -> None:
    wrong = dataclasses.replace(FILM, png=b"<svg onload=x>")
    with pytest.raises(EvaluationError, match="is not a PNG") as caught:
        page(figures, films=(wrong,))
    assert caught.value.code == "evaluation-thumbnail"


def test_an_unknown_figure_is_a_dash_with_its_reason(figures: EvaluationFigures) -> None:
    nothing = unknown(Reason(code="too-few-cases", text="3 positives."), n=9, method="delong-logit")
    odd = Estimate(value=0.5, low=None, high=None, n=9, method="x", left_out_resamples=7)
    ranking = dataclasses.replace(figures.overall.ranking[0], auroc=nothing, brier=odd)
    overall = dataclasses.replace(figures.overall, ranking=(ranking, *figures.overall.ranking[1:]))
    html = page(dataclasses.replace(figures, overall=overall))
    assert 'title="3 positives. n = 9; delong-logit">–</td>' in html
    assert 'title="n = 9; x; 7 resamples left out">0.500<' in html


def test_bare_figures_without_attributes_or_thresholds_are_rendered() -> None:
    films = simulated_input(
        films=30, separation=2.0, overconfidence=1.0, generator=np.random.default_rng(0)
    )
    reference = np.where(films.reference == 2, -1, films.reference)
    bare = dataclasses.replace(
        films, source=None, age_years=None, sex=None, view=None, reference=reference
    )
    options = EvaluationOptions(resamples=20)
    html = page(evaluate_classifier(bare, generator=np.random.default_rng(0), options=options))
    text = words(html)
    assert "No source, age, sex or view is known." in text
    assert "No thresholds were given" in text
    assert "films of unknown finding are left out" in text
    assert "None" not in text.replace("None is listed", "")
    assert "nan" not in text


def test_small_slices_are_listed_with_their_reason(figures: EvaluationFigures) -> None:
    small = [one for one in figures.subgroups if one.figures is None]
    assert small
    assert small[0].reason is not None
    assert small[0].reason.text in words(page(figures))


def test_the_json_holds_the_figures_and_the_disclaimer(figures: EvaluationFigures) -> None:
    content = evaluation_json(
        figures, provenance={"bundle": "radiograph"}, misclassified=[FILM], unreadable=["torn.png"]
    )
    assert content.endswith(b"}\n")
    written = json.loads(content)
    assert written["provenance"] == {"bundle": "radiograph"}
    assert written["unreadable"] == ["torn.png"]
    assert written["misclassified"] == [
        {
            "film": "film <1>",
            "source": "hospital-a",
            "reference": "No finding",
            "predicted": "COVID-19",
            "reference_probability": 0.03,
            "predicted_probability": 0.95,
        }
    ]
    assert written["disclaimer"] == DISCLAIMER
    assert b"NaN" not in content
    assert figures_from_json(content).overall.confusion == figures.overall.confusion
