"""Answers on evaluation follow from the bundle's own metrics."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from thoracle.inference.bundle import open_bundle
from thoracle.jobs.claim_answers import Held
from thoracle.jobs.claim_results import RESULT_ANSWERS

ESTIMATE = {"value": 0.5, "low": 0.4, "high": 0.6}
FIGURES: dict[str, Any] = {
    "options": {"confidence": 0.95, "resamples": 2000},
    "data": {
        "films": 30, "patients": 20, "films_unknown_reference": 2, "by_source": {"x": [1, 2, 3]},
        "age": {"known": 0}, "sex": {"F": 3}, "view": {"PA": 30},
    },
    "overall": {
        "pairs": [{"positive": "A", "negative": "B", "auroc_clustered": ESTIMATE}],
        "threshold": [
            {"label": "A", "sensitivity": ESTIMATE, "specificity": ESTIMATE | {"low": None}}
        ],
    },
}  # fmt: skip


@pytest.fixture
def held(bundles: Path) -> Held:
    own = {"markdown": "Scope: test split.", "figures": FIGURES, "network_digest": "n"}
    return Held(
        bundle=open_bundle("radiograph"),
        table={"files": {"network.onnx": "n"}},
        recipe={},
        metrics={"evaluations": {"Held-out": own}},
    )


def said(held: Held, number: int) -> str:
    answer = RESULT_ANSWERS[number](held)
    return "" if answer is None else answer.text


def test_figures_are_told_with_their_intervals(held: Held) -> None:
    assert said(held, 37) == "AUROC: A against B 0.500 (0.400 to 0.600)."
    assert said(held, 38) == "A: sensitivity 50.0 % (40.0 to 60.0), specificity unknown."
    assert said(held, 32) == "Judged as Held-out: 30 films of 20 patients."
    assert "2000 bootstrap resamples" in said(held, 29)
    assert said(held, 36) == "Test films: age known of 0; sex F 3."


def test_another_networks_figures_are_not_told_as_its_own(held: Held) -> None:
    other = replace(held, table={"files": {"network.onnx": "another"}})
    assert said(other, 38) == said(other, 36) == ""
    assert "tables of the model card" in said(other, 32)


@pytest.mark.parametrize("is_other", [False, True])
def test_external_films_count_whole_only_for_this_network(held: Held, is_other: bool) -> None:
    judged = "Judged here: r 1.2, not this bundle.\n\n" if is_other else ""
    one = {"markdown": f"{judged}Scope: external split; x.", "figures": {}}
    answer = RESULT_ANSWERS[33](replace(held, metrics={"evaluations": {"X left out": one}}))
    assert answer is not None
    assert ("The network judged there is r 1.2." in answer.text) is is_other
    assert answer.is_whole is not is_other


def test_an_audit_answers_for_robustness_and_maps(held: Held) -> None:
    assert said(held, 30) == ""
    verdicts = [{"outcome": "passes"}, {"outcome": "fails"}, {"outcome": "passes"}]
    audited = replace(held, metrics={"audit": {"verdicts": verdicts}})
    assert said(audited, 30) == "Verdicts of the shortcut laboratory: 1 fails, 2 passes."
    explained = RESULT_ANSWERS[31](audited)
    assert explained is not None
    assert explained.is_whole


def test_without_metrics_nothing_is_said_of_results(held: Held) -> None:
    bare = replace(held, metrics={})
    assert {number for number in RESULT_ANSWERS if said(bare, number)} == {31, 41, 43}
