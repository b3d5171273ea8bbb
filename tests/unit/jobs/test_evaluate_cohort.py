"""A cohort is judged in the folds that networks were trained in, or by a bundle of others."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.cohort import Cohort, Source
from thoracle.datasets.prognosis.out_of_fold import OutOfFold
from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.inference.bundle import Bundle
from thoracle.jobs import evaluate_cohort as module
from thoracle.jobs.evaluate_cohort import CohortRequest, evaluate_cohort
from thoracle.jobs.prognosis_asked import NEWS2, RULE, asked_of
from thoracle.jobs.prognosis_baselines import (
    BOOSTING,
    LAST_SAMPLES,
    LOGISTIC,
    baselines,
    out_of_fold_risks,
)
from thoracle.prognosis.types import Chart, Landmark, Risks

pytest.importorskip("sklearn")
ALL, THREE, LATER = "All variables", "Only LDH, hs-CRP and lymphocyte share", "Later patients"


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return simulate_cohort(90, rng=np.random.default_rng(0))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two quick baselines stand for both."""
    logistic = replace(baselines()[0], tried=(0.01,))
    monkeypatch.setattr(module, "CURVE_SHARES", (1.0,))
    monkeypatch.setattr(module, "baselines", lambda: (logistic, replace(logistic, name=BOOSTING)))


class _Half:
    """A network that tells everybody the same."""

    def predict(self, _charts: Sequence[Chart], landmarks: Sequence[Landmark]) -> Risks:
        half = np.full((len(landmarks), 4), 0.5)
        none = np.empty((len(landmarks), 0))
        return Risks(risks=half, low=half, high=half, day_attention=none, contributions=none)


def _bundle(**training: str) -> Bundle:
    return Bundle(
        folder=Path(),
        name="prognosis",
        version="1",
        task="prognosis",
        license="",
        intended_use="",
        population="adults",
        labels=(),
        input_size=14,
        input_form="",
        temperature=1.0,
        map_layers=(),
        map_scale={},
        numbers={},
        training=training,
        digest="d",
    )


def _out_of_fold(cohort: Cohort, *, patients: int) -> OutOfFold:
    asked = asked_of(cohort.charts)
    rows = [one for one in asked.landmarks if one.chart < patients]
    return OutOfFold(
        model="network 1",
        patient=tuple(cohort.charts[one.chart].patient for one in rows),
        index_h=np.array([one.index_h for one in rows]),
        repeat=np.zeros(len(rows), np.int64),
        fold=np.array([one.chart % 2 for one in rows]),
        is_only_three=np.zeros(len(rows), np.bool_),
        risks=np.random.default_rng(0).random((len(rows), 4)),
    )


@pytest.mark.usefixtures("quick")
def test_baselines_rule_and_news2_are_judged_with_all_variables_three_and_later_patients(
    cohort: Cohort,
) -> None:
    found = evaluate_cohort(CohortRequest(cohort=cohort, folds=2, repeats=1, resamples=20))
    names = {one.name[: len(LATER)]: one.models for one in found.settings}
    assert names[ALL[: len(LATER)]] == (LOGISTIC, BOOSTING, LAST_SAMPLES, RULE, NEWS2)
    assert names[THREE[: len(LATER)]] == (LOGISTIC, BOOSTING, LAST_SAMPLES, RULE)
    assert names[LATER] == (LOGISTIC, BOOSTING, RULE)
    later = found.settings[2].cells[0].figures[0]
    whole = found.settings[0].cells[0].figures[0]
    assert later.landmarks < whole.landmarks / 2
    assert [one[:2] for one in found.curve] == [(LOGISTIC, 1.0), (BOOSTING, 1.0)]
    assert (found.repeats, found.is_learned) == (1, False)


@pytest.mark.usefixtures("quick")
def test_networks_are_judged_by_what_they_told_out_of_fold_and_others_in_their_folds(
    cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = _out_of_fold(cohort, patients=90)
    seen = []
    real = out_of_fold_risks

    def spying(*args: Any, **named: Any) -> DoubleArray:
        seen.append(args[3])
        return real(*args, **named)

    monkeypatch.setattr(module, "out_of_fold_risks", spying)
    found = evaluate_cohort(
        CohortRequest(cohort=cohort, out_of_fold=told, temporal=told, resamples=20)
    )
    assert found.settings[0].models[0] == "network 1"
    assert found.settings[2].models[0] == "network 1"
    judged = np.array([one.chart for one in found.asked.landmarks])
    for folds in seen:
        np.testing.assert_array_equal(folds[0, judged], judged % 2)


def test_a_bundle_is_judged_beside_the_rule_alone(cohort: Cohort) -> None:
    request = CohortRequest(
        cohort=cohort, bundle=_bundle(cohort="wuhan"), network=_Half(), resamples=20
    )
    found = evaluate_cohort(request)
    assert found.settings[0].models == ("prognosis 1", RULE, NEWS2)
    assert len(found.settings) == 2
    assert found.curve == ()
    assert found.settings[0].cells[3].figures[0].auroc.value == 0.5


def test_a_bundle_that_learned_from_the_cohort_is_refused_or_said_to_have(
    cohort: Cohort,
) -> None:
    source = Source(name="x", file="f", sha256="abc123", license="", citation="")
    known = replace(cohort, sources=(source,))
    for bundle in (_bundle(cohort="simulated"), _bundle(files="SHA-256 abc123")):
        request = CohortRequest(cohort=known, bundle=bundle, network=_Half(), resamples=20)
        with pytest.raises(ChartError, match="learned from – expected others"):
            evaluate_cohort(request)
    found = evaluate_cohort(replace(request, learned_too=True))
    assert found.is_learned


def test_without_dates_of_admission_there_are_no_later_patients(cohort: Cohort) -> None:
    undated = replace(cohort, charts=tuple(replace(one, admitted_at="") for one in cohort.charts))
    request = CohortRequest(cohort=undated, with_baselines=False, folds=2, repeats=1, resamples=20)
    assert len(evaluate_cohort(request).settings) == 2


def test_patients_who_were_left_out_of_the_training_are_judged_alone(cohort: Cohort) -> None:
    left_out = frozenset(one.patient for one in cohort.charts[:70])
    bundle = _bundle(cohort=cohort.name)
    request = CohortRequest(
        cohort=cohort, bundle=bundle, network=_Half(), only=left_out, resamples=20
    )
    found = evaluate_cohort(request)
    assert not found.is_learned
    assert {one.patient for one in found.asked.charts} == left_out
    for wrong in (frozenset({"nobody"}), frozenset[str]()):
        with pytest.raises(ChartError, match="left out, one pseudonym a line"):
            evaluate_cohort(replace(request, only=wrong))
