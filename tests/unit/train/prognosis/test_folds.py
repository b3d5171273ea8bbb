"""Patients are dealt evenly, and each is in one fold."""

import numpy as np
import pytest
from tests.unit.prognosis.test_features import chart

from thoracle.core.errors import ChartError
from thoracle.prognosis.types import DEATH, DISCHARGE, Outcome
from thoracle.train.prognosis.folds import deal, events_of


def test_folds_are_alike_in_size_and_events() -> None:
    has_event = np.arange(53) < 17
    dealt = deal(has_event, 5, rng=np.random.default_rng(1))
    assert set(np.bincount(dealt[has_event]).tolist()) == {3, 4}
    assert set(np.bincount(dealt[~has_event]).tolist()) == {7, 8}
    other = deal(has_event, 5, rng=np.random.default_rng(2))
    assert not np.array_equal(dealt, other)


def test_too_few_patients_are_an_error() -> None:
    with pytest.raises(ChartError, match="found 2 patients with the event") as caught:
        deal(np.arange(30) < 2, 3, rng=np.random.default_rng(1))
    assert caught.value.code == "chart-too-few"


def test_a_patient_has_the_event_if_any_stay_has() -> None:
    ends = (("a", DISCHARGE), ("a", DEATH), ("b", DISCHARGE))
    charts = [chart(patient=name, outcome=Outcome(event=end, time_h=1.0)) for name, end in ends]
    charts.append(chart(patient="c"))
    assert events_of(charts, ("a", "b", "c"), event=DEATH).tolist() == [True, False, False]
