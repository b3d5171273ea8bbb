"""`thoracle breathing train` and `ablate`: networks that tell breathing patterns apart."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.train import need_torch

RecipeArgument = Annotated[Path, typer.Argument(help="Recipe, a TOML file.")]
ThreadsOption = Annotated[int, typer.Option(help="Threads that torch may use.")]


def train_breathing(
    recipe: RecipeArgument,
    *,
    run: Annotated[
        Path | None,
        typer.Option(
            callback=folder_to_write,
            help="Folder of the run; an interrupted one goes on. By default runs/breathing/ and "
            "the recipe's name.",
        ),
    ] = None,
    threads: ThreadsOption = 1,
) -> None:
    """Train a network on simulated breathing, calibrate and export it (needs the extra `train`)."""
    need_torch()
    import torch

    from thoracle.train.breathing.fit import fit_patterns
    from thoracle.train.breathing.packing import pack_patterns
    from thoracle.train.breathing.recipe import read_pattern_recipe

    torch.set_num_threads(threads)
    folder = run or Path("runs/breathing") / recipe.stem
    fit_patterns(read_pattern_recipe(recipe), folder)
    parity = pack_patterns(folder, folder / "bundle")
    typer.echo(
        f"{folder / 'bundle'}: {parity.logit_difference:.1e} in a logit from torch. Next: thoracle "
        f"breathing judge --bundle {folder / 'bundle'}"
    )


def ablate_breathing(
    recipe: RecipeArgument,
    *,
    seeds: Annotated[int, typer.Option(min=2, help="How many seeds for each variant.")] = 5,
    out: Annotated[
        Path | None,
        typer.Option(
            callback=folder_to_write,
            help="Folder of the runs and the report. By default runs/breathing/, the recipe's "
            "name and -ablation.",
        ),
    ] = None,
    threads: ThreadsOption = 1,
) -> None:
    """Train a recipe without each of its parts, with several seeds; what is done is kept.

    Prints mean and standard deviation beside a rule that learns nothing and the published figures.
    Needs the extra `train`.
    """
    need_torch()
    import torch

    from thoracle.train.breathing.ablation import ablate
    from thoracle.train.breathing.ablation_report import ablation_report
    from thoracle.train.breathing.recipe import read_pattern_recipe

    torch.set_num_threads(threads)
    folder = out or Path("runs/breathing") / f"{recipe.stem}-ablation"
    read = read_pattern_recipe(recipe)
    report = ablation_report(ablate(read, folder, seeds=seeds, told=typer.echo), read)
    report.write(folder)
    typer.echo(report.markdown)
