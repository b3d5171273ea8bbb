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


@study_app.command("cohen")
def cohen(
    folder: Annotated[
        Path, typer.Argument(help="The collection of Cohen et al.: metadata.csv and images.")
    ],
    *,
    repeats: Annotated[int, typer.Option(min=1, help="How often patients are dealt anew.")] = 20,
    folds: Folds = 5,
    out: Out = Path("study-cohen"),
) -> None:
    """Fuse what bundles say of films with clinical values: few patients, told for what it is.

    Brixia score and probability of COVID-19 beside age, sex, temperature and saturation; intensive
    care and death, on patients left out.
    """
    from thoracle.core.settings import settings
    from thoracle.inference.bundle import open_bundle
    from thoracle.jobs.analyze import load_models
    from thoracle.jobs.prognosis_fusion_report import fusion_report
    from thoracle.jobs.prognosis_fusion_study import judge_fusion, judge_images, read_cases
    from thoracle.jobs.prognosis_studies import Dealing

    dealing = Dealing(folds=folds, repeats=repeats)
    cases = read_cases(folder)
    with progress_bars() as on_progress:
        images = judge_images(cases, load_models(), on_progress=on_progress)
    found = judge_fusion(cases, images, dealing=dealing)
    bundles = [open_bundle(name) for name in (settings().bundle, "severity")]
    report = fusion_report(found, cases=len(cases), dealing=dealing, bundles=bundles)
    report.write(out)
    typer.echo(report.markdown)
