"""Told risks are judged by rank, calibration, skill and net benefit, by patient and repeat."""

from dataclasses import replace

import numpy as np
import pytest
import scipy

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.prognosis import (
    ACTION_RISKS,
    ToldRisks,
    auroc_difference,
    risk_figures,
)


def _told(*, landmarks: int = 300, noise: float = 0.0, model: str = "m") -> ToldRisks:
    """Return true risks, or such with noise on the logit."""
    rng = np.random.default_rng(5)
    scores = rng.normal(0, 1.5, landmarks)
    has_event = rng.random(landmarks) < scipy.special.expit(scores)
    seen = scores + noise * np.random.default_rng(6).normal(0, 1, landmarks)
    return ToldRisks(
        model=model,
        risks=scipy.special.expit(seen)[None],
        has_event=has_event,
        patient=tuple(str(one) for one in range(landmarks)),
    )


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_figures_are_those_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    told = _told()
    found = risk_figures(told, generator=_rng(), resamples=50)
    events, risks = told.has_event, told.risks[0]
    assert found.auroc.value == pytest.approx(metrics.roc_auc_score(events, risks))
    assert found.average_precision.value == pytest.approx(
        metrics.average_precision_score(events, risks)
    )
    skill = 1 - metrics.brier_score_loss(events, risks) / (events.mean() * (1 - events.mean()))
    assert found.brier_skill.value == pytest.approx(skill)


def test_the_share_of_events_told_to_everybody_has_no_skill_and_ranks_nobody() -> None:
    told = _told()
    flat = replace(told, risks=np.full(told.risks.shape, told.has_event.mean()))
    found = risk_figures(flat, generator=_rng(), resamples=50)
    assert found.brier_skill.value == pytest.approx(0.0)
    assert found.auroc.value == pytest.approx(0.5)
    assert found.slope.value is None


def test_certain_and_right_is_perfect() -> None:
    told = _told()
    found = risk_figures(
        replace(told, risks=told.has_event[None].astype(float)), generator=_rng(), resamples=50
    )
    assert found.brier_skill.value == pytest.approx(1.0)
    assert found.net_benefit[0].value == pytest.approx(told.has_event.mean())
    assert (found.auroc.value, found.auroc.low) == (1.0, None)  # no spread is no certainty


def test_net_benefit_of_acting_on_everybody_is_that_of_telling_everybody_a_high_risk() -> None:
    told = _told()
    found = risk_figures(
        replace(told, risks=np.full(told.risks.shape, 0.9)), generator=_rng(), resamples=50
    )
    assert [one.value for one in found.net_benefit] == pytest.approx(list(found.net_benefit_of_all))
    assert len(found.net_benefit) == len(ACTION_RISKS)


def test_landmarks_without_an_answer_are_left_out_and_counted() -> None:
    told = _told()
    risks = told.risks.copy()
    risks[0, ::3] = np.nan
    found = risk_figures(replace(told, risks=risks), generator=_rng(), resamples=50)
    answered = told.take(np.arange(300) % 3 != 0)
    assert (found.landmarks, found.answered) == (300, 200)
    assert found.events == answered.has_event.sum()
    alone = risk_figures(answered, generator=_rng(), resamples=50)
    assert found.auroc.value == alone.auroc.value


def test_repeats_are_averaged_and_their_spread_is_told() -> None:
    told = _told()
    worse = _told(noise=3.0)
    both = replace(told, risks=np.concatenate([told.risks, worse.risks]))
    found = [risk_figures(one, generator=_rng(), resamples=50) for one in (told, worse, both)]
    values = [one.auroc.value or 0.0 for one in found]
    assert values[2] == pytest.approx((values[0] + values[1]) / 2)
    assert found[2].auroc_sd == pytest.approx(abs(values[0] - values[1]) / 2**0.5)
    assert found[0].auroc_sd is None


def test_a_rule_is_ranked_but_not_calibrated() -> None:
    told = _told()
    rule = replace(told, risks=(told.risks > 0.5).astype(float), is_probability=False)
    found = risk_figures(rule, generator=_rng(), resamples=50)
    assert found.auroc.value is not None
    assert found.brier_skill.value is None
    assert found.slope.reason is not None
    assert found.slope.reason.code == "no-probability"
    assert found.net_benefit == ()


def test_few_events_have_no_figures_and_say_so() -> None:
    found = risk_figures(_told(landmarks=12), generator=_rng(), resamples=50)
    assert found.auroc.value is None
    assert found.auroc.reason is not None
    assert found.auroc.reason.code == "too-few-cases"
    assert found.ece is None


def test_landmarks_of_one_patient_are_drawn_together() -> None:
    alone = _told(landmarks=100)
    ten = ToldRisks(
        model="m",
        risks=np.repeat(alone.risks, 10, axis=1),
        has_event=np.repeat(alone.has_event, 10),
        patient=tuple(np.repeat(alone.patient, 10).tolist()),
    )
    told = [risk_figures(one, generator=_rng(), resamples=300).auroc for one in (alone, ten)]
    assert told[0].low is not None
    assert (told[1].low, told[1].high) == pytest.approx((told[0].low, told[0].high))


def test_the_difference_of_a_model_and_itself_has_no_limits_and_one_with_noise_is_worse() -> None:
    told, worse = _told(), _told(noise=3.0, model="noisy")
    same = auroc_difference(told, told, generator=_rng(), resamples=50)
    assert same.value == 0.0
    assert same.low is None
    found = auroc_difference(told, worse, generator=_rng(), resamples=200)
    assert found.low is not None
    assert found.low > 0
    other = auroc_difference(worse, told, generator=_rng(), resamples=200)
    assert found.value == pytest.approx(-(other.value or 0.0))


def test_only_landmarks_that_both_answer_are_compared() -> None:
    told, worse = _told(), _told(noise=3.0)
    hidden = worse.risks.copy()
    hidden[0, :150] = np.nan
    found = auroc_difference(told, replace(worse, risks=hidden), generator=_rng(), resamples=50)
    kept = np.arange(300) >= 150
    alone = auroc_difference(told.take(kept), worse.take(kept), generator=_rng(), resamples=50)
    assert found.n == 150
    assert found.value == alone.value


def test_other_landmarks_are_not_compared() -> None:
    told = _told()
    with pytest.raises(EvaluationError, match="different landmarks"):
        auroc_difference(told, replace(told, has_event=~told.has_event), generator=_rng())
    few = _told(landmarks=12)
    assert auroc_difference(few, few, generator=_rng()).value is None


def test_arrays_of_other_lengths_are_refused() -> None:
    with pytest.raises(EvaluationError, match="one of each per landmark"):
        ToldRisks(model="m", risks=np.ones((1, 3)), has_event=np.ones(2, np.bool_), patient=("a",))
