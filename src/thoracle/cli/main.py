"""The command `thoracle`: every subcommand is listed here and lives in a module of its own."""

import atexit
import gc
import sys
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from thoracle.cli.analyze import analyze
from thoracle.cli.audit import audit
from thoracle.cli.backup import backup, restore
from thoracle.cli.breathing import breathing_app
from thoracle.cli.bundles import bundles_app
from thoracle.cli.compare import compare
from thoracle.cli.ct import ct_app
from thoracle.cli.data import data_app
from thoracle.cli.doctor import doctor
from thoracle.cli.evaluate import calibrate, evaluate
from thoracle.cli.evaluate_ct import evaluate_ct
from thoracle.cli.examples import examples_app
from thoracle.cli.maps import maps_app
from thoracle.cli.open import open_app
from thoracle.cli.prognosis import prognosis_app
from thoracle.cli.readings import readings_app
from thoracle.cli.reproduce import reproduce
from thoracle.cli.results import results_app
from thoracle.cli.retrain import retrain_app
from thoracle.cli.serve import serve
from thoracle.cli.severity import severity_app
from thoracle.cli.texture import texture, texture_baseline
from thoracle.cli.train import export
from thoracle.cli.training import train_app
from thoracle.cli.user import user_app
from thoracle.cli.worker import worker
from thoracle.core.errors import SystemFaultError, ThoracleError
from thoracle.core.results import DISCLAIMER

INTERRUPTED = 130  # 128 and SIGINT, as shells have it
_STAYS = "what was written whole stays where it is"


class Interruptible(TyperGroup):
    """Says in one line that Ctrl+C came, and how far the work was where a command told it."""

    def invoke(self, ctx: Any) -> Any:
        """Run the subcommand.

        Raises
        ------
        Exit
            With 130, after Ctrl+C.
        """
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            typer.echo(f"thoracle: interrupted: {str(stop) or _STAYS}.", err=True)
            raise typer.Exit(INTERRUPTED) from stop


app = typer.Typer(
    name="thoracle",
    cls=Interruptible,
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
app.command()(worker)
app.command()(backup)
app.command()(restore)
app.add_typer(results_app, name="results")
app.add_typer(readings_app, name="readings")
app.add_typer(user_app, name="user")
app.add_typer(bundles_app, name="bundles")
app.add_typer(examples_app, name="examples")
app.add_typer(severity_app, name="severity")
app.add_typer(data_app, name="data")
app.add_typer(train_app, name="train")
app.command()(export)
app.command()(reproduce)
app.add_typer(retrain_app, name="retrain")
app.command()(evaluate)
app.command("evaluate-ct")(evaluate_ct)
app.command()(compare)
app.command()(calibrate)
app.command()(audit)
app.add_typer(maps_app, name="maps")
app.command()(texture)
app.command("texture-baseline")(texture_baseline)
app.add_typer(ct_app, name="ct")
app.add_typer(breathing_app, name="breathing")
app.add_typer(prognosis_app, name="prognosis")
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
    """Run the command; an error that Thoracle or the system raises is one line and exit code 1."""
    # At the end Python looks through all that is loaded for garbage, a quarter of a second long.
    atexit.register(gc.freeze)
    try:
        app()
    except ThoracleError as error:
        _end_with(error)
    except OSError as fault:
        _end_with(SystemFaultError(fault))


def _end_with(error: ThoracleError) -> NoReturn:
    typer.echo(f"thoracle: {error.text} [{error.code}]", err=True)
    sys.exit(1)
