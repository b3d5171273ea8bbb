"""Studies of sets that are no charts: what one moment tells of what came later."""

import csv
import gzip
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.core.errors import ChartError
from thoracle.core.progress import Progress, no_progress
from thoracle.datasets.prognosis.carbon_health import read_carbon_health
from thoracle.datasets.prognosis.feature_table import FeatureTable
from thoracle.datasets.prognosis.sirio_libanes import read_sirio_libanes
from thoracle.evaluation.prognosis import RESAMPLES, RiskFigures, ToldRisks, risk_figures
from thoracle.jobs.prognosis_asked import STAY
from thoracle.jobs.prognosis_baselines import (
    SEED,
    Baseline,
    Rows,
    baselines,
    chosen_number,
    require_baselines,
    told_by_one,
)
from thoracle.jobs.prognosis_folds import EARLIER_SHARE, NEVER_JUDGED, learned_from
from thoracle.prognosis.types import HORIZONS

SMALL_NETWORK: Final = "small neural network"
FIRST_WINDOW: Final = 0
_BATCH_DATE: Final = "batch_date"
_NETWORK_STEPS: Final = 100  # stopped early on purpose: more of them fit the few patients too well


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealing:
    """How subjects are dealt: how many folds, and how many times anew."""

    folds: int
    repeats: int
    resamples: int = RESAMPLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What was found on one set.

    Attributes
    ----------
    table
        What was known, and what came.
    figures
        Of each model, on subjects left out.
    temporal
        Of each model, on later subjects by earlier ones; empty where nothing is dated.
    since, undated
        Date of the first later subject; how many have none, and are not in `temporal`.
    """

    table: FeatureTable = field(repr=False)
    dealing: Dealing
    figures: tuple[RiskFigures, ...]
    temporal: tuple[RiskFigures, ...] = ()
    since: str = ""
    undated: int = 0


def study_sirio(path: Path, *, dealing: Dealing, on_progress: Progress = no_progress) -> Study:
    """Predict intensive care from the first two hours alone.

    Parameters
    ----------
    path
        The set, as published.
    dealing
        Folds and repeats, by patient.
    on_progress
        Told of each fold.

    Returns
    -------
    Study
        Who was in intensive care in those two hours is out: no value of theirs is looked at.
    """
    require_baselines()
    table = read_sirio_libanes(path).known_in(FIRST_WINDOW)
    models = (*baselines(), small_network())
    return Study(
        table=table,
        dealing=dealing,
        figures=_judged(table, models, _dealt(table, dealing), dealing, on_progress),
    )


def study_carbon(path: Path, *, dealing: Dealing, on_progress: Progress = no_progress) -> Study:
    """Predict the swab's result from vital signs and symptoms, by visit and by date.

    Parameters
    ----------
    path
        The set, as put together from its batches.
    dealing
        Folds and repeats, by visit.
    on_progress
        Told of each fold.

    Returns
    -------
    Study
        With later visits judged by models of earlier ones.
    """
    require_baselines()
    table = read_carbon_health(path)
    models = baselines()
    figures = _judged(table, models, _dealt(table, dealing), dealing, on_progress)
    dates = np.array(batch_dates(path, table), np.str_)
    dated = _only(table, dates != "")  # one without a date may be earlier or later
    known = np.sort(dates[dates != ""])
    if not known.size:
        return Study(table=table, dealing=dealing, figures=figures)
    cut = known[round(EARLIER_SHARE * (known.size - 1))]
    later = np.where(dates[dates != ""] >= cut, 0, NEVER_JUDGED).astype(np.int64)[None]
    return Study(
        table=table,
        dealing=dealing,
        figures=figures,
        temporal=_judged(dated, models, later, dealing, on_progress),
        since=str(cut),
        undated=int((dates == "").sum()),
    )


def _only(table: FeatureTable, kept: BoolArray) -> FeatureTable:
    """Return some of the subjects."""
    return replace(
        table,
        subjects=tuple(np.array(table.subjects, np.str_)[kept].tolist()),
        values=table.values[kept],
        labels=table.labels[kept],
    )


def batch_dates(path: Path, table: FeatureTable) -> list[str]:
    """Return the date of each visit's batch, which is no feature.

    Parameters
    ----------
    path
        The set.
    table
        Read from it: its subjects are numbers of rows, the header being 1.

    Returns
    -------
    list of str
        ISO 8601, in the order of the subjects; "" where the set has none.

    Raises
    ------
    ChartError
        The set has no such column.
    """
    opened: Any = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
        if _BATCH_DATE not in (rows.fieldnames or ()):
            raise ChartError(
                f"found no column {_BATCH_DATE} in {path.name} – expected it, to judge later "
                "visits by earlier ones. Choose the file with the batches' dates.",
                code="chart-columns",
            )
        dates = [row[_BATCH_DATE] for row in rows]
    return [dates[int(one.removeprefix("row ")) - 2] for one in table.subjects]


def small_network() -> Baseline:
    """Return a network of eight hidden units; how far its weights are held small is tried."""
    return Baseline(name=SMALL_NETWORK, make=_SmallNetwork, tried=(10.0, 100.0))


class _SmallNetwork:
    """A multilayer perceptron on standardized values, medians where one is unknown."""

    def __init__(self, penalty: float) -> None:
        from sklearn.impute import SimpleImputer
        from sklearn.neural_network import MLPClassifier
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        self._pipeline = make_pipeline(
            SimpleImputer(strategy="median", add_indicator=True),
            StandardScaler(),
            MLPClassifier(
                (8,), alpha=penalty, solver="lbfgs", max_iter=_NETWORK_STEPS, random_state=SEED
            ),
        )

    def fit(
        self,
        features: DoubleArray,
        has_event: BoolArray,
        *,
        sample_weight: DoubleArray,  # noqa: ARG002  (one row of each subject: all weigh alike)
    ) -> None:
        """Fit to rows; that the steps are few is meant, and no warning."""
        from sklearn.exceptions import ConvergenceWarning

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._pipeline.fit(features, has_event)

    def predict_proba(self, features: DoubleArray) -> Any:
        """Return the chances of no event and of an event."""
        return self._pipeline.predict_proba(features)


def deal_subjects(subjects: Sequence[str], labels: DoubleArray, dealing: Dealing) -> IntArray:
    """Deal subjects into folds, the event evenly, rows of one subject together.

    Parameters
    ----------
    subjects : (rows,) str
        Whose each row is.
    labels : (rows,) float64
        1 where the event came.
    dealing
        Folds and repeats.

    Returns
    -------
    (repeats, rows) int64
        The fold in which each row is left out.
    """
    names, place = np.unique(np.array(subjects, np.str_), return_inverse=True)
    events = np.zeros(len(names))
    np.maximum.at(events, place, labels)
    rng = np.random.default_rng(SEED)
    dealt = []
    for _ in range(dealing.repeats):
        order = rng.permutation(len(names))
        order = order[np.argsort(events[order], kind="stable")]
        fold = np.empty(len(names), np.int64)
        fold[order] = np.arange(len(names)) % dealing.folds
        dealt.append(fold[place])
    return np.stack(dealt)


def _dealt(table: FeatureTable, dealing: Dealing) -> IntArray:
    return deal_subjects(table.subjects, table.labels, dealing)


def _judged(
    table: FeatureTable,
    models: Sequence[Baseline],
    folds: IntArray,
    dealing: Dealing,
    on_progress: Progress,
) -> tuple[RiskFigures, ...]:
    """Judge models on subjects left out of what they learned from."""
    is_judged = folds[0] >= 0
    found = []
    for model in models:
        risks = _out_of_fold(table, model, folds, on_progress)
        told = ToldRisks(
            model=model.name,
            risks=risks[:, is_judged],
            has_event=table.labels[is_judged] > 0,
            patient=tuple(np.array(table.subjects, np.str_)[is_judged].tolist()),
        )
        rng = np.random.default_rng(SEED)
        found.append(risk_figures(told, generator=rng, resamples=dealing.resamples))
    return tuple(found)


def _out_of_fold(
    table: FeatureTable, model: Baseline, folds: IntArray, on_progress: Progress
) -> DoubleArray:
    rows = _rows(table)
    told = np.full(folds.shape, np.nan)
    wanted = [(repeat, fold) for repeat in range(len(folds)) for fold in np.unique(folds[repeat])]
    wanted = [(repeat, fold) for repeat, fold in wanted if fold >= 0]
    for number, (repeat, fold) in enumerate(wanted):
        on_progress(model.name, number, len(wanted))
        learning = rows.take(learned_from(folds[repeat], int(fold)))
        fitted = model.make(chosen_number(model, learning))
        left_out = folds[repeat] == fold
        told[repeat, left_out] = told_by_one(fitted, learning, STAY, rows.features[left_out])
    return told


def _rows(table: FeatureTable) -> Rows:
    """Return subjects as rows; the event is that of the whole stay."""
    _, subject = np.unique(np.array(table.subjects, np.str_), return_inverse=True)
    labels = np.full((len(table.labels), len(HORIZONS)), np.nan)
    labels[:, STAY] = table.labels
    return Rows(chart=subject.astype(np.int64), features=table.values, labels=labels)
