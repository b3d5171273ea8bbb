"""Reads one patient's chart at an index time: risk over time, what drove it, what comes next."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.prognosis.cautions import contradictions, refusal, warnings
from thoracle.prognosis.explain import AGE, SEX, Attribution, RiskSource, attribute
from thoracle.prognosis.landmarks import DAY_H, known_at, narrowed, unlabeled
from thoracle.prognosis.learned import Learned
from thoracle.prognosis.news2 import news2
from thoracle.prognosis.next_test import Likely, NextTest, next_tests
from thoracle.prognosis.reading import (
    Added,
    AddedUp,
    Attended,
    Attention,
    ChartReading,
    Course,
    Forecast,
    RiskPoint,
    Suggested,
)
from thoracle.prognosis.rule import three_marker_rule
from thoracle.prognosis.types import HORIZONS, Chart, Landmark, Risks
from thoracle.prognosis.variables import LABORATORY, VARIABLES, VITAL, Variable

STAY: Final = HORIZONS.index("discharge")
"""The horizon by which lists are ordered: it is the one that cohorts know best."""
FORECAST_DAYS: Final = (1, 3)
SUGGESTED_MOST: Final = 10
USUAL_SHARE: Final = 0.7
"""What fewer patients had measured is a question of its own, and no next step for this one."""
TELLING_CHANGE: Final = 0.01
"""A measurement that would move the risk by less than a point is not suggested."""

_NAMES: Final = {AGE: "age", SEX: "sex"}


class Quantiles(Protocol):
    """What a forecaster tells."""

    @property
    def quantiles(self) -> DoubleArray:
        """(landmarks, 2, variables, 3): in 1 and 3 days, 2.5, 50 and 97.5 %, in each unit."""


class ForecastSource(Protocol):
    """What tells the next values of variables, such as `prognosis.forecast.Forecaster`."""

    def predict(self, charts: Sequence[Chart], landmarks: Sequence[Landmark]) -> Quantiles:
        """Tell what variables will probably be after landmarks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartReader:
    """What reads charts: a model, what it learned from, and what it tells the risk of.

    Attributes
    ----------
    model
        Tells risks.
    learned
        Of the same model.
    event
        What the risks are of, one of `types.EVENTS`.
    forecaster
        None where next values are not told.
    """

    model: RiskSource
    learned: Learned
    event: str
    forecaster: ForecastSource | None = None


def analyze(
    chart: Chart, *, index_h: float, reader: ChartReader, rng: np.random.Generator
) -> ChartReading:
    """Read one patient's chart at an index time.

    Pure: reads nothing, writes nothing. That nothing can be told is a result, not an exception.

    Parameters
    ----------
    chart
        One stay; nothing later than the index time is looked at, nor the outcome.
    index_h
        Hours since admission.
    reader
        What tells the risks.
    rng
        Draws the orders in which variables become known, for what each adds.

    Returns
    -------
    ChartReading
        Without prior and provenance, which the caller knows.
    """
    known = known_at(chart, index_h)
    used = _used(known, reader.learned)
    refused = refusal(known, index_h, reader.learned)
    risks, attention = _risks(used, index_h, reader) if refused is None else ((), None)
    quantiles = _quantiles(known, index_h, reader)
    rule, score = three_marker_rule(known, index_h), news2(known, index_h)
    return ChartReading(
        patient=chart.patient,
        age_years=None if math.isnan(chart.age_years) else chart.age_years,
        sex=chart.sex,
        admitted_at=chart.admitted_at,
        index_h=float(index_h),
        event=reader.event,
        refusal=refused,
        risks=risks,
        added=None if refused else _added_up(used, index_h, reader.model, rng),
        attention=attention,
        rule=rule,
        news2=score,
        forecasts=() if quantiles is None or refused else _forecasts(known, quantiles),
        next_tests=() if refused else _suggested(known, index_h, reader, quantiles),
        courses=_courses(known),
        prior=None,
        warnings=()
        if refused
        else (
            *contradictions(risks[-1], rule, score),
            *warnings(known, index_h, reader.learned),
        ),
        provenance=None,
    )


def likely_values(chart: Chart, index_h: float, reader: ChartReader) -> tuple[Likely, ...]:
    """Return what each variable would probably be, if it were measured at an index time.

    Parameters
    ----------
    chart
        One stay; only what was known counts.
    index_h
        Hours since admission.
    reader
        Its forecaster tells of this patient, what it learned from tells of the rest.

    Returns
    -------
    tuple of Likely
        Of laboratory values and vital signs that the model knows; not of yes or no.
    """
    quantiles = _quantiles(known_at(chart, index_h), index_h, reader)
    return _likely_of_all(reader.learned, quantiles)


def index_times(chart: Chart, index_h: float, learned: Learned) -> tuple[float, ...]:
    """Return when the risk was worth telling: the last news of each day, and the index time.

    Parameters
    ----------
    chart
        As it was known at the index time.
    index_h
        Hours since admission.
    learned
        Which variables are news.

    Returns
    -------
    tuple of float
        Ascending, in hours since admission; days are those since admission.
    """
    times_h = chart.times_h[np.isin(chart.variables, learned.places)]
    days = np.floor(times_h / DAY_H)
    lasts = dict(zip(days.tolist(), times_h.tolist(), strict=True))
    return (*(one for one in sorted(lasts.values()) if one < index_h), float(index_h))


def _used(known: Chart, learned: Learned) -> Chart:
    """Return a chart with the variables alone that the model knows; others cannot change a risk."""
    return narrowed(known, np.isin(known.variables, learned.places))


