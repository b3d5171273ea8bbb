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
            help="A public set in its own layout: wuhan, sirio (the first two hours) or carbon. "
            "The last two are no charts and become a table of features.",
        ),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A table of your own: .csv, .xlsx or .parquet."),
    ] = None,
    schema: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What stands in the columns of --table, as TOML."),
    ] = None,
    fhir: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="FHIR R4: a bundle (.json), lines of resources (.ndjson), or a folder of them.",
        ),
    ] = None,
    simulate: Annotated[
        int | None, typer.Option(min=1, help="Simulate this many patients, whose risk is known.")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Of --simulate: the same seed gives the same charts.")
    ] = 0,
) -> None:
    """Build a cohort of charts, and say what was kept out of it and why."""
    from thoracle.jobs import prognosis_build as job

    request = job.BuildRequest(
        source=source, table=table, schema=schema, fhir=fhir, simulate=simulate, seed=seed
    )
    built = job.build(request)
    job.write_built(built, out)
    for line in job.summary_lines(built):
        typer.echo(line)
    typer.echo(f"written to {out}")
