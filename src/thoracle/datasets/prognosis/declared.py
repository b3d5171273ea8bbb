"""Tables of one's own by a declared schema: wide or long, with or without a table of stays."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from thoracle.core.files import sha256_of_file
from thoracle.datasets.prognosis.cells import number_of
from thoracle.datasets.prognosis.checks import Reading, charts_of, together
from thoracle.datasets.prognosis.cohort import Cohort, Source
from thoracle.datasets.prognosis.declared_stays import (
    Key,
    Row,
    Rows,
    Stays,
    rows_of,
    stay_columns,
    stays_of,
)
from thoracle.datasets.prognosis.problems import NOT_AS_DECLARED, Kind, Problems
from thoracle.datasets.prognosis.schema import LongPart, TableSchema, ValuePart, read_schema
from thoracle.datasets.prognosis.table_files import file_of, read_table
from thoracle.prognosis.variables import VARIABLES, place_of, unit_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A cell with what it is."""

    part: ValuePart
    text: str
    unit: str | None


def read_declared(table: Path, schema_file: Path) -> Cohort:
    """Read a table of one's own.

    Parameters
    ----------
    table
        A file .csv, .xlsx or .parquet.
    schema_file
        Says what stands in its columns. A table of stays is looked for beside the table.

    Returns
    -------
    Cohort
        Under the schema's name; values in the units of the variables.
    """
    schema = read_schema(schema_file)
    problems = Problems(table.name)
    sheet = read_table(table)
    rows = rows_of(sheet, table.name, _value_columns(schema))
    if schema.stays is None:
        told, paths, earlier = rows_of(sheet, table.name, stay_columns(schema)), [table], problems
    else:
        place = table.parent / schema.stays
        needed = (schema.patient, *([schema.stay] if schema.stay else []), *stay_columns(schema))
        told, paths = rows_of(read_table(place), place.name, needed), [table, place]
        earlier = Problems(place.name)
    stays = stays_of(told, schema, earlier)
    readings = together(list(_readings(rows, stays, schema, problems)))
    charts = charts_of(list(stays.stays.values()), readings, problems)
    found = problems.all if earlier is problems else (*earlier.all, *problems.all)
    return Cohort(
        name=schema.name,
        charts=charts,
        problems=found,
        sources=tuple(
            Source(
                name=schema.name,
                file=path.name,
                sha256=sha256_of_file(file_of(path)),
                license=schema.license,
                citation=schema.citation,
            )
            for path in paths
        ),
    )


def _value_columns(schema: TableSchema) -> tuple[str, ...]:
    """Return the columns of the table itself."""
    named = [schema.patient, schema.stay, schema.time.column]
    if schema.long is not None:
        named += [schema.long.variable, schema.long.value, schema.long.unit]
    named += [one.column for one in schema.values]
    return tuple(dict.fromkeys(name for name in named if name))


def _readings(
    rows: Rows, stays: Stays, schema: TableSchema, problems: Problems
) -> Iterator[Reading]:
    """Yield every cell that is a number of a known stay, in a unit that converts."""
    order = {key: place for place, key in enumerate(stays.stays)}
    for row in rows:
        stay = _stay_of(row, order, schema, problems)
        if stay is None:
            continue
        text = row.text(schema.time.column)
        time_h = stays.hours(row.key(schema), schema.time, text, decimal=schema.decimal)
        if text and math.isnan(time_h):
            problems.add(Kind.NO_TIME, [row.number], detail=NOT_AS_DECLARED)
            continue
        for one in _cells(row, schema, problems):
            place = place_of(one.part.variable)
            unit = _unit(one, row, problems)
            value = _value(one, row, schema, problems)
            if unit is not None and value is not None:
                yield Reading(
                    row=row.number,
                    stay=stay,
                    time_h=time_h,
                    variable=place,
                    value=value,
                    unit=unit,
                )


def _stay_of(
    row: Row, order: Mapping[Key, int], schema: TableSchema, problems: Problems
) -> int | None:
    stay = order.get(row.key(schema))
    if stay is None:
        kind = Kind.UNKNOWN_STAY if row.text(schema.patient) else Kind.NO_PATIENT
        problems.add(kind, [row.number])
    return stay


def _cells(row: Row, schema: TableSchema, problems: Problems) -> Iterator[_Found]:
    """Yield the cells of a row that are filled, with what they are."""
    if schema.long is None:
        for part in schema.values:
            if part.column and row.text(part.column):
                yield _Found(part=part, text=row.text(part.column), unit=part.unit)
        return
    word, text = row.text(schema.long.variable), row.text(schema.long.value)
    known = {part.word: part for part in schema.values}
    if word not in known:
        problems.add(Kind.UNKNOWN_CODE, [row.number], detail=f'"{word}"', values=1)
    elif text:
        yield _Found(part=known[word], text=text, unit=_unit_text(row, known[word], schema.long))


def _unit_text(row: Row, part: ValuePart, long: LongPart) -> str | None:
    """Return the unit that is declared, or else that of the row."""
    if part.unit is not None or long.unit is None:
        return part.unit
    return row.text(long.unit)


def _unit(one: _Found, row: Row, problems: Problems) -> int | None:
    """Return the place of a unit among those of its variable."""
    measured = VARIABLES[place_of(one.part.variable)]
    if one.unit is None:
        return 0
    unit = unit_of(measured, one.unit)
    if unit is None:
        problems.add(
            Kind.UNKNOWN_UNIT, [row.number], variable=measured.name, detail=one.unit, values=1
        )
        return None
    return measured.units.index(unit)


def _value(one: _Found, row: Row, schema: TableSchema, problems: Problems) -> float | None:
    value = one.part.words.get(one.text)
    if value is None:
        value = number_of(one.text, schema.decimal)
    if value is None:
        problems.add(Kind.NOT_A_NUMBER, [row.number], variable=one.part.variable, values=1)
    return value
