"""`thoracle prognosis`: charts of patients over time, and the risk that follows from them."""

import typer

from thoracle.cli.prognosis_build import build

prognosis_app = typer.Typer(
    no_args_is_help=True,
    help="Charts of patients over time: build cohorts of them, and predict death or intensive "
    "care from what was known at a time.",
)

prognosis_app.command("build")(build)
