"""What models are asked: landmarks after admission and before the outcome, and what each told."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import numpy as np

from thoracle.core.arrays import DoubleArray, IntArray
from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.out_of_fold import OutOfFold
from thoracle.evaluation.prognosis import ToldRisks
from thoracle.jobs.prognosis_folds import NEVER_JUDGED
from thoracle.prognosis.explain import with_parts
from thoracle.prognosis.landmarks import after_admission, before_outcome
from thoracle.prognosis.news2 import PARTS, news2
from thoracle.prognosis.rule import MARKERS, three_marker_rule
from thoracle.prognosis.types import HORIZONS, Chart, Landmark, Risks
from thoracle.prognosis.variables import place_of

ADMISSION_DAYS: Final = (1, 3, 7)
OUTCOME_DAYS: Final = (0, 1, 2, 3, 5, 7, 10)
RULE: Final = "three-marker rule"
NEWS2: Final = "NEWS2"
STAY: Final = len(HORIZONS) - 1
_NEWS2_MOST: Final = 20.0
_SAME_H: Final = 1e-3  # hours: index times closer than that are one


class RiskTeller(Protocol):
    """What tells risks of landmarks."""

    def predict(self, charts: Sequence[Chart], landmarks: Sequence[Landmark]) -> Risks:
        """Return risks."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """So many days after admission, or before the outcome."""

    days: float
    is_anchored: bool

    @property
    def name(self) -> str:
        """As reports have it."""
        if self.is_anchored:
            return f"outcome − {self.days:g} days"
        return f"admission + {self.days:g} days"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """The landmarks that models are asked about, of all kinds.

    Attributes
    ----------
    charts
        The stays.
    landmarks
        Index times in them.
    kind : (landmarks,) int64
        Place in `kinds`.
    kinds
        In order.
    """

    charts: tuple[Chart, ...] = field(repr=False)
    landmarks: tuple[Landmark, ...] = field(repr=False)
    kind: IntArray = field(repr=False)
    kinds: tuple[Kind, ...]

    @property
    def chart(self) -> IntArray:
        """Place of the stay of each landmark, (landmarks,) int64."""
        return np.array([one.chart for one in self.landmarks], np.int64)

    @property
    def labels(self) -> DoubleArray:
        """What came, (landmarks, 4) float64."""
        return np.array([one.labels for one in self.landmarks]).reshape(-1, len(HORIZONS))

    def unlabeled(self) -> tuple[Landmark, ...]:
        """Return the landmarks without what came: all that a model is shown."""
        nobody_knows = np.full(len(HORIZONS), np.nan)
        return tuple(replace(one, labels=nobody_knows) for one in self.landmarks)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """What one model told of all landmarks: `risks` is (repeats, landmarks, 4), NaN untold."""

    name: str
    risks: DoubleArray = field(repr=False)
    is_probability: bool = True


def asked_of(
    charts: Sequence[Chart],
    *,
    admission_days: Sequence[float] = ADMISSION_DAYS,
    outcome_days: Sequence[float] = OUTCOME_DAYS,
) -> Asked:
    """Return all landmarks that models are asked about.

    Parameters
    ----------
    charts
        The stays.
    admission_days, outcome_days
        After admission, and before the outcome.

    Returns
    -------
    Asked
        In order of the kinds.

    Raises
    ------
    ChartError
        There is none: no stay has an outcome and something known before it.
    """
    kinds = [Kind(days=day, is_anchored=False) for day in admission_days]
    kinds += [Kind(days=day, is_anchored=True) for day in outcome_days]
    found: list[Landmark] = []
    places: list[int] = []
    for place, kind in enumerate(kinds):
        make = before_outcome if kind.is_anchored else after_admission
        own = [one for one in make(charts, days=kind.days) if not np.isnan(one.labels).all()]
        found += own
        places += [place] * len(own)
    if not found:
        raise ChartError(
            "found no stay with an outcome and something known before it – expected some. Choose "
            "a cohort with outcomes.",
            code="chart-no-outcome",
        )
    return Asked(
        charts=tuple(charts),
        landmarks=tuple(found),
        kind=np.array(places, np.int64),
        kinds=tuple(kinds),
    )


def only_markers(charts: Sequence[Chart]) -> tuple[Chart, ...]:
    """Return charts with nothing but the three markers: neither age nor sex either."""
    places = [place_of(name) for name in MARKERS]
    return tuple(with_parts(one, places) for one in charts)


def told_by_rule(asked: Asked) -> Model:
    """Return what the three-marker rule says: 1 death, 0 survival, NaN no answer."""
    answers = [three_marker_rule(asked.charts[one.chart], one.index_h) for one in asked.landmarks]
    column = [np.nan if one.is_death is None else float(one.is_death) for one in answers]
    return _same_for_all_horizons(RULE, np.array(column, np.float64))


def told_by_news2(asked: Asked) -> Model:
    """Return NEWS2 over its highest sum, of complete and partial scores; NaN of none."""
    scores = [news2(asked.charts[one.chart], one.index_h) for one in asked.landmarks]
    column = [np.nan if one.points is None else one.points / _NEWS2_MOST for one in scores]
    return _same_for_all_horizons(NEWS2, np.array(column, np.float64))


def news2_parts(asked: Asked) -> float:
    """Return how many of NEWS2's seven observations are known on average."""
    missing = [len(news2(asked.charts[one.chart], one.index_h).missing) for one in asked.landmarks]
    return len(PARTS) - float(np.mean(missing))


