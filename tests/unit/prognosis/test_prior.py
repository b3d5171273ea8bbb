import math

import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.errors import ChartError
from thoracle.prognosis.prior import (
    LocalPrevalence,
    Share,
    at_prevalence,
    local_diagnosis,
    prevalence_at,
    read_prevalences,
    share_of,
    week_of,
)

COUNTS = "place,week,cases,population\nPorto,2020-W14,30,1000\nPorto,2020-W15,80,1000\n"
SHARES = st.floats(0.001, 0.999)


def _local(value: float, low: float, high: float) -> LocalPrevalence:
    return LocalPrevalence(
        place="Porto", week="2020-W14", share=Share(value=value, low=low, high=high)
    )


def test_half_at_even_odds_becomes_the_prevalence_itself() -> None:
    assert at_prevalence(0.5, calibrated_at=0.5, prevalence=0.1) == pytest.approx(0.1)


def test_a_positive_at_one_percent_is_mostly_false() -> None:
    # Odds 9:1 times (1/99) / (1/1): 9:99.
    assert at_prevalence(0.9, calibrated_at=0.5, prevalence=0.01) == pytest.approx(9 / 108)


@given(probability=SHARES, calibrated_at=SHARES)
def test_at_the_prevalence_of_calibration_nothing_changes(
    probability: float, calibrated_at: float
) -> None:
    told = at_prevalence(probability, calibrated_at=calibrated_at, prevalence=calibrated_at)
    assert told == pytest.approx(probability)


@given(probability=SHARES, one=SHARES, two=SHARES, three=SHARES)
def test_there_and_back_again_and_by_way_of_another(
    probability: float, one: float, two: float, three: float
) -> None:
    there = at_prevalence(probability, calibrated_at=one, prevalence=two)
    if 0 < there < 1:
        onward = at_prevalence(there, calibrated_at=two, prevalence=three)
        assert onward == pytest.approx(
            at_prevalence(probability, calibrated_at=one, prevalence=three), abs=1e-9
        )


@given(probability=SHARES, calibrated_at=SHARES, low=SHARES, high=SHARES)
def test_a_higher_prevalence_never_lowers_the_probability(
    probability: float, calibrated_at: float, low: float, high: float
) -> None:
    low, high = sorted((low, high))
    first, second = (
        at_prevalence(probability, calibrated_at=calibrated_at, prevalence=one)
        for one in (low, high)
    )
    assert first <= second + 1e-12


@pytest.mark.parametrize("bad", [(0.0, 0.5, 0.1), (1.0, 0.5, 0.1), (0.5, 0.0, 0.1), (0.5, 0.5, 5)])
def test_percents_and_certainties_are_refused(bad: tuple[float, float, float]) -> None:
    with pytest.raises(ChartError, match=r"expected them between 0 and 1\. Use 0\.05"):
        at_prevalence(bad[0], calibrated_at=bad[1], prevalence=bad[2])


def test_limits_take_those_of_both_shares() -> None:
    told = local_diagnosis(
        "COVID-19",
        0.8,
        calibrated_at=Share(value=0.5, low=0.4, high=0.6),
        local=_local(0.1, 0.05, 0.2),
    )
    assert told.probability == pytest.approx(4 / 13)
    assert told.low == pytest.approx(at_prevalence(0.8, calibrated_at=0.6, prevalence=0.05))
    assert told.high == pytest.approx(at_prevalence(0.8, calibrated_at=0.4, prevalence=0.2))
    assert told.low < told.probability < told.high
    assert (told.label, told.place, told.week) == ("COVID-19", "Porto", "2020-W14")


def test_without_cases_the_disease_is_not_expected_but_may_be() -> None:
    told = local_diagnosis(
        "COVID-19",
        0.8,
        calibrated_at=Share(value=0.5, low=0.4, high=0.6),
        local=LocalPrevalence(place="a", week="2020-W01", share=share_of(0, 100)),
    )
    assert told.probability == told.low == 0.0
    assert told.high > 0.0


