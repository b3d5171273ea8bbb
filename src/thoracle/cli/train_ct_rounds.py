"""`thoracle train ct-rounds`: what corrected masks bring, round after round, on labeled scans."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.train import need_torch
from thoracle.cli.train_ct import DEFAULT_CASES, CasesOption


def train_ct_rounds(
    recipe: Annotated[Path, typer.Argument(help="Recipe of the first training, a TOML file.")],
    *,
    cases: CasesOption = DEFAULT_CASES,
    retrain: Annotated[
        Path, typer.Option(help="Recipe of a retraining: its table `training` is a round's.")
    ] = Path("recipes/retrain/ct.toml"),
    held_out: Annotated[
        str,
        typer.Option(
            help="Patients to hold out, comma-separated, one to a course. By default all."
        ),
    ] = "",
    start: Annotated[int, typer.Option(help="Patients whom the first network learns from.")] = 1,
    rounds: Annotated[int, typer.Option(help="Patients corrected afterwards, one a round.")] = 3,
    out: Annotated[
        Path,
        typer.Option(
            callback=folder_to_write, help="Folder of the study; an interrupted one goes on."
        ),
    ] = Path("runs/ct-rounds"),
    threads: Annotated[int, typer.Option(help="Threads that torch may use.")] = 1,
) -> None:
    """Simulate rounds of correction: held-out Dice and effort of each, as table, curve and JSON.

    In each round the reference labels stand for a reader who corrects a new patient's mask; the
    network then goes on learning. Needs the extra `train`; a stopped study goes on where it was.
    """
    need_torch()
    import torch

    from thoracle.cli.evaluate import comma_separated
    from thoracle.datasets.ct_cases import read_cases
    from thoracle.reporting.svg import require_plots
    from thoracle.train.ct.recipe import read_ct_recipe
    from thoracle.train.ct.retrain_recipe import read_ct_retrain_recipe
    from thoracle.train.ct.rounds import Rounds, claim_study, courses, play
    from thoracle.train.ct.rounds_report import write_rounds

    require_plots()
    torch.set_num_threads(threads)
    study = Rounds(
        recipe=read_ct_recipe(recipe),
        goes_on=read_ct_retrain_recipe(retrain).training,
        cases=read_cases(cases),
        folder=out,
    )
    planned = courses(
        [one.patient for one in study.cases],
        held_out=comma_separated(held_out),
        start=start,
        rounds=rounds,
    )
    claim_study(study, planned)
    played: list[dict[str, object]] = []
    text = ""
    for course in planned:
        played += play(study, course, told=typer.echo)
        text = write_rounds(played, out)
    typer.echo(text)
