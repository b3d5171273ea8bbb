"""`thoracle breathing`: simulate, measure, classify and watch breathing signals."""

import typer

from thoracle.cli.breathing_info import info
from thoracle.cli.breathing_judge import judge
from thoracle.cli.breathing_simulate import simulate
from thoracle.cli.breathing_train import ablate_breathing, train_breathing

breathing_app = typer.Typer(
    no_args_is_help=True,
    help="Breathing signals: rate, breaths, pauses and patterns.",
)

breathing_app.command("simulate")(simulate)
breathing_app.command("info")(info)
breathing_app.command("train")(train_breathing)
breathing_app.command("ablate")(ablate_breathing)
breathing_app.command("judge")(judge)
