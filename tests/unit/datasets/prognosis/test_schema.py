"""Schemas: every key known, every unit one that converts, nothing that contradicts itself."""

from pathlib import Path

import pytest

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.schema import Layout, SchemaError, TimeKind, read_schema

WIDE = """
name = "ward"
layout = "wide"
patient = "id"
time = { column = "taken", kind = "hours" }
[[values]]
column = "LDH"
variable = "ldh"
unit = "U/L"
"""
LONG = """
name = "ward"
layout = "long"
patient = "id"
time = { column = "taken", kind = "hours" }
long = { variable = "test", value = "result", unit = "unit" }
[[values]]
word = "LDH"
variable = "ldh"
"""


def _read(tmp_path: Path, text: str) -> object:
    path = tmp_path / "schema.toml"
    path.write_text(text)
    return read_schema(path)


def test_a_schema_is_read(tmp_path: Path) -> None:
    path = tmp_path / "schema.toml"
    path.write_text(WIDE)
    schema = read_schema(path)
    assert schema.layout is Layout.WIDE
    assert schema.time.kind is TimeKind.HOURS
    assert schema.values[0].variable == "ldh"
    path.write_text(LONG)
    assert read_schema(path).long is not None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "ward"', 'name = "ward"\nward = 1', "found ward in the schema"),
        ('unit = "U/L"', 'unit = "U/L"\ncolor = 1', r"found values\.0\.color in the schema"),
        ('layout = "wide"', 'layout = "square"', "found layout in the schema"),
        ('unit = "U/L"', "", "found no unit of ldh .* converts into U/L"),
        ('unit = "U/L"', 'unit = "g/L"', 'found the unit "g/L" of ldh .* one of "U/L", "µkat/L"'),
        ('variable = "ldh"', 'variable = "lhd"', 'found the variable "lhd"'),
        ('kind = "hours"', 'kind = "instant"', r"instant without \[admission\]"),
        ('layout = "wide"', 'layout = "long"', r"expected \[long\] with the layout long"),
        ('column = "LDH"', 'word = "LDH"', "ldh with word and without column"),
        ('column = "LDH"', 'column = "LDH"\nword = "LDH"', "expected a column in the layout wide"),
        (
            "[[values]]",
            '[[values]]\ncolumn = "LDH"\nvariable = "urea"\nunit = "mmol/L"\n[[values]]',
            'the column or word "LDH" 2 times',
        ),
        (
            'name = "ward"',
            'name = "ward"\nadmission = { column = "in", kind = "days" }',
            "found an admission of kind days",
        ),
        (
            'name = "ward"',
            'name = "ward"\noutcome = { column = "end" }',
            r"found an \[outcome\] that is not whole",
        ),
        (
            'name = "ward"',
            'name = "ward"\noutcome = { times = { moved = { column = "m", kind = "days" } } }',
            'found the event "moved"',
        ),
        (
            'name = "ward"',
            (
                'name = "ward"\noutcome = { column = "end", words = { death = ["x"] }, '
                'time = { column = "t", kind = "days" }, '
                'times = { death = { column = "m", kind = "days" } } }'
            ),
            r"found an \[outcome\] that is not whole",
        ),
        ("[[values]]", "[[values", "that cannot be read as TOML"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in WIDE
    with pytest.raises(ChartError, match=message):
        _read(tmp_path, WIDE.replace(old, new, 1))


def test_a_long_table_without_a_column_of_units_declares_them(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="found no unit of ldh"):
        _read(tmp_path, LONG.replace(', unit = "unit"', ""))


def test_a_missing_schema_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"found none\.toml that cannot be read"):
        read_schema(tmp_path / "none.toml")
