"""One place that charts come from, and what is said of them."""

from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.errors import ChartError
from thoracle.jobs.prognosis_build import BuildRequest, build_cohort, summary_lines


def test_simulated_charts_are_summed_up() -> None:
    cohort = build_cohort(BuildRequest(simulate=50, seed=2))
    line = next(summary_lines(cohort))
    assert line.startswith("simulated: stays 50 (death ")
    assert "), patients 50, variables 18, values " in line


def test_stays_without_a_value_are_said() -> None:
    cohort = build_cohort(BuildRequest(simulate=3, seed=2))
    empty = replace(
        cohort.charts[0],
        times_h=np.array([]),
        variables=np.array([], dtype=np.int64),
        values=np.array([]),
    )
    lines = list(summary_lines(replace(cohort, charts=(empty, *cohort.charts[1:]))))
    assert lines[1] == "stays without any value that was kept: 1"


@pytest.mark.parametrize(
    "request_", [BuildRequest(), BuildRequest(source="wuhan=x.csv", simulate=3)]
)
def test_one_place_is_needed(request_: BuildRequest) -> None:
    with pytest.raises(ChartError, match=r"found [02] places that charts come from"):
        build_cohort(request_)


@pytest.mark.parametrize("source", ["padua=x.csv", "wuhan", "wuhan="])
def test_an_unknown_source_is_refused(source: str) -> None:
    with pytest.raises(ChartError, match="expected NAME=FILE"):
        build_cohort(BuildRequest(source=source))
