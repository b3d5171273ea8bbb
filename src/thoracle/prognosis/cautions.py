"""Why nothing is told of a chart, and why what is told may mean less than it seems."""

import math
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray
from thoracle.core.results import Reason
from thoracle.prognosis.features import DAYS
from thoracle.prognosis.learned import Learned
from thoracle.prognosis.next_test import OLD_H
from thoracle.prognosis.types import Chart
from thoracle.prognosis.variables import VARIABLES

FEW_VARIABLES: Final = 3
"""With fewer, less is known than the published rule asks for."""
ADULT_YEARS: Final = 18.0


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
        text = f"Only {count} known variables are ones that the model uses: the risk is vague."
        said.append(Reason(code="chart-few-variables", text=text))
    oldest_h = index_h - float(known.times_h[usable].max())
    if oldest_h >= OLD_H:
        text = f"Nothing new was measured for {oldest_h:.0f} h: the risk is that of old values."
        said.append(Reason(code="chart-old-values", text=text))
    beyond = _beyond(known, usable, learned)
    if beyond:
        text = (
            f"Further out than what the model learned from: {', '.join(beyond)}. It takes such "
            "values for the furthest that it knows."
        )
        said.append(Reason(code="chart-beyond-learned", text=text))
    unused = np.setdiff1d(known.variables, learned.places)
    if unused.size:
        names = ", ".join(VARIABLES[place].title for place in unused.tolist())
        text = f"Shown here, but unknown to the model, so that no risk changes by it: {names}."
        said.append(Reason(code="chart-not-used", text=text))
    return said


def _beyond(known: Chart, usable: BoolArray, learned: Learned) -> list[str]:
    """Return the titles of variables that have a value outside what was learned from."""
    number = {place: at for at, place in enumerate(learned.places.tolist())}
    inputs = np.array([number[one] for one in known.variables[usable].tolist()], np.int64)
    values = known.values[usable]
    is_out = (values < learned.lowest[inputs]) | (values > learned.highest[inputs])
    return [VARIABLES[place].title for place in np.unique(learned.places[inputs[is_out]]).tolist()]
