"""All that is told of one patient's chart, and its JSON form."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, TypeVar

from thoracle.core.results import BundleReference, Provenance, Reason
from thoracle.prognosis.last_values import LastValue
from thoracle.prognosis.news2 import Part, Score
from thoracle.prognosis.prior import LocalDiagnosis
from thoracle.prognosis.rule import RuleAnswer
from thoracle.prognosis.types import HORIZONS

SCHEMA: Final = "thoracle chart reading 1"

_Kind = TypeVar("_Kind")
_PLAIN: Final = ("patient", "age_years", "sex", "admitted_at", "index_h", "event")


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPoint:
    """The risks at one index time, told of what was known then.

    Attributes
    ----------
    index_h
        Hours since admission.
    risk, low, high
        Four each, of `HORIZONS`: probability, and its 95 % interval over the model's members.
    """

    index_h: float
    risk: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What one known variable, age or sex adds to the risk.

    Attributes
    ----------
    name
        Of the variable, or "age" or "sex".
    value
        The last one known; None of sex.
    measured_h
        When it was, hours since admission; None of age and sex.
    added, error
        Four each, of `HORIZONS`: what it adds to the probability, and the standard error of that.
    """

    name: str
    value: float | None
    measured_h: float | None
    added: tuple[float, ...]
    error: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedUp:
    """How the risk at the index time came about: `base` and all that was added give `risk`.

    Attributes
    ----------
    base, risk
        Four each: probability with nothing known, and with all.
    is_exact
        Whether every choice of parts was tried, or orders of them were drawn.
    parts
        The largest first, by the risk until discharge.
    """

    base: tuple[float, ...]
    risk: tuple[float, ...]
    is_exact: bool
    parts: tuple[Added, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attended:
    """What the model's attention says that one variable adds to the logit until discharge."""

    name: str
    logit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """The model's own weights: of each day before the index time, and of each variable.

    Attributes
    ----------
    days
        The latest first; they sum to 1.
    parts
        The largest first.
    """

    days: tuple[float, ...]
    parts: tuple[Attended, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a variable will probably be: median and 95 % interval, in its unit."""

    name: str
    in_days: int
    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """What a measurement of one variable would tell, if it came out as is likely.

    Attributes
    ----------
    name
        Of the variable.
    age_h
        Hours since it was measured; None where it never was.
    low, median, high
        What it would probably be.
    is_forecast
        Whether that was told of this patient, or is that of the patients learned from.
    expected_change, information_bits
        Four each, of `HORIZONS`.
    """

    name: str
    age_h: float | None
    low: float
    median: float
    high: float
    is_forecast: bool
    expected_change: tuple[float, ...]
    information_bits: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """All values of one variable that were known at the index time.

    Attributes
    ----------
    name, title, unit, kind
        Of the variable.
    reference_low, reference_high
        Of its usual range; None where there is no such limit.
    times_h, values
        In order of time.
    """

    name: str
    title: str
    unit: str
    kind: str
    reference_low: float | None
    reference_high: float | None
    times_h: tuple[float, ...] = field(repr=False)
    values: tuple[float, ...] = field(repr=False)

    @property
    def last(self) -> float:
        """The last value known."""
        return self.values[-1]

    @property
    def is_low(self) -> bool:
        """Whether the last value lies below the usual range."""
        return self.reference_low is not None and self.last < self.reference_low

    @property
    def is_high(self) -> bool:
        """Whether the last value lies above the usual range."""
        return self.reference_high is not None and self.last > self.reference_high


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartReading:
    """All that is told of one patient at one index time.

    Attributes
    ----------
    patient, sex, admitted_at
        As the chart has them; "" where unknown.
    age_years
        None where unknown.
    index_h
        Hours since admission: what came later was not looked at.
    event
        What the risks are of: "death" or "icu".
    refusal
        Why no risk is told; None where it is.
    risks
        At each index time, ascending; the last is that of the reading.
    added
        What each known variable adds; None where no risk is told.
    attention
        The model's own weights; None where no risk is told.
    rule
        The published rule of three markers.
    news2
        Of the last vital signs; partial where some are missing.
    forecasts
        Of variables that were measured.
    next_tests
        What would move the risk furthest, the first first.
    courses
        Of each variable, in the order of the table of variables.
    prior
        The picture's diagnosis at the local prevalence; None where nobody asked.
    warnings
        Why the risk may mean less than it seems.
    provenance
        None until the file it was read from is known.
    """

    patient: str
    age_years: float | None
    sex: str
    admitted_at: str
    index_h: float
    event: str
    refusal: Reason | None
    risks: tuple[RiskPoint, ...]
    added: AddedUp | None
    attention: Attention | None
    rule: RuleAnswer
    news2: Score
    forecasts: tuple[Forecast, ...]
    next_tests: tuple[Suggested, ...]
    courses: tuple[Course, ...] = field(repr=False)
    prior: LocalDiagnosis | None
    warnings: tuple[Reason, ...]
    provenance: Provenance | None

    @property
    def risk(self) -> RiskPoint | None:
        """The risks at the index time; None where none is told."""
        return self.risks[-1] if self.risks else None


def reading_json(reading: ChartReading) -> dict[str, Any]:
    """Return what is told of a chart as JSON.

    Parameters
    ----------
    reading
        What is told.

    Returns
    -------
    dict
        With the schema's name first; what is unknown is null.
    """
    whole = asdict(reading)
    plain = {name: whole.pop(name) for name in _PLAIN}
    said = {"schema": SCHEMA, **plain, "horizons": list(HORIZONS), **whole}
    said["news2"]["risk"] = reading.news2.risk
    known: dict[str, Any] = _without_nan(said)
    return known


def reading_from_json(document: Mapping[str, Any]) -> ChartReading:
    """Read what `reading_json` wrote.

    Parameters
    ----------
    document
        One that it wrote; a field that is missing or of another kind is a KeyError, TypeError or
        ValueError.

    Returns
    -------
    ChartReading
        Equal to the one written.

    Raises
    ------
    ValueError
        It is of another schema.
    """
    if document["schema"] != SCHEMA:
        raise ValueError(f"schema {document['schema']!r}")
    prior = document["prior"]
    return ChartReading(
        **{name: document[name] for name in _PLAIN},
        refusal=_reason(document["refusal"]),
        risks=_all_of(RiskPoint, document["risks"]),
        added=_added_up(document["added"]),
        attention=_attention(document["attention"]),
        rule=_rule(document["rule"]),
        news2=_news2(document["news2"]),
        forecasts=_all_of(Forecast, document["forecasts"]),
        next_tests=_all_of(Suggested, document["next_tests"]),
        courses=_all_of(Course, document["courses"]),
        prior=None if prior is None else LocalDiagnosis(**prior),
        warnings=_all_of(Reason, document["warnings"]),
        provenance=_provenance(document["provenance"]),
    )


def _without_nan(said: Any) -> Any:
    match said:
        case dict():
            return {key: _without_nan(one) for key, one in said.items()}
        case list() | tuple():
            return [_without_nan(one) for one in said]
        case float() if math.isnan(said):
            return None
    return said


def _all_of(kind: type[_Kind], some: list[dict[str, Any]]) -> tuple[_Kind, ...]:
    return tuple(kind(**_with_tuples(one)) for one in some)


def _with_tuples(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(said) if isinstance(said, list) else said for name, said in one.items()}


def _reason(one: Mapping[str, str] | None) -> Reason | None:
    return None if one is None else Reason(**one)


def _added_up(one: Mapping[str, Any] | None) -> AddedUp | None:
    if one is None:
        return None
    return AddedUp(**{**_with_tuples(one), "parts": _all_of(Added, one["parts"])})


def _attention(one: Mapping[str, Any] | None) -> Attention | None:
    if one is None:
        return None
    return Attention(days=tuple(one["days"]), parts=_all_of(Attended, one["parts"]))


def _last_value(one: Mapping[str, Any]) -> LastValue:
    numbers = {key: math.nan if one[key] is None else one[key] for key in ("value", "time_h")}
    return LastValue(name=one["name"], **numbers)


def _rule(one: Mapping[str, Any]) -> RuleAnswer:
    return RuleAnswer(
        is_death=one["is_death"],
        reason=Reason(**one["reason"]),
        markers=tuple(_last_value(marker) for marker in one["markers"]),
    )


def _news2(one: Mapping[str, Any]) -> Score:
    parts = tuple(
        Part(observation=_last_value(part["observation"]), points=part["points"])
        for part in one["parts"]
    )
    kept = {name: one[name] for name in ("points", "low", "high", "is_scale_2")}
    return Score(**kept, parts=parts, missing=tuple(one["missing"]))


def _provenance(one: Mapping[str, Any] | None) -> Provenance | None:
    if one is None:
        return None
    bundles = tuple(BundleReference(**bundle) for bundle in one["bundles"])
    return Provenance(**{**one, "bundles": bundles})
