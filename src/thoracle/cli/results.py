"""`thoracle results`: list the kept results and read one again."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from thoracle.cli.own_store import open_own_store

if TYPE_CHECKING:
    from rich.console import Console


results_app = typer.Typer(
    help="List the kept results and read one again.", no_args_is_help=True, add_completion=False
)

_PIPE_COLUMNS = 160  # into a file or a pipe a line may be longer than a terminal's


@results_app.command("list")
def list_command(
    limit: Annotated[int, typer.Option(min=1, help="How many at most, newest first.")] = 20,
    before: Annotated[
        str | None, typer.Option(metavar="ID", help="Only results older than this one.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array instead.")] = False,
) -> None:
    """List the kept results, newest first."""
    from thoracle.jobs.documents import summary_document
    from thoracle.jobs.results import list_results

    with open_own_store() as store:
        lines = list_results(store, limit=limit, before=before)
    if json:
        typer.echo(_as_json([summary_document(line) for line in lines]))
    elif not lines:
        typer.echo("No result has been kept yet.")
    else:
        from rich.table import Table

        table = Table("id", "time (UTC)", "file", "status", "gate", "highest probability")
        for line in lines:
            time = line.created_at.strftime("%Y-%m-%d %H:%M")
            gate, top = line.gate_kind or "", line.top_label or ""
            table.add_row(line.id, time, line.file, str(line.status), str(gate), top)
        table.columns[0].no_wrap = True
        _console().print(table)


@results_app.command("show")
def show_command(
    result_id: Annotated[str, typer.Argument(metavar="ID", help="From `thoracle results list`.")],
    json: Annotated[
        bool, typer.Option("--json", help="Print the JSON of `thoracle analyze` instead.")
    ] = False,
) -> None:
    """Show one kept result."""
    from thoracle.jobs.documents import result_document
    from thoracle.jobs.results import show_result
    from thoracle.reporting.analysis_view import PictureAddresses, view_of

    with open_own_store() as store:
        stored = show_result(store, result_id)
    if json:
        typer.echo(_as_json(result_document(stored)))
        return
    view = view_of(stored.result, addresses=PictureAddresses(), made_at=stored.summary.created_at)
    notes = [view.gate_sentence, view.bars_note, *(bar.sentence for bar in view.bars)]
    reasons = (*view.reasons, *view.warnings, *((view.error,) if view.error else ()))
    console = _console()
    console.print(f"{view.title}\n{view.status_title} {view.made_at}")
    for note in notes:
        if note is not None:
            console.print(note)
    for reason in reasons:
        console.print(f"  {reason.code}: {reason.text}")
    for name, value in view.provenance:
        console.print(f"{name}: {value}")


def _console() -> "Console":
    """Return a console that prints file names as they are, brackets and all."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else _PIPE_COLUMNS
    return Console(markup=False, highlight=False, width=width)


def _as_json(document: object) -> str:
    import json

    return json.dumps(document, indent=1, allow_nan=False)
