"""Why nothing is told of a chart, and why what is told may mean less than it seems."""

import math
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray
from thoracle.core.results import Reason
from thoracle.prognosis.features import DAYS
from thoracle.prognosis.learned import Learned
from thoracle.prognosis.news2 import Score
from thoracle.prognosis.next_test import OLD_H
from thoracle.prognosis.reading import RiskPoint
from thoracle.prognosis.rule import RuleAnswer
from thoracle.prognosis.types import Chart
from thoracle.prognosis.variables import VARIABLES

FEW_VARIABLES: Final = 3
"""With fewer, less is known than the published rule asks for."""
ADULT_YEARS: Final = 18.0
LONG_AGO_H: Final = 72.0
LOW_RISK: Final = 0.1
HIGH_RISK: Final = 0.5
EMERGENCY_POINTS: Final = 7
"""From these on NEWS2 asks for an emergency response (Royal College of Physicians 2017)."""


def refusal(known: Chart, index_h: float, learned: Learned) -> Reason | None:
    """Say why no risk can be told of a chart.

    Parameters
    ----------
    known
        As it was at the index time.
    index_h
        Hours since admission.
    learned
        What the model knows.

    Returns
    -------
    Reason or None
        None where one can be told.
    """
    if not known.times_h.size:
        return Reason(
            code="chart-nothing-known", text="Nothing was measured up to then: no risk is told."
        )
    if not np.isin(known.variables, learned.places).any():
        text = "Nothing that was measured is a variable that the model knows: no risk is told."
        return Reason(code="chart-nothing-usable", text=text)
    if not learned.is_usable(known, index_h).any():
        text = f"Nothing was measured in the {DAYS} days up to then: no risk is told."
        return Reason(code="chart-too-old", text=text)
    return None


def warnings(known: Chart, index_h: float, learned: Learned) -> tuple[Reason, ...]:
    """Say why a risk that was told may mean less than it seems.

    Parameters
    ----------
    known, index_h, learned
        As for `refusal`, which found nothing.

    Returns
    -------
    tuple of Reason
        Empty where all is well.
    """
    return (*_of_patient(known), *_of_values(known, index_h, learned))


def contradictions(point: RiskPoint, rule: RuleAnswer, score: Score) -> tuple[Reason, ...]:
    """Say where a risk contradicts the rule or the score, or its networks one another.

    Parameters
    ----------
    point
        What is told at the index time.
    rule, score
        Of the same values, by published rules.

    Returns
    -------
    tuple of Reason
        Empty where nothing contradicts.
    """
    risk, low, high = point.risk[-1], point.low[-1], point.high[-1]
    said = []
    if low < LOW_RISK and high > HIGH_RISK:
        text = (
            f"The networks differ from one another, from {100 * low:.0f} to {100 * high:.0f} %: "
            "the risk is hardly known."
        )
        said.append(Reason(code="chart-networks-differ", text=text))
    if rule.is_death is True and risk < LOW_RISK:
        text = (
            f"The three-marker rule says death, the networks tell a risk of {100 * risk:.1f} %: "
            "they contradict each other. Look at the values before you trust either."
        )
        said.append(Reason(code="chart-rule-contradicts", text=text))
    if rule.is_death is False and risk > HIGH_RISK:
        text = (
            f"The three-marker rule says survival, the networks tell a risk of {100 * risk:.0f} %: "
            "they contradict each other. Look at the values before you trust either."
        )
        said.append(Reason(code="chart-rule-contradicts", text=text))
    if score.points is not None and score.points >= EMERGENCY_POINTS and risk < LOW_RISK:
        text = (
            f"NEWS2 has {score.points} points, which asks for an emergency response, whatever the "
            f"networks tell ({100 * risk:.1f} %)."
        )
        said.append(Reason(code="chart-news2-contradicts", text=text))
    return tuple(said)


def _of_patient(known: Chart) -> list[Reason]:
    if math.isnan(known.age_years):
        text = "The age is unknown: the model takes it for that of nobody in particular."
        return [Reason(code="chart-no-age", text=text)]
    if known.age_years < ADULT_YEARS:
        text = "The patient is a child: the model learned from adults alone, and may be wrong."
        return [Reason(code="chart-child", text=text)]
    return []


def _of_values(known: Chart, index_h: float, learned: Learned) -> list[Reason]:
    usable = learned.is_usable(known, index_h)
    count = len(np.unique(known.variables[usable]))
    said = []
    if count < FEW_VARIABLES:
        text = (
            f"Variables that the model uses, measured in the {DAYS} days up to then: {count}. With "
            "so few the risk is vague."
        )
        said.append(Reason(code="chart-few-variables", text=text))
    oldest_h = index_h - float(known.times_h[usable].max())
    old, used = _long_ago(known, index_h, learned)
    if oldest_h >= OLD_H:
        text = f"Nothing new was measured for {oldest_h:.0f} h: the risk is that of old values."
        said.append(Reason(code="chart-old-values", text=text))
    elif 2 * old > used:
        text = (
            f"Of {used} known variables that the model uses, {old} were last measured more than "
            f"{LONG_AGO_H / 24:.0f} days ago: the risk is mostly that of old values."
        )
        said.append(Reason(code="chart-mostly-old", text=text))
    beyond = _beyond(known, usable, learned)
    if beyond:
        text = (
            f"Further out than nearly all that the model learned from: {', '.join(beyond)}. It "
            "knows little of such values; check their units too."
        )
        said.append(Reason(code="chart-beyond-learned", text=text))
    unused = np.setdiff1d(known.variables, learned.places)
    if unused.size:
        names = ", ".join(VARIABLES[place].title for place in unused.tolist())
        text = f"Shown here, but unknown to the model, so that no risk changes by it: {names}."
        said.append(Reason(code="chart-not-used", text=text))
    return said


def _long_ago(known: Chart, index_h: float, learned: Learned) -> tuple[int, int]:
    """Return how many variables of the model were last measured long ago, and how many at all."""
    places = np.intersect1d(known.variables, learned.places)
    ages_h = [index_h - float(known.times_h[known.variables == one].max()) for one in places]
    return sum(one >= LONG_AGO_H for one in ages_h), len(ages_h)


def _beyond(known: Chart, usable: BoolArray, learned: Learned) -> list[str]:
    """Return variables whose last value is outside what was learned from, with it and the range."""
    number = {place: at for at, place in enumerate(learned.places.tolist())}
    lasts = dict(zip(known.variables[usable].tolist(), known.values[usable].tolist(), strict=True))
    found = []
    for place, value in sorted(lasts.items()):
        low, high = learned.lowest[number[place]], learned.highest[number[place]]
        if not low <= value <= high:
            variable = VARIABLES[place]
            unit = f" {variable.unit}" if variable.unit else ""
            found.append(f"{variable.title} {value:.4g}{unit} ({low:.4g}–{high:.4g})")
    return found
