"""`thoracle breathing`: simulate, measure, classify and watch breathing signals."""

import typer

from thoracle.cli.breathing_info import info
from thoracle.cli.breathing_simulate import simulate

breathing_app = typer.Typer(
    no_args_is_help=True,
    help="Breathing signals: rate, breaths, pauses and patterns.",
)

breathing_app.command("simulate")(simulate)
breathing_app.command("info")(info)
