"""`thoracle breathing`: simulate, measure, classify and watch breathing signals."""

import typer

from thoracle.cli.breathing_classify import classify
from thoracle.cli.breathing_depth import depth
from thoracle.cli.breathing_evaluate import evaluate
from thoracle.cli.breathing_info import info
from thoracle.cli.breathing_judge import judge
from thoracle.cli.breathing_monitor import monitor
from thoracle.cli.breathing_rate import rate
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
breathing_app.command("evaluate")(evaluate)
breathing_app.command("rate")(rate)
breathing_app.command("classify")(classify)
breathing_app.command("depth")(depth)
breathing_app.command("monitor")(monitor)
