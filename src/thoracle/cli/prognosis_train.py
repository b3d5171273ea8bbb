"""`thoracle prognosis train` and `cross-validate`: networks that tell risks from charts."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.train import need_torch

RecipeArgument = Annotated[Path, typer.Argument(help="Recipe, a TOML file.")]
CohortArgument = Annotated[
    Path, typer.Argument(help="Folder of a cohort, from thoracle prognosis build.")
]
ThreadsOption = Annotated[int, typer.Option(help="Threads that torch may use.")]


def train_prognosis(
    recipe: RecipeArgument,
    cohort: CohortArgument,
    *,
    run: Annotated[
        Path | None,
        typer.Option(
            callback=folder_to_write,
            help="Folder of the run. By default runs/prognosis/ and the recipe's name.",
        ),
    ] = None,
    leave_out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Patients that nothing is learned from, one pseudonym a line."
        ),
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="Learn only from stays admitted before it, as in 2020-02-10."
        ),
    ] = None,
    threads: ThreadsOption = 1,
) -> None:
    """Choose, calibrate and train an ensemble, and export it (needs the extra `train`)."""
    need_torch()
    import torch

    from thoracle.train.prognosis.command import TrainingPart, train_risks

    torch.set_num_threads(threads)
    folder = run or Path("runs/prognosis") / recipe.stem
    part = TrainingPart(leave_out=leave_out, before=before)
    parity = train_risks(recipe, cohort, folder, part, told=typer.echo)
    typer.echo(f"{folder / 'bundle'}: {parity.logit_difference:.1e} in a logit from torch.")


def cross_validate_prognosis(
    recipe: RecipeArgument,
    cohort: CohortArgument,
    *,
    run: Annotated[
        Path | None,
        typer.Option(
            callback=folder_to_write,
            help="Folder of the run; an interrupted one goes on. By default runs/prognosis/, the "
            "recipe's name and -folds or -later.",
        ),
    ] = None,
    folds: Annotated[int, typer.Option(min=2, help="Into how many patients are dealt.")] = 5,
    repeats: Annotated[int, typer.Option(min=1, help="How often they are dealt anew.")] = 5,
    later: Annotated[
        bool,
        typer.Option(
            "--later",
            help="Instead, judge once those admitted last, by networks of the earlier ones.",
        ),
    ] = False,
    attach_to: Annotated[
        str | None,
        typer.Option(metavar="BUNDLE", help="Add the figures to a bundle and its model card."),
    ] = None,
    threads: ThreadsOption = 1,
) -> None:
    """Tell the risk of each patient by networks that never saw them (needs the extra `train`)."""
    need_torch()
    import torch

    from thoracle.datasets.prognosis.cohort import read_cohort
    from thoracle.datasets.prognosis.out_of_fold import read_out_of_fold
    from thoracle.jobs.card import attach
    from thoracle.jobs.risk_card import risk_card_report
    from thoracle.train.prognosis.cross_validate import Dealing, cross_validate
    from thoracle.train.prognosis.recipe import read_risk_recipe

    torch.set_num_threads(threads)
    folder = run or Path("runs/prognosis") / f"{recipe.stem}-{'later' if later else 'folds'}"
    charts = read_cohort(cohort).charts
    dealing = Dealing(by_admission=True) if later else Dealing(folds=folds, repeats=repeats)
    written = cross_validate(
        charts, read_risk_recipe(recipe), folder, dealing=dealing, told=typer.echo
    )
    report = risk_card_report(read_out_of_fold(written), charts)
    report.write(folder)
    if attach_to is not None:
        attach(attach_to, [report])
    typer.echo(report.markdown)
    typer.echo(f"{written}: risks of patients that the networks never saw.")
