"""`thoracle prognosis variables`: what a chart may hold, in which units, under which names."""

import math
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thoracle.prognosis.variables import Variable

_PIPE_COLUMNS = 160  # into a file or a pipe a line may be longer than a terminal's


def variables(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WORD]...", help="Only those whose name, title or code has one of them."
        ),
    ] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array instead.")] = False,
) -> None:
    """List the variables of charts: names, units that are read, plausible values, LOINC codes."""
    from thoracle.prognosis.variables import VARIABLES

    found = [one for one in VARIABLES if not words or _is_meant(one, words)]
    if json:
        from json import dumps

        said = [_document(one) for one in found]
        typer.echo(dumps(said, indent=1, ensure_ascii=False, allow_nan=False))
    elif not found:
        typer.echo("No variable goes by that; without a word all are listed.")
    else:
        _print(found)


def _is_meant(one: "Variable", words: "Sequence[str]") -> bool:
    from thoracle.prognosis.variables import plain

    names = [plain(each) for each in (one.name, one.title, *one.names, *one.loinc)]
    return any(plain(word) in name for word in words for name in names)


def _document(one: "Variable") -> dict[str, Any]:
    ends = [None if math.isnan(end) else end for end in (one.reference_low, one.reference_high)]
    return {
        "name": one.name,
        "title": one.title,
        "kind": one.kind,
        "unit": one.unit,
        "units": [each.name for each in one.units],
        "plausible": [one.low, one.high],
        "reference": ends,
        "loinc": list(one.loinc),
        "names": list(one.names),
    }


def _print(found: "Sequence[Variable]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "title", "unit", "also read", "plausible", "LOINC")
    for one in found:
        others = ", ".join(each.name for each in one.units[1:])
        ends = f"{one.low:g}–{one.high:g}"
        table.add_row(one.name, one.title, one.unit or "–", others, ends, ", ".join(one.loinc))
    table.columns[0].no_wrap = True
    width = None if sys.stdout.isatty() else _PIPE_COLUMNS
    Console(width=width, markup=False, highlight=False).print(table)
