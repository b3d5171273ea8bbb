"""What passes between the steps that read a patient's chart over time."""

from dataclasses import dataclass, field
from typing import Final

from thoracle.core.arrays import DoubleArray, IntArray

HORIZONS_DAYS: Final = (1, 3, 7)
"""A risk is told of each, and of the whole stay: `HORIZONS` outputs, in this order."""
HORIZONS: Final = ("1 day", "3 days", "7 days", "discharge")

DEATH: Final = "death"
ICU: Final = "icu"
DISCHARGE: Final = "discharge"
EVENTS: Final = (DEATH, ICU, DISCHARGE)

FEMALE: Final = "F"
MALE: Final = "M"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a stay ended, or what came first of what is predicted.

    Attributes
    ----------
    event
        One of `EVENTS`: death, admission to intensive care, or discharge alive.
    time_h
        Hours since admission.
    """

    event: str
    time_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One stay of one patient: every measurement with its time.

    Attributes
    ----------
    patient
        Pseudonym; one patient may have more than one stay, and is never on two sides of a split.
    age_years
        NaN where it is unknown.
    sex
        "F", "M", or "" where it is unknown.
    admitted_at
        ISO 8601 date and time, "" where the source has none; for temporal splits only.
    times_h : (measurements,) float64
        Hours since admission at which a value was known, ascending; negative before it.
    variables : (measurements,) int64
        Places in `variables.VARIABLES`.
    values : (measurements,) float64
        In the unit of the variable; finite and plausible: what is not was kept out and reported.
    outcome
        None while it is unknown.
    """

    patient: str
    age_years: float
    sex: str
    admitted_at: str
    times_h: DoubleArray = field(repr=False)
    variables: IntArray = field(repr=False)
    values: DoubleArray = field(repr=False)
    outcome: Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmark:
    """A patient at an index time: what was known then is input, what came later is told.

    Attributes
    ----------
    chart
        Place of the stay among the charts.
    index_h
        Hours since admission. Measurements at or before it were known.
    labels : (4,) float64
        For each of `HORIZONS`: 1 where the event came within it, 0 where it is known that it did
        not, NaN where nobody knows. Discharge alive counts as no event within 7 days of it and as
        none until discharge.
    """

    chart: int
    index_h: float
    labels: DoubleArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Risks:
    """What a model tells of landmarks, the first axis of all arrays.

    Attributes
    ----------
    risks, low, high : (landmarks, 4) float64
        Calibrated probability within each of `HORIZONS`, never falling from one to the next, and
        the 95 % interval over the members of the model.
    day_attention : (landmarks, days) float64
        Weight of each day before the index time, the latest first; sums to 1.
    contributions : (landmarks, days, variables) float64
        What each value adds to the logit of the risk until discharge, by the attention alone.
    """

    risks: DoubleArray
    low: DoubleArray
    high: DoubleArray
    day_attention: DoubleArray = field(repr=False)
    contributions: DoubleArray = field(repr=False)
