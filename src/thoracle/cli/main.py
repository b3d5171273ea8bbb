"""The command `thoracle`: every subcommand is listed here and lives in a module of its own."""

import atexit
import gc
import sys
from typing import Annotated

import typer

from thoracle.cli.analyze import analyze
from thoracle.cli.backup import backup, restore
from thoracle.cli.bundles import bundles_app
from thoracle.cli.data import data_app
from thoracle.cli.doctor import doctor
from thoracle.cli.evaluate import calibrate, evaluate
from thoracle.cli.examples import examples_app
from thoracle.cli.open import open_app
from thoracle.cli.readings import readings_app
from thoracle.cli.results import results_app
from thoracle.cli.serve import serve
from thoracle.cli.train import export, train
from thoracle.cli.user import user_app
from thoracle.core.errors import ThoracleError
from thoracle.core.results import DISCLAIMER

app = typer.Typer(
    name="thoracle",
    help=(
        "Read chest radiographs: what is seen, how sure, why, and when not to trust it. "
        f"{DISCLAIMER}"
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(analyze)
app.command("open")(open_app)
app.command()(serve)
app.command()(backup)
app.command()(restore)
app.add_typer(results_app, name="results")
app.add_typer(readings_app, name="readings")
app.add_typer(user_app, name="user")
app.add_typer(bundles_app, name="bundles")
app.add_typer(examples_app, name="examples")
app.add_typer(data_app, name="data")
app.command()(train)
app.command()(export)
app.command()(evaluate)
app.command()(calibrate)
app.command()(doctor)


def _show_version(wanted: bool) -> None:
    if wanted:
        from thoracle.core.version import version

        typer.echo(version())
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Read the options that belong to no subcommand."""


def main() -> None:
    """Run the command; an error that Thoracle raises is one line and exit code 1."""
    # At the end Python looks through all that is loaded for garbage, a quarter of a second long.
    atexit.register(gc.freeze)
    try:
        app()
    except ThoracleError as error:
        typer.echo(f"thoracle: {error.text} [{error.code}]", err=True)
        sys.exit(1)