def _risks(
    known: Chart, index_h: float, reader: ChartReader
) -> tuple[tuple[RiskPoint, ...], Attention]:
    times_h = index_times(known, index_h, reader.learned)
    charts = [known_at(known, one) for one in times_h]
    told = reader.model.predict(charts, unlabeled(times_h))
    points = tuple(
        RiskPoint(
            index_h=time_h,
            risk=tuple(told.risks[place].tolist()),
            low=tuple(told.low[place].tolist()),
            high=tuple(told.high[place].tolist()),
        )
        for place, time_h in enumerate(times_h)
    )
    return points, _attention(known, told)


def _attention(known: Chart, told: Risks) -> Attention:
    """Sum the contributions of the last landmark over its days."""
    logits = told.contributions[-1].sum(axis=0)
    parts = [
        Attended(name=VARIABLES[place].name, logit=float(logits[place]))
        for place in np.unique(known.variables).tolist()
    ]
    parts.sort(key=lambda one: -abs(one.logit))
    return Attention(days=tuple(told.day_attention[-1].tolist()), parts=tuple(parts))


def _added_up(known: Chart, index_h: float, model: RiskSource, rng: np.random.Generator) -> AddedUp:
    found = attribute(known, index_h=index_h, model=model, rng=rng)
    parts = [_added(known, found, place) for place in range(len(found.parts))]
    parts.sort(key=lambda one: -abs(one.added[STAY]))
    return AddedUp(
        base=tuple(found.base.tolist()),
        risk=tuple(found.risk.tolist()),
        is_exact=found.is_exact,
        parts=tuple(parts),
    )


def _added(known: Chart, found: Attribution, place: int) -> Added:
    part = found.parts[place]
    value, measured_h = _last(known, part) if part >= 0 else (None, None)
    return Added(
        name=_NAMES[part] if part < 0 else VARIABLES[part].name,
        value=float(known.age_years) if part == AGE else value,
        measured_h=measured_h,
        added=tuple(found.added[place].tolist()),
        error=tuple(found.errors[place].tolist()),
    )


def _last(known: Chart, variable: int) -> tuple[float, float]:
    last = np.flatnonzero(known.variables == variable)[-1]
    return float(known.values[last]), float(known.times_h[last])


def _quantiles(known: Chart, index_h: float, reader: ChartReader) -> DoubleArray | None:
    """Return (2, variables, 3) float64; None without a forecaster or anything known."""
    if reader.forecaster is None or not known.times_h.size:
        return None
    told = reader.forecaster.predict([known], unlabeled([index_h]))
    return np.asarray(told.quantiles[0], np.float64)


def _forecasts(known: Chart, quantiles: DoubleArray) -> tuple[Forecast, ...]:
    return tuple(
        Forecast(
            name=VARIABLES[place].name,
            in_days=days,
            **dict(zip(("low", "median", "high"), quantiles[step, place].tolist(), strict=True)),
        )
        for place in np.unique(known.variables).tolist()
        for step, days in enumerate(FORECAST_DAYS)
        if np.isfinite(quantiles[step, place]).all()
    )


def _suggested(
    known: Chart, index_h: float, reader: ChartReader, quantiles: DoubleArray | None
) -> tuple[Suggested, ...]:
    """Return what moves the risk, of what most patients learned from had measured."""
    learned = reader.learned
    usual = learned.places[learned.patients_share >= USUAL_SHARE]
    likely = [one for one in _likely_of_all(learned, quantiles) if one.variable in usual]
    found = next_tests(known, likely, index_h=index_h, model=reader.model, horizon=STAY)
    telling = [one for one in found if one.expected_change[STAY] >= TELLING_CHANGE]
    return tuple(_told(one) for one in telling[:SUGGESTED_MOST])


def _likely_of_all(learned: Learned, quantiles: DoubleArray | None) -> tuple[Likely, ...]:
    return tuple(
        _likely(learned, number, place, quantiles)
        for number, place in enumerate(learned.places.tolist())
        if _can_be_measured(VARIABLES[place])
    )


def _can_be_measured(variable: Variable) -> bool:
    """Say whether it is a quantity: a treatment is given, and yes or no has no spread."""
    is_yes_or_no = (variable.low, variable.high) == (0.0, 1.0)
    return variable.kind in {LABORATORY, VITAL} and not is_yes_or_no


def _likely(learned: Learned, number: int, place: int, quantiles: DoubleArray | None) -> Likely:
    told = np.stack([learned.low, learned.median, learned.high])[:, number]
    is_forecast = quantiles is not None and bool(np.isfinite(quantiles[0, place]).all())
    if quantiles is not None and is_forecast:
        told = quantiles[0, place]
    low, median, high = np.clip(told, VARIABLES[place].low, VARIABLES[place].high).tolist()
    return Likely(variable=place, low=low, median=median, high=high, is_forecast=is_forecast)


def _told(one: NextTest) -> Suggested:
    return Suggested(
        name=VARIABLES[one.likely.variable].name,
        age_h=one.age_h,
        low=one.likely.low,
        median=one.likely.median,
        high=one.likely.high,
        is_forecast=one.likely.is_forecast,
        expected_change=tuple(one.expected_change.tolist()),
        information_bits=tuple(one.information_bits.tolist()),
    )


def _courses(known: Chart) -> tuple[Course, ...]:
    return tuple(
        _course(known, VARIABLES[place], known.variables == place)
        for place in np.unique(known.variables).tolist()
    )


def _course(known: Chart, variable: Variable, is_own: BoolArray) -> Course:
    return Course(
        name=variable.name,
        title=variable.title,
        unit=variable.unit,
        kind=variable.kind,
        reference_low=_or_none(variable.reference_low),
        reference_high=_or_none(variable.reference_high),
        times_h=tuple(known.times_h[is_own].tolist()),
        values=tuple(known.values[is_own].tolist()),
    )


def _or_none(limit: float) -> float | None:
    return None if math.isnan(limit) else limit
