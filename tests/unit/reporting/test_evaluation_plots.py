"""Plots are valid SVG, repeatable, and need matplotlib only when drawn."""

import subprocess
import sys
from collections.abc import Callable
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest

from thoracle.core.errors import MissingExtraError
from thoracle.evaluation.figures import EvaluationFigures, evaluate_classifier
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.simulated import simulated_input
from thoracle.reporting.evaluation_plots import (
    confusion_svg,
    decision_svg,
    precision_recall_svg,
    reliability_svg,
    roc_svg,
)

PLOTS = [confusion_svg, roc_svg, precision_recall_svg, reliability_svg, decision_svg]
Plot = Callable[[EvaluationFigures], str]


def made_up(*, without: int | None = None) -> EvaluationFigures:
    films = simulated_input(
        films=90, separation=2.0, overconfidence=2.0, generator=np.random.default_rng(0)
    )
    kept = np.ones(90, bool) if without is None else films.reference != without
    options = EvaluationOptions(resamples=20)
    return evaluate_classifier(
        films.select(kept), generator=np.random.default_rng(1), options=options
    )


def texts(svg: str) -> str:
    root = ET.fromstring(svg)  # noqa: S314  (our own text)
    return " ".join(part.text or "" for part in root.iter() if part.tag.endswith("text"))


@pytest.fixture(scope="module")
def figures() -> EvaluationFigures:
    return made_up()


@pytest.mark.parametrize("plot", PLOTS)
def test_a_plot_is_svg_and_the_same_each_time(figures: EvaluationFigures, plot: Plot) -> None:
    first = plot(figures)
    assert ET.fromstring(first).tag.endswith("svg")  # noqa: S314  (our own text)
    assert plot(figures) == first


def test_the_confusion_plot_has_every_count(figures: EvaluationFigures) -> None:
    shown = texts(confusion_svg(figures)).split()
    for row in figures.overall.confusion:
        for cell in row:
            assert str(cell) in shown


def test_the_legends_have_the_areas(figures: EvaluationFigures) -> None:
    ranking = figures.overall.ranking[2]
    assert f"COVID-19: {ranking.auroc.value:.3f}" in texts(roc_svg(figures))
    shown = texts(precision_recall_svg(figures))
    assert f"COVID-19: {ranking.average_precision.value:.3f}" in shown


def test_a_finding_without_films_is_left_out_of_the_curves() -> None:
    figures = made_up(without=2)
    for plot in PLOTS:
        assert plot(figures)
    assert "COVID-19" not in texts(roc_svg(figures))
    assert "COVID-19" not in texts(precision_recall_svg(figures))


def test_few_films_have_curves_named_without_an_area() -> None:
    films = simulated_input(
        films=14, separation=2.0, overconfidence=2.0, generator=np.random.default_rng(0)
    )
    options = EvaluationOptions(resamples=20)
    figures = evaluate_classifier(films, generator=np.random.default_rng(1), options=options)
    assert figures.overall.ranking[0].auroc.value is None
    assert "No finding:" not in texts(roc_svg(figures))
    assert "No finding" in texts(roc_svg(figures))


def test_drawing_leaves_matplotlibs_settings_alone(figures: EvaluationFigures) -> None:
    before = dict(mpl.rcParams)
    roc_svg(figures)
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("plot", PLOTS)
def test_without_matplotlib_the_extra_is_named(
    figures: EvaluationFigures, plot: Plot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"extra 'research'.* pip install 'thoracle\["):
        plot(figures)


def test_importing_the_report_imports_no_research_package() -> None:
    code = (
        "import sys, thoracle.reporting.evaluation_html, thoracle.reporting.figures_markdown;"
        "sys.exit(bool({'matplotlib', 'sklearn', 'pandas', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
