"""The three-marker rule answers as published, and says nothing where a marker could change it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.prognosis.rule import MARKERS, three_marker_rule
from thoracle.prognosis.types import Chart
from thoracle.prognosis.variables import place_of


def _chart(ldh: float | None, hs_crp: float | None, lymphocytes: float | None) -> Chart:
    known = [
        (place_of(name), value)
        for name, value in zip(MARKERS, (ldh, hs_crp, lymphocytes), strict=True)
        if value is not None
    ]
    return Chart(
        patient="p",
        age_years=np.nan,
        sex="",
        admitted_at="",
        times_h=np.arange(float(len(known))),
        variables=np.array([place for place, _ in known], np.int64),
        values=np.array([value for _, value in known], np.float64),
        outcome=None,
    )


@pytest.mark.parametrize(
    ("ldh", "hs_crp", "lymphocytes", "is_death"),
    [
        (365.0, 1.0, 40.0, True),
        (364.9, 41.1, 1.0, False),
        (364.9, 41.2, 14.8, False),
        (364.9, 41.2, 14.7, True),
        (200.0, 300.0, 1.0, True),
    ],
)
def test_the_tree_of_the_paper_with_its_limits(
    ldh: float, hs_crp: float, lymphocytes: float, is_death: bool
) -> None:
    assert three_marker_rule(_chart(ldh, hs_crp, lymphocytes), 10.0).is_death is is_death


@pytest.mark.parametrize(
    ("chart", "code"),
    [
        (_chart(None, 1.0, 40.0), "rule-no-ldh"),
        (_chart(200.0, None, 10.0), "rule-no-hs-crp"),
        (_chart(200.0, 100.0, None), "rule-no-lymphocytes"),
        (_chart(200.0, None, None), "rule-no-hs-crp"),
        (_chart(None, None, None), "rule-no-ldh"),
    ],
)
def test_an_unknown_marker_that_could_decide_leaves_no_answer_and_is_named(
    chart: Chart, code: str
) -> None:
    found = three_marker_rule(chart, 10.0)
    assert found.is_death is None
    assert found.reason.code == code


def test_an_unknown_marker_that_cannot_change_the_answer_does_not_stand_in_its_way() -> None:
    assert three_marker_rule(_chart(400.0, None, None), 10.0).is_death is True
    assert three_marker_rule(_chart(200.0, 10.0, None), 10.0).is_death is False
    assert three_marker_rule(_chart(200.0, None, 30.0), 10.0).is_death is False


@given(
    ldh=st.floats(50, 2000),
    hs_crp=st.one_of(st.none(), st.floats(0, 400)),
    lymphocytes=st.one_of(st.none(), st.floats(0, 80)),
)
def test_an_answer_stays_whatever_the_unknown_markers_turn_out_to_be(
    ldh: float, hs_crp: float | None, lymphocytes: float | None
) -> None:
    found = three_marker_rule(_chart(ldh, hs_crp, lymphocytes), 10.0).is_death
    whole = {
        three_marker_rule(_chart(ldh, crp, share), 10.0).is_death
        for crp in ((0.0, 400.0) if hs_crp is None else (hs_crp,))
        for share in ((0.0, 80.0) if lymphocytes is None else (lymphocytes,))
    }
    assert whole == ({found} if found is not None else {True, False})


def test_values_after_the_index_time_are_not_looked_at() -> None:
    assert three_marker_rule(_chart(200.0, 100.0, 10.0), 1.5).is_death is None
    assert three_marker_rule(_chart(200.0, 100.0, 10.0), 2.0).is_death is True
