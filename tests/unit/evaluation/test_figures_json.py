"""Figures survive being written and read."""

import dataclasses
import json

import numpy as np
import pytest

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.figures import EvaluationFigures
from thoracle.evaluation.figures_json import figures_from_json, figures_to_json


def test_what_is_written_is_read_back(figures: EvaluationFigures) -> None:
    text = json.dumps(figures_to_json(figures), allow_nan=False)
    again = figures_from_json(text)
    assert again.overall.confusion == figures.overall.confusion
    assert again.cautions == figures.cautions
    assert again.subgroups[0].reason == figures.subgroups[0].reason
    first, second = figures.overall.pairs[0].auroc, again.overall.pairs[0].auroc
    assert second.value == pytest.approx(first.value, rel=1e-5)
    assert json.dumps(figures_to_json(again)) == text


def test_nan_becomes_null_and_null_becomes_nan(figures: EvaluationFigures) -> None:
    calibration = dataclasses.replace(figures.overall.calibration, nll_uncalibrated=float("nan"))
    changed = dataclasses.replace(
        figures, overall=dataclasses.replace(figures.overall, calibration=calibration)
    )
    written = figures_to_json(changed)
    assert written["overall"]["calibration"]["nll_uncalibrated"] is None
    again = figures_from_json(json.dumps(written, allow_nan=False))
    assert np.isnan(again.overall.calibration.nll_uncalibrated)


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(EvaluationError, match="are not JSON") as caught:
        figures_from_json(b"{")
    assert caught.value.code == "evaluation-schema"


@pytest.mark.parametrize("content", ["[]", "{}", '{"schema": "thoracle-evaluation/0"}'])
def test_another_schema_is_refused(content: str) -> None:
    with pytest.raises(EvaluationError, match="expected 'thoracle-evaluation/1'"):
        figures_from_json(content)


def test_a_missing_or_misused_field_is_named(figures: EvaluationFigures) -> None:
    written = figures_to_json(figures)
    missing = {key: value for key, value in written.items() if key != "overall"}
    with pytest.raises(EvaluationError, match="'overall'"):
        figures_from_json(json.dumps(missing))
    with pytest.raises(EvaluationError, match="'many' is not int"):
        figures_from_json(json.dumps({**written, "data": {**written["data"], "films": "many"}}))


def test_figures_stored_before_a_part_was_thought_of_are_read(
    figures: EvaluationFigures,
) -> None:
    content = figures_to_json(figures)
    for name in ("family", "decision_curves", "precisions", "dependence"):
        del content[name]
    del content["options"]["half_width"]
    found = figures_from_json(json.dumps(content))
    assert found.family is None
    assert found.decision_curves == ()
    assert found.options == figures.options