def told_by_network(name: str, network: RiskTeller, asked: Asked) -> Model:
    """Return what a network tells, shown no label."""
    risks = network.predict(asked.charts, asked.unlabeled()).risks
    return Model(name=name, risks=np.asarray(risks, np.float64)[None])


def told_out_of_fold(told: OutOfFold, asked: Asked, *, is_only_three: bool) -> Model:
    """Return what networks told of landmarks whose patients they never saw.

    Parameters
    ----------
    told
        From their training.
    asked
        The landmarks; those that nobody told of are NaN.
    is_only_three
        Which of both ways of asking.

    Returns
    -------
    Model
        With the repeats of the file.
    """
    repeats = int(told.repeat.max()) + 1 if told.repeat.size else 1
    risks = np.full((repeats, len(asked.landmarks), len(HORIZONS)), np.nan)
    places: dict[tuple[str, int], list[int]] = {}
    for place, one in enumerate(asked.landmarks):
        key = (asked.charts[one.chart].patient, round(one.index_h / _SAME_H))
        places.setdefault(key, []).append(place)
    for row in np.flatnonzero(told.is_only_three == is_only_three).tolist():
        at = round(float(told.index_h[row]) / _SAME_H)
        for near in (at, at - 1, at + 1):
            for place in places.get((told.patient[row], near), ()):
                risks[told.repeat[row], place] = told.risks[row]
    return Model(name=told.model, risks=risks)


def folds_of(told: OutOfFold, charts: Sequence[Chart]) -> IntArray:
    """Return the folds that networks were trained in, so that others learn from the same patients.

    Parameters
    ----------
    told
        From their training.
    charts
        Of the cohort.

    Returns
    -------
    (repeats, charts) int64
        `NEVER_JUDGED` for patients who are in no row of a repeat: they were learned from.
    """
    repeats = int(told.repeat.max()) + 1 if told.repeat.size else 1
    folds = np.full((repeats, len(charts)), NEVER_JUDGED, np.int64)
    of_patient = {
        (repeat, patient): fold
        for repeat, patient, fold in zip(
            told.repeat.tolist(), told.patient, told.fold.tolist(), strict=True
        )
    }
    for repeat in range(repeats):
        for place, one in enumerate(charts):
            folds[repeat, place] = of_patient.get((repeat, one.patient), NEVER_JUDGED)
    return folds


def told_risks(model: Model, asked: Asked, *, rows: IntArray, horizon: int) -> ToldRisks:
    """Return what a model told of some landmarks for one horizon, those with a label known."""
    known = rows[~np.isnan(asked.labels[rows, horizon])]
    return ToldRisks(
        model=model.name,
        risks=model.risks[:, known, horizon],
        has_event=asked.labels[known, horizon] > 0,
        patient=tuple(asked.charts[one].patient for one in asked.chart[known].tolist()),
        is_probability=model.is_probability,
    )


def _same_for_all_horizons(name: str, column: DoubleArray) -> Model:
    risks = np.repeat(column[None, :, None], len(HORIZONS), axis=2)
    return Model(name=name, risks=risks, is_probability=False)