def test_counts_have_wilsons_interval() -> None:
    share = share_of(30, 1000)
    peer = scipy.stats.binomtest(30, 1000).proportion_ci(method="wilson")
    assert (share.low, share.high) == pytest.approx((peer.low, peer.high))


@pytest.mark.parametrize("counts", [(3, 2), (-1, 2), (0, 0)])
def test_counts_that_cannot_be_are_refused(counts: tuple[int, int]) -> None:
    with pytest.raises(ChartError, match=f"found {counts[0]} cases of {counts[1]} people"):
        share_of(*counts)


def test_a_table_of_counts_is_read() -> None:
    table = read_prevalences("\ufeff" + COUNTS)
    found = prevalence_at(table, place="Porto", week="2020-W15")
    assert found.share == share_of(80, 1000)


def test_a_table_of_shares_is_read_with_limits_and_without() -> None:
    table = read_prevalences(
        "place,week,prevalence,low,high\nA,2020-W01,0.1,0.05,0.2\nA,2020-W02,0.3,,\n"
    )
    assert [one.share for one in table] == [
        Share(value=0.1, low=0.05, high=0.2),
        Share(value=0.3, low=0.3, high=0.3),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "found columns none"),
        ("place,week\nA,2020-W01\n", "found columns place, week"),
        ("place,week,cases\nA,2020-W01,3\n", "expected place, week, and prevalence or cases"),
        ("place,week,prevalence\nA,14,0.1\n", "found week '14' in row 2"),
        ("place,week,prevalence\nA,2020-W54,0.1\n", "expected an ISO week such as 2020-W14"),
        ("place,week,prevalence\nA,2020-W01,12\n", "found no share in row 2"),
        ("place,week,prevalence\nA,2020-W01,nan\n", "found no share in row 2"),
        ("place,week,prevalence\nA,2020-W01,\n", "found no share in row 2"),
        ("place,week,prevalence,low,high\nA,2020-W01,0.1,0.2,0.3\n", "within its limits"),
        ("place,week,cases,population\nA,2020-W01,3.5,10\n", "found no share in row 2"),
        ("place,week,cases,population\nA,2020-W01,11,10\n", "found 11 cases of 10 people"),
        (COUNTS + "Porto,2020-W14,1,2\n", "found 1 rows of a place and week"),
    ],
)
def test_a_table_that_cannot_be_is_refused(text: str, said: str) -> None:
    with pytest.raises(ChartError, match=said) as caught:
        read_prevalences(text)
    assert caught.value.code == "chart-prevalence-table"


def test_a_missing_week_is_told_and_none_stands_in_for_it() -> None:
    with pytest.raises(
        ChartError, match=r"found no week 2020-W16 of Porto .* 2020-W14 to 2020-W15"
    ):
        prevalence_at(read_prevalences(COUNTS), place="Porto", week="2020-W16")


def test_a_missing_place_is_told_with_those_that_are_there() -> None:
    with pytest.raises(ChartError, match=r"found no place 'Lisboa' .* expected one of: Porto"):
        prevalence_at(read_prevalences(COUNTS), place="Lisboa", week="2020-W14")


@pytest.mark.parametrize(
    ("admitted_at", "index_h", "week"),
    [
        ("2020-01-28T10:00:00", 0, "2020-W05"),
        ("2020-02-02T23:00:00", 2, "2020-W06"),
        ("2020-12-31T00:00:00", 24, "2020-W53"),
        ("2021-01-01", 0, "2020-W53"),
    ],
)
def test_the_week_is_that_of_iso_8601(admitted_at: str, index_h: float, week: str) -> None:
    assert week_of(admitted_at, index_h) == week


def test_without_a_date_the_week_is_asked_for() -> None:
    with pytest.raises(ChartError, match="Say which with --week"):
        week_of("", 3.0)


def test_not_even_rounding_makes_more_of_it_than_certain() -> None:
    assert at_prevalence(1 - 1e-12, calibrated_at=1e-6, prevalence=1) == pytest.approx(1)
    assert math.isfinite(at_prevalence(1e-12, calibrated_at=0.999, prevalence=1e-9))
