"""Risks of a bundle: calibrated, with an interval, never falling, in any number."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import scipy
from tests.unit.prognosis.conftest import HORIZON_SHIFTS
from tests.unit.prognosis.test_network import chart

from thoracle.core.errors import BundleError
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.prognosis.model import RiskModel, to_own_day
from thoracle.prognosis.network import BATCH, read_content, write_content
from thoracle.prognosis.types import Chart, Landmark
from thoracle.prognosis.variables import VARIABLES, place_of

UNKNOWN = np.full(4, np.nan)


def at(index_h: float, place: int = 0) -> Landmark:
    return Landmark(chart=place, index_h=index_h, labels=UNKNOWN)


@pytest.fixture
def model(risk_bundle: Path) -> RiskModel:
    """Logits are the last LDH, in hundreds above 300, and a shift of each horizon."""
    return RiskModel(open_bundle(str(risk_bundle)))


def test_a_risk_is_the_members_mean_calibrated(model: RiskModel) -> None:
    found = model.predict([chart([300.0, 500.0])], [at(0.0), at(1.0)])
    logits = np.array([[0.0], [2.0]]) + np.array(HORIZON_SHIFTS)
    np.testing.assert_allclose(found.risks, scipy.special.expit(logits / 2 + 0.5), rtol=1e-6)


def test_the_interval_is_as_wide_as_the_members_differ(model: RiskModel) -> None:
    found = model.predict([chart([300.0])], [at(0.0)])
    apart = scipy.special.logit(found.high) - scipy.special.logit(found.low)
    np.testing.assert_allclose(apart, 2 * 1.959964 * 0.5, rtol=1e-5)


def test_no_risk_is_above_that_of_a_later_horizon(risk_bundle: Path) -> None:
    content = read_content(risk_bundle)
    content.calibration.intercepts[:, 0] = 9.0
    write_content(content, risk_bundle)
    table = read_description(risk_bundle)
    table.pop("files")
    write_description(risk_bundle, table)
    found = RiskModel(open_bundle(str(risk_bundle))).predict([chart([300.0])], [at(0.0)])
    assert (np.diff(found.risks) >= 0).all()
    assert found.risks[0, 0] == found.risks[0, 1]


def test_what_came_later_changes_no_risk(model: RiskModel) -> None:
    risks = [
        model.predict([chart([300.0, later])], [at(0.5)]).risks.tolist() for later in (200, 900)
    ]
    assert risks[0] == risks[1]


def test_a_carried_value_contributes_to_the_day_it_was_measured_on(model: RiskModel) -> None:
    found = model.predict([chart([500.0])], [at(50.0)])
    contributions = found.contributions[0, :, place_of("ldh")]
    # Standardized 2, shown on days 0, 1 and 2, over 2 as one of two variables is known.
    np.testing.assert_allclose(contributions[:4], [0.0, 0.0, 3.0, 0.0])
    assert found.contributions.shape == (1, 14, len(VARIABLES))
    assert np.count_nonzero(found.contributions) == 1
    np.testing.assert_allclose(found.day_attention.sum(axis=1), 1.0, rtol=1e-6)


def test_moving_keeps_the_sum() -> None:
    rng = np.random.default_rng(1)
    parts = rng.normal(size=(3, 14, 5)).astype(np.float32)
    measured = (rng.random((3, 14, 5)) < 0.5).astype(np.float32)
    moved = to_own_day(parts, measured)
    np.testing.assert_allclose(moved.sum(axis=1), parts.sum(axis=1), rtol=1e-5, atol=1e-5)
    assert not moved[:, :-1][measured[:, :-1] == 0].any()


def test_of_no_landmarks_there_are_no_risks(model: RiskModel) -> None:
    found = model.predict([], [])
    assert found.risks.shape == found.low.shape == (0, 4)
    assert found.day_attention.shape == (0, 14)
    assert found.contributions.shape == (0, 14, len(VARIABLES))


def test_a_stream_says_what_a_prediction_says(model: RiskModel) -> None:
    count = BATCH + 5

    def charts() -> Iterator[tuple[Chart, float]]:
        for number in range(count):
            yield chart([200.0 + number]), 1.0

    told = np.concatenate(list(model.stream(charts())))
    whole = model.predict(
        [one for one, _ in charts()], [at(1.0, number) for number in range(count)]
    )
    np.testing.assert_allclose(told, whole.risks, rtol=1e-6)
    assert list(model.stream(iter(()))) == []


def test_a_bundle_of_another_task_is_refused(risk_bundle: Path) -> None:
    table = read_description(risk_bundle) | {"task": "gate"}
    table.pop("files")
    write_description(risk_bundle, table)
    with pytest.raises(BundleError, match="expected task 'prognosis'"):
        RiskModel(open_bundle(str(risk_bundle)))
