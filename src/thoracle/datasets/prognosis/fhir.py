"""Observations of FHIR R4 as charts: LOINC codes become variables, UCUM units are converted.

A value counts from when it was known: `issued` where it is told, else `effective`.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from thoracle.core.files import sha256_of_file
from thoracle.datasets.prognosis.cells import hours_between
from thoracle.datasets.prognosis.checks import Reading, charts_of, together
from thoracle.datasets.prognosis.cohort import Cohort, Source
from thoracle.datasets.prognosis.fhir_bundle import (
    Resource,
    files_of,
    instant,
    read_resources,
    table_of,
    tables_of,
    text_of,
)
from thoracle.datasets.prognosis.fhir_stays import Encounters, encounters_of
from thoracle.datasets.prognosis.problems import DATE_ALONE, UNREADABLE, Kind, Problems
from thoracle.prognosis.variables import VARIABLES, Variable, place_coded, unit_of

_KEPT: Final = frozenset({"final", "amended", "corrected"})  # ObservationStatus
_LOINC: Final = "http://loinc.org"
_LARGEST: Final = 1e12  # JSON allows integers that no float can hold


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """A code with its value: an observation's own, or that of one of its components."""

    entry: int
    content: Mapping[str, Any]

    @property
    def codings(self) -> list[Mapping[str, Any]]:
        """Its codes, of any system."""
        return tables_of(table_of(self.content.get("code")).get("coding"))

    @property
    def is_without_value(self) -> bool:
        """Say whether no value is told, as for a panel that has components alone."""
        return not any(name.startswith("value") for name in self.content)


def read_fhir(path: Path, *, admitted_at: str = "") -> Cohort:
    """Read Patient, Encounter and Observation resources.

    Parameters
    ----------
    path
        A Bundle (.json), newline-delimited resources (.ndjson), or a folder of both.
    admitted_at
        ISO 8601, of one patient's observations without an encounter; "" where nobody says it.

    Returns
    -------
    Cohort
        A chart for each encounter. Names and identifiers of people are not read.
    """
    files = files_of(path)
    problems = Problems(path.name)
    encounters = encounters_of(read_resources(files), problems, admitted_at=admitted_at)
    observations = (one for one in read_resources(files) if one.kind == "Observation")
    found = [reading for one in observations for reading in _readings(one, encounters, problems)]
    stays = [one.stay for one in encounters.all]
    charts = charts_of(stays, together(found), problems)
    sources = tuple(
        Source(name="fhir", file=one.name, sha256=sha256_of_file(one), license="", citation="")
        for one in files
    )
    return Cohort(name="fhir", charts=charts, problems=problems.all, sources=sources)


def _readings(one: Resource, encounters: Encounters, problems: Problems) -> Iterator[Reading]:
    """Yield what an observation and its components measure."""
    status = text_of(one.content.get("status"))
    if status not in _KEPT:
        problems.add(Kind.STATUS, [one.entry], detail=status or "that is missing")
        return
    measured = [each for each in _parts(one) if not each.is_without_value]
    when = _known_at(one.content)
    if not measured:
        return
    if when is None:
        problems.add(Kind.NO_TIME, [one.entry], detail=_inexact(one.content))
        return
    stay = encounters.place_of(one.content, _taken_at(one.content))
    if stay is None:
        problems.add(Kind.UNKNOWN_STAY, [one.entry])
        return
    time_h = hours_between(encounters.all[stay].start, when)
    for each in measured:
        yield from _reading(each, stay, time_h, problems)


def _parts(one: Resource) -> Iterator[_Measured]:
    yield _Measured(entry=one.entry, content=one.content)
    for component in tables_of(one.content.get("component")):
        yield _Measured(entry=one.entry, content=component)


def _taken_at(observation: Mapping[str, Any]) -> datetime | None:
    start = table_of(observation.get("effectivePeriod")).get("start")
    told = (observation.get("effectiveDateTime"), observation.get("effectiveInstant"), start)
    found = (instant(one) for one in told)
    return next((one for one in found if one is not None), _issued(observation))


def _inexact(observation: Mapping[str, Any]) -> str:
    """Return why the times of an observation tell no hour, "" where it has none."""
    start = table_of(observation.get("effectivePeriod")).get("start")
    names = ("issued", "effectiveDateTime", "effectiveInstant")
    texts = (start, *(observation.get(one) for one in names))
    told = [text for text in map(text_of, texts) if text]
    if any("T" in text for text in told):
        return UNREADABLE
    return DATE_ALONE if told else ""


def _known_at(observation: Mapping[str, Any]) -> datetime | None:
    return _issued(observation) or _taken_at(observation)


def _issued(observation: Mapping[str, Any]) -> datetime | None:
    return instant(observation.get("issued"))


def _reading(one: _Measured, stay: int, time_h: float, problems: Problems) -> Iterator[Reading]:
    codes = [text_of(each.get("code")) for each in one.codings if each.get("system") == _LOINC]
    known = [(each, place_coded(each)) for each in codes]
    code, place = next((pair for pair in known if pair[1] is not None), ("", None))
    if place is None:
        detail = f"LOINC {codes[0]}" if codes else "without LOINC"
        problems.add(Kind.UNKNOWN_CODE, [one.entry], detail=detail, values=1)
        return
    measured = VARIABLES[place]
    value = _value(one.content)
    unit = _unit(one.content, measured, code)
    if math.isnan(value):
        problems.add(Kind.NOT_A_NUMBER, [one.entry], variable=measured.name, values=1)
    elif unit is None:
        detail = _written(one.content)
        problems.add(
            Kind.UNKNOWN_UNIT, [one.entry], variable=measured.name, detail=detail, values=1
        )
    else:
        yield Reading(
            row=one.entry, stay=stay, time_h=time_h, variable=place, value=value, unit=unit
        )


def _value(content: Mapping[str, Any]) -> float:
    """Return a number, NaN for a limit such as <5 and for anything that is no number."""
    quantity = table_of(content.get("valueQuantity"))
    value = quantity.get("value") if quantity else content.get("valueInteger")
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _LARGEST:
        return math.nan
    return math.nan if quantity.get("comparator") else float(value)


def _written(content: Mapping[str, Any]) -> str:
    quantity = table_of(content.get("valueQuantity"))
    return text_of(quantity.get("code")) or text_of(quantity.get("unit"))


def _unit(content: Mapping[str, Any], measured: Variable, code: str) -> int | None:
    """Return the place of a unit among those of its variable, None where it does not convert."""
    written = _written(content)
    if not written:
        return 0 if measured.unit == "" else None
    word = measured.qualifiers.get(code)
    tried = ([f"{written} {word}"] if word else []) + [written]
    found = (unit_of(measured, each) for each in tried)
    unit = next((one for one in found if one is not None), None)
    return None if unit is None else measured.units.index(unit)
