"""`thoracle breathing evaluate`: how breaths and rates fare against marks of people."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.progress import progress_bars


def evaluate(
    folder: Annotated[
        Path,
        typer.Argument(help="Folder of BIDMC: bidmc_NN_{Signals,Numerics,Breaths}.csv.gz."),
    ],
    *,
    out: Annotated[
        Path,
        typer.Option(callback=folder_to_write, help="Folder for breathing.html, .json and .md."),
    ] = Path("evaluation-breathing"),
    window_s: Annotated[
        float, typer.Option("--window-s", metavar="S", help="Length of the windows of a rate.")
    ] = 60.0,
    name: Annotated[str, typer.Option(help="What the evaluation is called.")] = "Breaths on BIDMC",
) -> None:
    """Judge breaths and rates on recordings whose breaths two people marked.

    Rate errors, breath detection and names by rate, beside the second annotator, the bedside
    monitor and NeuroKit2, on the half of the recordings that chose nothing.
    """
    from thoracle.datasets.breathing.bidmc import read_bidmc
    from thoracle.jobs.evaluate_breathing import judge_breathing
    from thoracle.jobs.evaluate_breathing_report import breathing_report

    annotated = list(read_bidmc(folder))
    with progress_bars() as on_progress:
        judged = judge_breathing(annotated, window_s=window_s, on_progress=on_progress)
    report = breathing_report(judged, name=name)
    report.write(out)
    typer.echo(report.markdown)
