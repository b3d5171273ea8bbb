"""`thoracle prognosis study`: what one moment tells, in sets that are no charts."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.progress import progress_bars

study_app = typer.Typer(
    no_args_is_help=True,
    help="Studies of public sets that are no charts over time. They need the extra `research`.",
)

Out = Annotated[
    Path, typer.Option(callback=folder_to_write, help="Folder for study.html, .json and .md.")
]
Folds = Annotated[int, typer.Option(min=2, help="Folds.")]


@study_app.command("sirio")
def sirio(
    file: Annotated[Path, typer.Argument(help="The Sírio-Libanês set, as published.")],
    *,
    repeats: Annotated[int, typer.Option(min=1, help="How often patients are dealt anew.")] = 10,
    folds: Folds = 5,
    out: Out = Path("study-sirio"),
) -> None:
    """Predict intensive care from the first two hours after arrival alone.

    Logistic regression, boosting and a small neural network, by patient, repeated.
    """
    from thoracle.jobs.prognosis_studies import Dealing, study_sirio
    from thoracle.jobs.prognosis_study_report import sirio_report

    with progress_bars() as on_progress:
        dealing = Dealing(folds=folds, repeats=repeats)
        report = sirio_report(study_sirio(file, dealing=dealing, on_progress=on_progress))
    report.write(out)
    typer.echo(report.markdown)


@study_app.command("carbon")
def carbon(
    file: Annotated[Path, typer.Argument(help="The Carbon Health set, CSV, packed or not.")],
    *,
    repeats: Annotated[int, typer.Option(min=1, help="How often visits are dealt anew.")] = 1,
    folds: Folds = 5,
    out: Out = Path("study-carbon"),
) -> None:
    """Predict the swab's result from vital signs and symptoms, by visit and by date.

    It is expected to be weak; the report says so with the number.
    """
    from thoracle.jobs.prognosis_studies import Dealing, study_carbon
    from thoracle.jobs.prognosis_study_report import carbon_report

    with progress_bars() as on_progress:
        dealing = Dealing(folds=folds, repeats=repeats)
        report = carbon_report(study_carbon(file, dealing=dealing, on_progress=on_progress))
    report.write(out)
    typer.echo(report.markdown)
