"""`thoracle train ct` and `thoracle train ct-study`: networks that segment chest CT."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.train import need_torch

RecipeArgument = Annotated[Path, typer.Argument(help="Recipe, a TOML file.")]
CasesOption = Annotated[
    Path, typer.Option(help="Folder of the labeled scans, with cases.csv in it.")
]
DEFAULT_CASES = Path("ct")


def train_ct(
    recipe: RecipeArgument,
    *,
    cases: CasesOption = DEFAULT_CASES,
    leave_out: Annotated[
        str, typer.Option(help="Patients whose scans it must not see, comma-separated.")
    ] = "",
    run: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the run; an interrupted one goes on. By default runs/ct/, the "
            "recipe's name, and who is left out."
        ),
    ] = None,
    threads: Annotated[int, typer.Option(help="Threads that torch may use.")] = 1,
) -> None:
    """Train a network that segments chest CT, and export it (needs the extra `train`)."""
    need_torch()
    import torch

    from thoracle.cli.evaluate import comma_separated
    from thoracle.datasets.ct_cases import read_cases
    from thoracle.train.ct.fit import run_without
    from thoracle.train.ct.recipe import read_ct_recipe
    from thoracle.train.ct.study import BUNDLE, fit_and_pack

    torch.set_num_threads(threads)
    names = comma_separated(leave_out)
    part = "-".join(("without", *names)) if names else "all"
    folder = run or Path("runs/ct") / recipe.stem / part
    plan = run_without(read_ct_recipe(recipe), read_cases(cases), left_out=names, folder=folder)
    parity = fit_and_pack(plan)
    said = "" if parity is None else f", {parity.logit_difference:.1e} in a logit from torch"
    typer.echo(f"Trained on {', '.join(plan.patients)}: {folder / BUNDLE}{said}")


def train_ct_study(
    recipe: RecipeArgument,
    *,
    cases: CasesOption = DEFAULT_CASES,
    out: Annotated[
        Path | None,
        typer.Option(
            callback=folder_to_write,
            help="Folder of the runs. By default runs/ct/ and the recipe's name.",
        ),
    ] = None,
    everybody: Annotated[bool, typer.Option(help="Train on all patients too.")] = True,
    one_out: Annotated[bool, typer.Option(help="Leave out one patient after the other.")] = True,
    fewer: Annotated[
        bool, typer.Option(help="Train on fewer patients too, for the learning curve.")
    ] = False,
    threads: Annotated[int, typer.Option(help="Threads that torch may use.")] = 1,
) -> None:
    """Train a CT recipe on all patients, without each, and on fewer; what is done is kept.

    Needs the extra `train`. A stopped study goes on where it was.
    """
    need_torch()
    import torch

    from thoracle.datasets.ct_cases import read_cases
    from thoracle.train.ct.recipe import read_ct_recipe
    from thoracle.train.ct.study import StudyParts, study

    torch.set_num_threads(threads)
    folder = out or Path("runs/ct") / recipe.stem
    parts = StudyParts(everybody=everybody, one_out=one_out, fewer=fewer)
    made = study(read_ct_recipe(recipe), read_cases(cases), folder, parts=parts, told=typer.echo)
    typer.echo(f"{len(made)} bundles below {folder}. Next: thoracle evaluate-ct {folder}")
