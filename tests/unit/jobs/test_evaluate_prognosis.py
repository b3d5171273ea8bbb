"""Models are judged at all landmarks: better ones come out better, and the last day is told."""

import numpy as np
import pytest

from thoracle.datasets.prognosis.simulated import Simulation, simulate
from thoracle.jobs.evaluate_prognosis import Setting, judge
from thoracle.jobs.prognosis_asked import RULE, STAY, Model, asked_of, told_by_rule
from thoracle.prognosis.types import HORIZONS


@pytest.fixture(scope="module")
def simulated() -> Simulation:
    return simulate(200, rng=np.random.default_rng(1))


@pytest.fixture(scope="module")
def setting(simulated: Simulation) -> Setting:
    asked = asked_of(simulated.cohort.charts, admission_days=(1, 3), outcome_days=(0, 1, 3))
    truth = np.array(
        [simulated.true_risk(one.chart, max(0, one.index_h - 0.01)) for one in asked.landmarks]
    )
    noise = np.random.default_rng(0).random(truth.shape)
    models = [
        told_by_rule(asked),
        Model(name="truth", risks=truth[None]),
        Model(name="chance", risks=np.stack([noise, noise[::-1]])),
        Model(name="silent", risks=np.full((1, *truth.shape), np.nan)),
    ]
    return judge("all", models, asked, resamples=60)


def test_after_admission_all_horizons_are_judged_and_before_the_outcome_the_stay(
    setting: Setting,
) -> None:
    assert len(setting.of(is_anchored=False)) == 2 * len(HORIZONS)
    assert [one.horizon for one in setting.of(is_anchored=True)] == [STAY] * 3


def test_who_knows_the_state_is_better_than_the_rule_and_chance_is_none(setting: Setting) -> None:
    for cell in setting.of(is_anchored=False):
        rule, truth, chance, silent = cell.figures
        assert (rule.model, truth.model) == (RULE, "truth")
        if cell.horizon != STAY:
            continue
        assert truth.auroc.value is not None
        assert truth.auroc.value > 0.8
        assert truth.slope.value == pytest.approx(1.0, abs=0.5)
        assert chance.auroc.value == pytest.approx(0.5, abs=0.12)
        assert chance.auroc_sd is not None
        assert silent.answered == 0
        assert silent.auroc.value is None
        over = cell.over_rule
        assert over[0] is None
        assert over[1] is not None
        assert over[1].value is not None
        assert over[1].value > 0
        assert over[3] is not None
        assert over[3].value is None


def test_concordance_ranks_models_alike(setting: Setting) -> None:
    for told in setting.concordance.values():
        assert told[1].value is not None
        assert told[2].value is not None
        assert told[1].value > told[2].value
        assert told[3].value is None


def test_seeing_the_last_day_helps_who_knows_the_state(setting: Setting) -> None:
    (found,) = [one for one in setting.last_day if (one.model, one.days) == ("truth", 3)]
    assert found.gain.value is not None
    assert found.gain.value > 0
    assert found.at_outcome.n == found.earlier.n


def test_subgroups_are_judged_by_themselves(setting: Setting) -> None:
    names = [one.name for one in setting.subgroups]
    assert names[-2:] == ["women", "men"]
    women, men = setting.subgroups[-2:]
    whole = next(one for one in setting.cells if one.horizon == STAY)
    total = women.figures[0].landmarks + men.figures[0].landmarks
    assert total == whole.figures[0].landmarks
    ages = setting.subgroups[:3]
    assert sum(one.figures[0].landmarks for one in ages) == whole.figures[0].landmarks
