"""`thoracle prognosis`: charts of patients over time, and the risk that follows from them."""

import typer

from thoracle.cli.prognosis_build import build
from thoracle.cli.prognosis_calibrate import calibrate
from thoracle.cli.prognosis_evaluate import evaluate
from thoracle.cli.prognosis_predict import predict
from thoracle.cli.prognosis_study import study_app
from thoracle.cli.prognosis_train import cross_validate_prognosis, train_prognosis
from thoracle.cli.prognosis_variables import variables

prognosis_app = typer.Typer(
    no_args_is_help=True,
    help="Charts of patients over time: build cohorts of them, and predict death or intensive "
    "care from what was known at a time.",
)

prognosis_app.command("build")(build)
prognosis_app.command("evaluate")(evaluate)
prognosis_app.command("predict")(predict)
prognosis_app.command("variables")(variables)
prognosis_app.command("calibrate")(calibrate)
prognosis_app.command("train")(train_prognosis)
prognosis_app.command("cross-validate")(cross_validate_prognosis)
prognosis_app.add_typer(study_app, name="study")
