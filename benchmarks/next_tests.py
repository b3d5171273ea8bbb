"""Whether what would be measured next moves the risk as far as was expected.

Run `python benchmarks/next_tests.py COHORT`. Where a variable that was unknown or old is measured
within a day after an index time, its true value is put in at that time; how far the risk until
discharge moves is compared with how far it was expected to move. Of a cohort that the bundle
learned from, its forecasts are better than of others: the heading says of which it is.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import scipy

from thoracle.core.arrays import DoubleArray
from thoracle.datasets.prognosis.cohort import read_cohort
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.prognosis_predict import OpenedReader
from thoracle.prognosis.analyze import STAY, ChartReader, likely_values
from thoracle.prognosis.explain import predict_each
from thoracle.prognosis.landmarks import DAY_H, known_at
from thoracle.prognosis.next_test import measured_at, next_tests
from thoracle.prognosis.types import Chart
from timing import Figure, table_of

INDEX_DAYS = (1, 3, 7)
RESAMPLES = 1000


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cohort", type=Path, help="Folder from `thoracle prognosis build`.")
    parser.add_argument("--bundle", default="prognosis", help="Name or folder.")
    options = parser.parse_args()
    cohort = read_cohort(options.cohort)
    bundle = open_bundle(options.bundle)
    opened = OpenedReader.of(bundle)
    rows = [
        (float(place), *pair)
        for place, chart in enumerate(cohort.charts)
        for days in INDEX_DAYS
        for pair in pairs(chart, DAY_H * days, opened.reader)
    ]
    learned_from = bundle.training.get("cohort", "?")
    print(f"cohort {cohort.name}; bundle learned from {learned_from}")
    print(table_of(figures(np.array(rows, np.float64)), "expected against realized"))


def pairs(chart: Chart, index_h: float, reader: ChartReader) -> Iterator[tuple[float, float]]:
    """Yield how far a risk was expected to move and moved, by variable measured within a day."""
    is_next = (chart.times_h > index_h) & (chart.times_h <= index_h + DAY_H)
    known = known_at(chart, index_h)
    usable = reader.learned.is_usable(known, index_h)
    if not is_next.any() or not usable.any():
        return
    likely = likely_values(chart, index_h, reader)
    told = next_tests(chart, likely, index_h=index_h, model=reader.model, horizon=STAY)
    expected = {one.likely.variable: float(one.expected_change[STAY]) for one in told}
    measured = [one for one in np.unique(chart.variables[is_next]).tolist() if one in expected]
    firsts = [chart.values[is_next & (chart.variables == one)][0] for one in measured]
    charts = [
        measured_at(known, one, float(value), index_h)
        for one, value in zip(measured, firsts, strict=True)
    ]
    now, *after = predict_each([known, *charts], index_h=index_h, model=reader.model)
    for one, then in zip(measured, after, strict=True):
        yield expected[one], float(abs(then[STAY] - now[STAY]))


def figures(rows: DoubleArray) -> list[Figure]:
    """Compare both, with intervals over patients."""
    patients = np.unique(rows[:, 0])
    own = [rows[rows[:, 0] == one] for one in patients]
    rng = np.random.default_rng(0)
    draws = [
        np.concatenate([own[one] for one in rng.integers(0, len(own), len(own))])
        for _ in range(RESAMPLES)
    ]

    def told(name: str, of: Callable[[DoubleArray], float]) -> Figure:
        low, high = np.quantile([of(one) for one in draws], [0.025, 0.975])
        return Figure(name=name, value=f"{of(rows):.2f} ({low:.2f}–{high:.2f})")

    return [
        Figure(name="measurements, of patients", value=f"{len(rows)}, {len(patients)}"),
        told("expected change, points, mean", lambda some: 100 * float(some[:, 1].mean())),
        told("realized change, points, mean", lambda some: 100 * float(some[:, 2].mean())),
        told("rank correlation of both", correlation),
    ]


def correlation(rows: DoubleArray) -> float:
    """Return Spearman's."""
    return float(scipy.stats.spearmanr(rows[:, 1], rows[:, 2]).statistic)


if __name__ == "__main__":
    main()
