"""`thoracle data pick`: a class folder of films chosen from a manifest, as NAGPUR built its own."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import folder_to_write


def pick(
    manifest: Annotated[Path, typer.Argument(help="Manifest from `thoracle data build`.")],
    *,
    label: Annotated[str, typer.Option(help="For instance covid-19, normal or bacterial.")],
    out: Annotated[
        Path,
        typer.Option(
            callback=folder_to_write, help="New folder, named for the class: dataset/covid."
        ),
    ],
    films: Annotated[int, typer.Option(help="How many; 0 for all.", min=0)] = 25,
    source: Annotated[
        list[str] | None, typer.Option(help="Only of this collection; may be repeated.")
    ] = None,
    view: Annotated[
        list[str] | None, typer.Option(help="Only this view, PA or AP; may be repeated.")
    ] = None,
    one_per_patient: Annotated[
        bool, typer.Option("--one-per-patient", help="At most one film of a patient.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Makes the draw repeat.")] = 0,
    root: Annotated[
        Path | None, typer.Option(help="Folder of the films; by default as the manifest says.")
    ] = None,
) -> None:
    r"""Copy films of one label into a folder such as covid: covid001 is its first patient.

    Two calls make NAGPUR's data set: --source cohen --label covid-19 --view PA, and --source
    kermany --label normal. Then: thoracle train folder dataset --patient-pattern "^(\D+\d+)_"
    """
    from thoracle.datasets.manifest import read_manifest
    from thoracle.datasets.picking import Choice, copy_films
    from thoracle.datasets.picking import pick as draw

    read = read_manifest(manifest, root=root)
    choice = Choice(
        label=label,
        sources=tuple(source or ()),
        views=tuple(view or ()),
        films=films,
        one_per_patient=one_per_patient,
    )
    drawn = draw(read, choice, seed=seed)
    copy_films(read, drawn, out)
    typer.echo(f"{len(drawn)} films copied to {out}")
