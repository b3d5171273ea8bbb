import numpy as np

from thoracle.prognosis.analyze import ChartReader
from thoracle.prognosis.learned import Learned
from thoracle.prognosis.types import Chart
from thoracle.prognosis.variables import place_of


def test_limits_are_those_of_the_scaling_in_each_unit(chart_reader: ChartReader) -> None:
    learned = chart_reader.learned
    np.testing.assert_allclose(learned.median, [300.0, 40.0, 15.0, 94.0, 7.0])
    np.testing.assert_allclose(learned.high[0], 300 * np.exp(1.959964 * 0.5))
    np.testing.assert_allclose(learned.low[2], 15 - 1.959964 * 9)
    np.testing.assert_allclose(learned.highest[3], 94 + 5 * 4)
    np.testing.assert_allclose(learned.lowest[4], 7 * np.exp(-5 * 0.4))


def test_usable_is_what_is_known_to_the_model_and_recent(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    learned: Learned = chart_reader.learned
    usable = learned.is_usable(sick_chart, 14 * 24 + 2.0)
    is_temperature = sick_chart.variables == place_of("temperature")
    np.testing.assert_array_equal(usable, ~is_temperature & (sick_chart.times_h > 2.0))
