"""`thoracle maps`: the maps of a film held against each other."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.progress import progress_bars

maps_app = typer.Typer(help="Hold maps against each other.", no_args_is_help=True)


@maps_app.callback()
def _group() -> None:
    """Keep `compare` a subcommand although it is the only one."""


@maps_app.command()
def compare(
    manifest: Annotated[Path, typer.Argument(help="Manifest from `thoracle data build`.")],
    out: Annotated[
        Path, typer.Option(callback=folder_to_write, help="Folder for maps.html, .json and .md.")
    ] = Path("maps"),
    bundle: Annotated[str, typer.Option(help="Classifier bundle that is explained.")] = (
        "radiograph"
    ),
    anomaly: Annotated[
        list[str] | None,
        typer.Option(help="Anomaly bundle, by default `anomaly`. Once for each."),
    ] = None,
    split: Annotated[
        Path | None, typer.Option(help="Split; without it every film may be drawn.")
    ] = None,
    part: Annotated[str, typer.Option(help="Part of the split to draw films from.")] = "test",
    sources: Annotated[str, typer.Option(help="Only these sources, comma-separated.")] = "",
    populations: Annotated[str, typer.Option(help="Only adult or child, comma-separated.")] = "",
    boxes: Annotated[
        Path | None, typer.Option(help="NIH's BBox_List_2017.csv: boxes that readers drew.")
    ] = None,
    films_per_finding: Annotated[
        int, typer.Option(help="Films of each finding for lung share, deletion and insertion.")
    ] = 10,
    seed: Annotated[int, typer.Option(help="Of the films drawn and of intervals.")] = 0,
    films: Annotated[
        bool, typer.Option("--films", help="Also write maps-films.html, which shows films.")
    ] = False,
    colors: Annotated[str, typer.Option(help="Color map of that page.")] = "inferno",
) -> None:
    """Compare anomaly map, Grad-CAM, Grad-CAM++ and occlusion on the same films."""
    from thoracle.cli.evaluate import comma_separated
    from thoracle.datasets.manifest import read_manifest
    from thoracle.jobs.audit.options import AuditOptions
    from thoracle.jobs.compare_maps import MapBundles, compare_maps
    from thoracle.jobs.evaluation_scope import EvaluationScope, with_split

    with progress_bars() as on_progress:
        scope = EvaluationScope(
            name="Maps compared",
            manifest=read_manifest(manifest),
            part=part,
            sources=comma_separated(sources),
            populations=comma_separated(populations),
            on_progress=on_progress,
        )
        if split is not None:
            scope = with_split(scope, split)
        found = compare_maps(
            MapBundles(classifier=bundle, anomaly=tuple(anomaly or ("anomaly",))),
            scope,
            AuditOptions(explained_per_finding=films_per_finding, seed=seed),
            boxes=boxes,
            colormap=colors if films else None,
        )
    found.write(out)
    typer.echo(found.markdown)
