"""What a user declares of a table of one's own: columns, variables, units, times, outcomes."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from thoracle.core.errors import ChartError
from thoracle.prognosis.types import EVENTS
from thoracle.prognosis.variables import VARIABLES, place_of, unit_of

_CONFIG: Final = ConfigDict(extra="forbid")
_Name = Annotated[str, Field(min_length=1)]


class SchemaError(ChartError):
    """A schema of a table cannot be used."""

    code = "chart-schema"


class Layout(StrEnum):
    """A column for each variable, or a row for each value."""

    WIDE = "wide"
    LONG = "long"


class TimeKind(StrEnum):
    """What stands in a column of times: dates, or a number counted from admission."""

    INSTANT = "instant"
    DAYS = "days"
    HOURS = "hours"
    MINUTES = "minutes"


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class TimePart:
    """A column of times; `format` as `datetime.strptime` has it, "" begins with the year."""

    column: _Name
    kind: TimeKind
    format: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class SexPart:
    """The column of sex, and the words for it."""

    column: _Name
    female: tuple[str, ...]
    male: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class OutcomePart:
    """How a stay ended: a column of words with one time, or a column of times for each event."""

    column: str | None = None
    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    time: TimePart | None = None
    times: dict[str, TimePart] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class LongPart:
    """Columns of the long layout: what was measured, the value, and its unit if it stands there."""

    variable: _Name
    value: _Name
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class ValuePart:
    """A variable: its column (wide) or its word (long), its unit, and numbers for words."""

    variable: _Name
    column: str | None = None
    word: str | None = None
    unit: str | None = None
    words: dict[str, float] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class TableSchema:
    """Everything that is declared.

    `stays` names a second file beside the table, with a row for each stay; then admission, age,
    sex and outcome are columns of that file.
    """

    name: _Name
    layout: Layout
    patient: _Name
    time: TimePart
    values: Annotated[tuple[ValuePart, ...], Field(min_length=1)]
    stay: str | None = None
    stays: str | None = None
    decimal: Annotated[str, Field(pattern=r"^[.,]$")] = "."
    admission: TimePart | None = None
    age_years: str | None = None
    sex: SexPart | None = None
    outcome: OutcomePart | None = None
    long: LongPart | None = None
    license: str = ""
    citation: str = ""


def read_schema(path: Path) -> TableSchema:
    """Read a schema.

    Parameters
    ----------
    path
        A TOML file.

    Raises
    ------
    SchemaError
        It is missing, no TOML, has an unknown key or an impossible value, or contradicts itself.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise SchemaError(
            f"found {path.name} that cannot be read as TOML ({fault}) – expected the schema of a "
            "table. Write it as the how-to on cohorts shows."
        ) from None
    schema = _validated(content)
    wrong = next(_contradictions(schema), None)
    if wrong is not None:
        raise SchemaError(f"found {wrong[0]} in the schema – expected {wrong[1]}. Correct it.")
    return schema


def _validated(content: dict[str, Any]) -> TableSchema:
    try:
        return TypeAdapter(TableSchema).validate_python(content)
    except ValidationError as fault:
        first = fault.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SchemaError(
            f"found {place} in the schema that cannot be used ({first['msg']}) – expected the keys "
            "of the reference of schemas. Correct it."
        ) from None


def _contradictions(schema: TableSchema) -> Iterator[tuple[str, str]]:
    """Yield what was found and what was expected."""
    if (schema.long is None) == (schema.layout is Layout.LONG):
        yield f"the layout {schema.layout} with or without [long]", "[long] with the layout long"
    if schema.admission is None and TimeKind.INSTANT in {one.kind for one in _times(schema)}:
        yield "a time of kind instant without [admission]", "the column of admission"
    if schema.admission is not None and schema.admission.kind is not TimeKind.INSTANT:
        yield f"an admission of kind {schema.admission.kind}", "an instant"
    yield from _outcome_contradictions(schema.outcome)
    yield from (wrong for one in schema.values for wrong in _value_contradictions(one, schema))
    yield from _repeated(schema)


def _repeated(schema: TableSchema) -> Iterator[tuple[str, str]]:
    asked = [one.column or one.word for one in schema.values]
    for name, count in Counter(asked).items():
        if count > 1:
            yield f'the column or word "{name}" {count} times', "each once"


def _times(schema: TableSchema) -> Iterator[TimePart]:
    yield schema.time
    if schema.outcome is not None:
        if schema.outcome.time is not None:
            yield schema.outcome.time
        yield from schema.outcome.times.values()


def _outcome_contradictions(outcome: OutcomePart | None) -> Iterator[tuple[str, str]]:
    if outcome is None:
        return
    has_words = bool(outcome.column and outcome.words and outcome.time)
    has_any_word = bool(outcome.column or outcome.words or outcome.time)
    if has_words == bool(outcome.times) or has_any_word != has_words:
        yield "an [outcome] that is not whole", "column, words and time, or times alone"
    for event in {*outcome.words, *outcome.times} - {*EVENTS}:
        yield f'the event "{event}"', f"one of {', '.join(EVENTS)}"


def _value_contradictions(one: ValuePart, schema: TableSchema) -> Iterator[tuple[str, str]]:
    given, needed = ("word", "column") if one.column is None else ("column", "word")
    is_long = schema.layout is Layout.LONG
    if (one.column is None) == (one.word is None) or (given == "word") != is_long:
        layout = "a word in the layout long" if is_long else "a column in the layout wide"
        yield f"{one.variable} with {given} and without {needed}", layout
    measured = VARIABLES[place_of(one.variable)]
    if one.unit is None:
        if measured.unit and (schema.long is None or schema.long.unit is None):
            yield f"no unit of {one.variable}", f"one that converts into {measured.unit}"
    elif unit_of(measured, one.unit) is None:
        known = ", ".join(f'"{each.name}"' for each in measured.units)
        yield f'the unit "{one.unit}" of {one.variable}', f"one of {known}"
