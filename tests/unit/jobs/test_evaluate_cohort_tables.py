"""Tables hold what was judged, a dash where nothing is known."""

import numpy as np
import pytest

from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.jobs.evaluate_cohort_tables import (
    curve_table,
    literature_table,
    reliability_table,
    rule_rates,
    rule_table,
    setting_tables,
)
from thoracle.jobs.evaluate_prognosis import judge
from thoracle.jobs.prognosis_asked import Asked, Model, asked_of, told_by_rule
from thoracle.jobs.prognosis_baselines import BOOSTING
from thoracle.reporting.figure_table import FigureTable


@pytest.fixture(scope="module")
def asked() -> Asked:
    return asked_of(simulate_cohort(120, rng=np.random.default_rng(0)).charts)


@pytest.fixture(scope="module")
def models(asked: Asked) -> list[Model]:
    risks = np.random.default_rng(0).random((2, len(asked.landmarks), 4))
    return [Model(name="chance", risks=risks), told_by_rule(asked)]


@pytest.fixture(scope="module")
def tables(asked: Asked, models: list[Model]) -> list[FigureTable]:
    return setting_tables(judge("All", models, asked, resamples=20))


def test_every_table_has_as_many_cells_in_a_row_as_columns(tables: list[FigureTable]) -> None:
    assert len(tables) == 9
    for table in tables:
        assert {len(row) for row in table.rows} == {len(table.head)}, table.caption
        assert table.caption.startswith("All: ")


def test_anchored_landmarks_are_said_to_be_anchored(tables: list[FigureTable]) -> None:
    assert "nobody knows it in advance" in tables[1].caption
    assert [row[0] for row in tables[1].rows][:2] == ["outcome − 0 days", "outcome − 1 days"]


def test_the_rule_is_told_with_how_many_it_answers_and_without_calibration(
    tables: list[FigureTable],
) -> None:
    assert ", n " in tables[0].rows[3][-1]
    assert {row[2] for row in tables[4].rows} == {"chance"}


def test_few_patients_of_a_group_are_said_to_be_few(asked: Asked, models: list[Model]) -> None:
    few = asked_of(asked.charts[:20])
    made = setting_tables(judge("All", [told_by_rule(few)], few, resamples=20))
    assert "too few" in made[-1].rows[0][-1]


def test_the_rule_is_right_as_often_as_its_answers_say(asked: Asked, models: list[Model]) -> None:
    rates = rule_rates(asked, models)
    (kind, found), *_ = rates
    rule = models[1].risks[0, asked.kind == 0, 3]
    died = asked.labels[asked.kind == 0, 3] > 0
    told = ~np.isnan(rule)
    assert kind.name == "admission + 1 days"
    assert found["ppv"].value == pytest.approx(died[told][rule[told] > 0].mean())
    assert len(rule_table(rates).rows) == len(asked.kinds)
    assert [row[1] for row in literature_table(rates).rows][:2] == ["100 %, 81 %", "92 %, 27 %"]
    assert len(literature_table(rates).rows) == 4


def test_the_calibration_curve_counts_all_patients(asked: Asked, models: list[Model]) -> None:
    rows = reliability_table(models[0], asked).rows
    assert sum(int(row[2]) for row in rows) == (asked.kind == 0).sum()
    silent = Model(name="silent", risks=np.full_like(models[0].risks, np.nan))
    assert reliability_table(silent, asked).rows == ()


def test_what_models_have_over_boosting_is_told_where_it_was_fitted(
    asked: Asked, models: list[Model]
) -> None:
    boosting = Model(name=BOOSTING, risks=models[0].risks)
    made = setting_tables(judge("All", [models[0], boosting], asked, resamples=20))
    (table,) = [one for one in made if "gradient boosting, in patients" in one.caption]
    assert table.head[1:] == ("chance",)
    assert {row[1] for row in table.rows if row[1] != "–"} == {"+0.000"}


def test_a_learning_curve_names_shares() -> None:
    assert curve_table([]).rows == ()
