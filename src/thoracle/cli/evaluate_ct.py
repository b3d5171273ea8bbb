"""`thoracle evaluate-ct`: how CT bundles do on patients that they never saw."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.progress import progress_bars


def evaluate_ct(
    runs: Annotated[
        Path, typer.Argument(help="Folder of `thoracle train ct-study`, or of one bundle.")
    ],
    *,
    cases: Annotated[
        Path, typer.Option(help="Folder of the labeled scans, with cases.csv in it.")
    ] = Path("ct"),
    unlabeled: Annotated[
        list[Path] | None,
        typer.Option(help="A NIfTI file in HU without labels; may be given more than once."),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(callback=folder_to_write, help="Folder for evaluation.html, .json and .md."),
    ] = Path("evaluation-ct"),
    name: Annotated[str, typer.Option(help="What the evaluation is called.")] = "Held-out patients",
    attach_to: Annotated[
        str, typer.Option(help="Add the figures to the card of this bundle: a name or a folder.")
    ] = "",
) -> None:
    """Judge CT bundles on the labeled scans of patients that each of them never saw.

    Dice, surface distance, volumes and percentage of infection, beside the published ones.
    """
    from thoracle.datasets.ct_cases import read_cases
    from thoracle.jobs.card import attach
    from thoracle.jobs.evaluate_ct import find_ct_bundles, judge_ct
    from thoracle.jobs.evaluate_ct_report import ct_report

    bundles = find_ct_bundles(runs)
    with progress_bars() as on_progress:
        judged = judge_ct(
            bundles, read_cases(cases), unlabeled=unlabeled or [], on_progress=on_progress
        )
    report = ct_report(judged, name=name)
    report.write(out)
    if attach_to:
        attach(attach_to, [report])
    typer.echo(report.markdown)
