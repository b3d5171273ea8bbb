"""Logistic regression and gradient boosting on last, lowest, highest and slope: what is simple."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.core.extras import require_research
from thoracle.core.progress import Progress, no_progress
from thoracle.jobs.prognosis_folds import learned_from
from thoracle.prognosis.features import summaries
from thoracle.prognosis.landmarks import after_admission, before_outcome
from thoracle.prognosis.types import HORIZONS, Chart, Landmark

LOGISTIC: Final = "logistic regression"
BOOSTING: Final = "gradient boosting"
LAST_SAMPLES: Final = "boosting on last samples"
LEARNING_DAYS: Final = (0.5, 1, 2, 3, 4, 5, 6, 7, 9, 11, 13)
"""Days after admission at which patients are learned from, each weighing as much in all."""
INNER_FOLDS: Final = 3
CELLS: Final = 32
SEED: Final = 20_340
_STAY: Final = len(HORIZONS) - 1

Maker = Callable[[float], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A simple model: its name, how one is made, and what is tried inside the learning part."""

    name: str
    make: Maker = field(repr=False)
    tried: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Landmarks as rows of summaries.

    Attributes
    ----------
    chart : (rows,) int64
        Place of the stay.
    features : (rows, columns) float64
        From `summaries`; NaN unknown.
    labels : (rows, 4) float64
        NaN unknown.
    """

    chart: IntArray = field(repr=False)
    features: DoubleArray = field(repr=False)
    labels: DoubleArray = field(repr=False)

    def take(self, kept: BoolArray) -> "Rows":
        """Return the rows that are kept."""
        return Rows(chart=self.chart[kept], features=self.features[kept], labels=self.labels[kept])


def require_baselines() -> None:
    """Stop early where no baseline can be fitted; that is a MissingExtraError."""
    require_research("sklearn", package="scikit-learn", need="the baselines need")


def rows_of(charts: Sequence[Chart], landmarks: Sequence[Landmark]) -> Rows:
    """Return landmarks as rows."""
    return Rows(
        chart=np.array([one.chart for one in landmarks], np.int64),
        features=summaries(charts, landmarks),
        labels=np.array([one.labels for one in landmarks]).reshape(-1, len(HORIZONS)),
    )


def learning_rows(charts: Sequence[Chart]) -> Rows:
    """Return the rows that are learned from: what a clinician has on each day of a stay."""
    found = [one for day in LEARNING_DAYS for one in after_admission(charts, days=day)]
    return rows_of(charts, found)


def last_sample_rows(charts: Sequence[Chart]) -> Rows:
    """Return what papers learned from: the last values before death or discharge."""
    return rows_of(charts, before_outcome(charts, days=0.0))


def baselines() -> tuple[Baseline, ...]:
    """Return both baselines, with what is tried for each; other numbers are fixed."""
    require_baselines()
    return (
        Baseline(name=LOGISTIC, make=_logistic, tried=(0.001, 0.01, 0.1)),
        Baseline(name=BOOSTING, make=_boosting, tried=(4, 12)),
    )


def out_of_fold_risks(
    baseline: Baseline,
    learning: Rows,
    judged: Rows,
    folds: IntArray,
    *,
    on_progress: Progress = no_progress,
) -> DoubleArray:
    """Tell risks of landmarks by models that never saw their patients.

    Parameters
    ----------
    baseline
        What is fitted, one for each horizon, with its number chosen inside the learning part.
    learning
        Rows of all stays.
    judged
        Rows to be told risks of.
    folds : (repeats, charts) int64
        From `patient_folds` or `temporal_fold`.
    on_progress
        Told of each fold.

    Returns
    -------
    (repeats, judged rows, 4) float64
        Never falling from one horizon to the next; NaN where a stay is in no fold.
    """
    told = np.full((len(folds), len(judged.chart), len(HORIZONS)), np.nan)
    names = [(repeat, fold) for repeat in range(len(folds)) for fold in _folds(folds[repeat])]
    for number, (repeat, fold) in enumerate(names):
        on_progress(baseline.name, number, len(names))
        own = learning.take(learned_from(folds[repeat], fold)[learning.chart])
        rows = np.flatnonzero(folds[repeat][judged.chart] == fold)
        told[repeat, rows] = fitted_risks(baseline, own, judged.features[rows])
    return told


def fitted_risks(baseline: Baseline, learning: Rows, features: DoubleArray) -> DoubleArray:
    """Fit a model for each horizon and tell risks of other rows.

    Parameters
    ----------
    baseline
        What is fitted.
    learning
        What is learned from: the number that is tried is chosen by folds of its patients.
    features : (rows, columns) float64
        Of others.

    Returns
    -------
    (rows, 4) float64
        Never falling from one horizon to the next.
    """
    chosen = chosen_number(baseline, learning)
    told = np.empty((len(features), len(HORIZONS)))
    for horizon in range(len(HORIZONS)):
        told[:, horizon] = told_by_one(baseline.make(chosen), learning, horizon, features)
    return np.maximum.accumulate(told, axis=1)


def chosen_number(baseline: Baseline, learning: Rows) -> float:
    """Return the number with the least surprise of patients left out, for the whole stay.

    Parameters
    ----------
    baseline
        With the numbers that are tried.
    learning
        Dealt into folds by stay.

    Returns
    -------
    float
        One of them.
    """
    charts = np.unique(learning.chart)
    dealt = np.random.default_rng(SEED).permutation(len(charts)) % INNER_FOLDS
    inner = dealt[np.searchsorted(charts, learning.chart)]
    losses = [
        sum(
            _surprise(
                told_by_one(
                    baseline.make(number),
                    learning.take(inner != fold),
                    _STAY,
                    learning.features[inner == fold],
                ),
                learning.take(inner == fold),
            )
            for fold in range(INNER_FOLDS)
        )
        for number in baseline.tried
    ]
    return baseline.tried[int(np.argmin(losses))]


def told_by_one(model: Any, learning: Rows, horizon: int, features: DoubleArray) -> DoubleArray:
    """Fit one model of one horizon and tell risks of other rows.

    Parameters
    ----------
    model
        Not yet fitted.
    learning
        Rows; those whose label is unknown teach nothing.
    horizon
        Place in `HORIZONS`.
    features : (rows, columns) float64
        Of others.

    Returns
    -------
    (rows,) float64
        A constant where all that is learned from fared alike.
    """
    known = ~np.isnan(learning.labels[:, horizon])
    has_event = learning.labels[known, horizon] > 0
    if not len(features):
        return np.empty(0)
    if len(np.unique(has_event)) < 2:
        return np.full(len(features), float(has_event.mean()) if has_event.size else np.nan)
    own = learning.features[known]
    columns = ~np.isnan(own).all(axis=0)
    model.fit(own[:, columns], has_event, sample_weight=_weights(learning.chart[known]))
    return np.asarray(model.predict_proba(features[:, columns])[:, 1], np.float64)


class _Logistic:
    """Logistic regression on standardized values, the median and a mark where one is unknown."""

    def __init__(self, strength: float) -> None:
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        self._pipeline = make_pipeline(
            SimpleImputer(strategy="median", add_indicator=True),
            StandardScaler(),
            LogisticRegression(C=strength, max_iter=2000),
        )

    def fit(
        self, features: DoubleArray, has_event: BoolArray, *, sample_weight: DoubleArray
    ) -> None:
        """Fit to rows that weigh differently."""
        self._pipeline.fit(features, has_event, logisticregression__sample_weight=sample_weight)

    def predict_proba(self, features: DoubleArray) -> Any:
        """Return the chances of no event and of an event."""
        return self._pipeline.predict_proba(features)


def _logistic(strength: float) -> Any:
    return _Logistic(strength)


class _Boosting:
    """Boosted trees on columns cut into cells of equal mass: scikit-learn's own are slow here."""

    def __init__(self, leaves: float) -> None:
        from sklearn.ensemble import HistGradientBoostingClassifier

        self._cuts: list[DoubleArray] = []
        self._trees = HistGradientBoostingClassifier(
            learning_rate=0.1,
            max_iter=60,
            max_leaf_nodes=int(leaves),
            min_samples_leaf=20,
            l2_regularization=1.0,
            max_features=0.3,  # of columns that say much the same
            early_stopping=False,
            random_state=SEED,
        )

    def fit(
        self, features: DoubleArray, has_event: BoolArray, *, sample_weight: DoubleArray
    ) -> None:
        """Fit to rows that weigh differently."""
        shares = np.linspace(0.0, 1.0, CELLS + 1)[1:-1]
        self._cuts = [np.unique(np.nanquantile(column, shares)) for column in features.T]
        self._trees.fit(self._cells(features), has_event, sample_weight=sample_weight)

    def predict_proba(self, features: DoubleArray) -> Any:
        """Return the chances of no event and of an event."""
        return self._trees.predict_proba(self._cells(features))

    def _cells(self, features: DoubleArray) -> DoubleArray:
        cells = [
            np.where(np.isnan(column), np.nan, np.searchsorted(cuts, column, side="right"))
            for cuts, column in zip(self._cuts, features.T, strict=True)
        ]
        return np.stack(cells, axis=1)


def _boosting(leaves: float) -> Any:
    return _Boosting(leaves)


def _weights(charts: IntArray) -> DoubleArray:
    """Return weights by which all stays count alike, one on average."""
    _, place, counts = np.unique(charts, return_inverse=True, return_counts=True)
    weights = 1.0 / counts[place]
    return np.asarray(weights / weights.mean(), np.float64)


def _surprise(told: DoubleArray, rows: Rows) -> float:
    """Return the weighted log loss of the whole stay's risk."""
    known = ~np.isnan(rows.labels[:, _STAY])
    if not known.any():
        return 0.0
    risks = np.clip(told[known], 1e-6, 1 - 1e-6)
    events = rows.labels[known, _STAY]
    losses = -(events * np.log(risks) + (1 - events) * np.log(1 - risks))
    return float(np.average(losses, weights=_weights(rows.chart[known])))


def _folds(folds: IntArray) -> list[int]:
    return [int(one) for one in np.unique(folds) if one >= 0]
