"""The plot of differences is valid SVG with every figure in shares, and its margin."""

from xml.etree import ElementTree as ET

import numpy as np

from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.paired import PairedFigures, compare_classifiers
from thoracle.evaluation.simulated import simulated_input
from thoracle.reporting.comparison_html import FIGURE_NAMES
from thoracle.reporting.comparison_plots import differences_svg


def compared(*, margin: float | None) -> PairedFigures:
    rng = np.random.default_rng(0)
    films = simulated_input(films=60, separation=2.0, overconfidence=2.0, generator=rng)
    options = EvaluationOptions(resamples=20)
    return compare_classifiers(films, films, generator=rng, options=options, margin=margin)


def test_shares_are_drawn_and_losses_are_not() -> None:
    svg = differences_svg(compared(margin=0.02), names=FIGURE_NAMES)
    root = ET.fromstring(svg)  # noqa: S314  (our own text)
    text = " ".join(part.text or "" for part in root.iter() if part.tag.endswith("text"))
    assert "Sensitivity, COVID-19" in text
    assert "AUROC, COVID-19 against Other lung opacity" in text
    assert "Brier" not in text


def test_a_margin_adds_its_line_and_the_same_figures_give_the_same_bytes() -> None:
    without = differences_svg(compared(margin=None), names=FIGURE_NAMES)
    with_margin = differences_svg(compared(margin=0.02), names=FIGURE_NAMES)
    assert with_margin.count("stroke-dasharray") == without.count("stroke-dasharray") + 1
    assert with_margin == differences_svg(compared(margin=0.02), names=FIGURE_NAMES)
