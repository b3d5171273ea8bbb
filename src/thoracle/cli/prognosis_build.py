"""`thoracle prognosis build`: from files as others have them to a cohort, and what was kept out."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import folder_to_write


def build(
    out: Annotated[
        Path,
        typer.Option(
            callback=folder_to_write,
            metavar="FOLDER",
            help="A new or empty folder, or that of an older cohort, which is replaced.",
        ),
    ],
    *,
    source: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=FILE",
            help="A public set in its own layout: wuhan=FILE.",
        ),
    ] = None,
    simulate: Annotated[
        int | None, typer.Option(min=1, help="Simulate this many patients, whose risk is known.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed simulates the same.")] = 0,
) -> None:
    """Build a cohort of charts, and say what was kept out of it and why."""
    from thoracle.datasets.prognosis.cohort import write_cohort
    from thoracle.jobs.prognosis_build import BuildRequest, build_cohort, summary_lines

    request = BuildRequest(source=source, simulate=simulate, seed=seed)
    cohort = build_cohort(request)
    write_cohort(cohort, out)
    for line in summary_lines(cohort):
        typer.echo(line)
    typer.echo(f"written to {out}")
