"""Patients to try are the same each time, hold what their names say, and not how they ended."""

import numpy as np
import pytest

from thoracle.core.errors import StoreError
from thoracle.jobs.chart_examples import EXAMPLES, FEW, example_chart
from thoracle.jobs.chart_files import ChartFile, read_chart_file
from thoracle.prognosis.variables import VARIABLES


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_read_as_any_table(name: str) -> None:
    content, read = example_chart(name)
    assert example_chart(name)[0] == content
    chart = read.noted.chart
    again = read_chart_file(ChartFile(name=name, content=content)).noted
    assert again.chart.values.tolist() == chart.values.tolist()
    np.testing.assert_allclose(again.chart.times_h, chart.times_h)
    assert again.notes.kept_out == ()
    assert chart.outcome is None
    assert chart.times_h.max() > 48


def test_one_example_has_the_three_markers_alone() -> None:
    chart = example_chart(FEW)[1].noted.chart
    names = {VARIABLES[place].name for place in chart.variables.tolist()}
    assert names == {"ldh", "hs_crp", "lymphocyte_percent"}


def test_another_name_is_refused() -> None:
    with pytest.raises(StoreError, match="found no example 'x'") as caught:
        example_chart("x")
    assert caught.value.code == "unknown-example"
