"""What cannot be of the values that are typed into the form: each field says it by itself."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from thoracle.jobs.chart_measurements import AGE_MAX_YEARS
from thoracle.prognosis.variables import VARIABLES, place_of
from thoracle.reporting.chart_words import ChartWords
from thoracle.web.chart_uploads import TIMES, TYPED
from thoracle.web.pages.chart_numbers import plausible, within
from thoracle.web.texts import WEB

AGE: Final = "age_years"

_HOURS_EXAMPLE: Final = "26.5"
Faults = Iterator[tuple[str, str]]


def typed_faults(form: Mapping[str, Any], words: ChartWords) -> dict[str, str]:
    """Return what is wrong with each field: found – expected – what to do.

    Parameters
    ----------
    form
        Fields as they were typed; an empty one is not wrong by itself.
    words
        Of the page's language.

    Returns
    -------
    dict
        By name of the field; empty where all of it can be read.
    """
    typed = {name: str(said).strip() for name, said in form.items() if str(said).strip()}
    return dict([*_age(typed, words), *_values(typed, words), *_times(typed, words)])


def _age(typed: Mapping[str, str], words: ChartWords) -> Faults:
    if AGE in typed:
        expected = within(0.0, AGE_MAX_YEARS, words.language(WEB["ch_years"]), words)
        yield from _number_fault(AGE, typed[AGE], (0.0, AGE_MAX_YEARS), expected, words)


def _values(typed: Mapping[str, str], words: ChartWords) -> Faults:
    for name in TYPED:
        variable, expected = VARIABLES[place_of(name)], plausible(name, words)
        ends = (variable.low, variable.high)
        for field in (f"{name}-{place}" for place in range(1, TIMES + 1)):
            if field in typed:
                yield from _number_fault(field, typed[field], ends, expected, words)


def _number_fault(
    field: str, said: str, ends: tuple[float, float], expected: str, words: ChartWords
) -> Faults:
    number = _number(said)
    if number is None:
        yield field, words.language(WEB["ch_fault_number"], said=said, range=expected)
    elif not ends[0] <= number <= ends[1]:
        yield field, words.language(WEB["ch_fault_range"], said=said, range=expected)


def _times(typed: Mapping[str, str], words: ChartWords) -> Faults:
    known: dict[float, int] = {}
    for place in range(1, TIMES + 1):
        field = f"time_h-{place}"
        has_value = any(f"{name}-{place}" in typed for name in TYPED)
        if field not in typed:
            if has_value:
                yield field, words.language(WEB["ch_fault_no_time"])
            continue
        hours = _number(typed[field])
        fault = _time_fault(typed[field], hours, known, has_value=has_value, words=words)
        if fault:
            yield field, fault
        if hours is not None:
            known.setdefault(hours, place)


def _time_fault(
    said: str,
    hours: float | None,
    known: Mapping[float, int],
    *,
    has_value: bool,
    words: ChartWords,
) -> str:
    if hours is None:
        example = words.number(_HOURS_EXAMPLE)
        return words.language(WEB["ch_fault_hours"], said=said, example=example)
    if not has_value:
        return words.language(WEB["ch_fault_no_value"])
    if hours in known:
        return words.language(WEB["ch_fault_same_time"], number=known[hours])
    return ""


def _number(said: str) -> float | None:
    """Return a number with a point or a comma; None where it is none."""
    try:
        number = float(said.replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
