"""`thoracle texture` and `thoracle texture-baseline`: texture of films and volumes as a table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thoracle.cli.outputs import file_to_write, folder_to_write
from thoracle.cli.progress import progress_bars, told_if_interrupted

if TYPE_CHECKING:
    from thoracle.imaging.texture.aggregation import Aggregation
    from thoracle.imaging.texture.measure import Binning
    from thoracle.jobs.texture import MeasuredFile, TextureOptions

AGGREGATIONS = "2D_avg, 2D_comb, 2_5D_avg, 2_5D_comb, 3D_avg or 3D_comb"


def texture(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Films, NIfTI volumes, or folders that hold them."),
    ],
    *,
    mask: Annotated[
        Path | None,
        typer.Option(
            help="A drawn region: a picture of the film's size, or a NIfTI mask; or a folder with "
            "a mask named like each file. Volumes need one."
        ),
    ] = None,
    label: Annotated[
        str, typer.Option(help="Values of a volume's mask that are inside: 1 or 2,3. All but 0.")
    ] = "",
    out: Annotated[
        Path,
        typer.Option(callback=file_to_write, help="The table, a row for each file and region."),
    ] = Path("texture.csv"),
    plots: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            callback=folder_to_write,
            help="Draw plots into this folder (extra `research`).",
        ),
    ] = None,
    wavelets: Annotated[bool, typer.Option(help="Measure the wavelet bands too.")] = True,
    bundle: Annotated[
        str | None,
        typer.Option(help="Bundle whose map gives the altered region; the setting if not given."),
    ] = None,
    bins: Annotated[int, typer.Option(min=2, max=1024, help="Grey levels of a volume.")] = 32,
    bin_size: Annotated[
        float | None,
        typer.Option(help="Width of a volume's grey levels, in its unit, instead of --bins."),
    ] = None,
    lowest: Annotated[
        float | None,
        typer.Option(help="Where a volume's first level begins; else at its lowest grey."),
    ] = None,
    aggregation: Annotated[
        str, typer.Option(help=f"Of a volume's slices and directions: {AGGREGATIONS}.")
    ] = "3D_avg",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; one for each core if not given.")
    ] = None,
) -> None:
    """Measure texture and shape of lungs, lung zones, altered and drawn regions, by IBSI.

    Exits with 1 when a file could not be measured; the table names it and holds all others.
    """
    from thoracle.jobs.analyze_files import find_files
    from thoracle.jobs.texture import TextureOptions
    from thoracle.reporting.svg import require_plots

    if plots is not None:
        require_plots()
    options = TextureOptions(
        mask=mask,
        labels=_numbers(label),
        with_wavelets=wavelets,
        bundle=bundle,
        aggregation=_aggregation(aggregation),
        binning=_binning(bins, bin_size, lowest),
    )
    measured = _measured(find_files(files), options, out, workers)
    if plots is not None:
        from thoracle.jobs.texture_plots import draw_plots

        for path in draw_plots(measured, plots):
            typer.echo(str(path))
    _end(measured, out)


def texture_baseline(
    manifest: Annotated[Path, typer.Argument(help="Manifest from `thoracle data build`.")],
    split: Annotated[Path, typer.Option(help="Split from `thoracle data split`.")],
    bundle: Annotated[str, typer.Option(help="Bundle that it is held against.")] = "radiograph",
    out: Annotated[
        Path,
        typer.Option(
            callback=folder_to_write,
            help="Folder for baseline.md and .json; keeps the features too.",
        ),
    ] = Path("texture-baseline"),
    sources: Annotated[str, typer.Option(help="Only these sources, comma-separated.")] = "",
    populations: Annotated[
        str, typer.Option(help="Only adult or child, comma-separated.")
    ] = "adult",
    workers: Annotated[int, typer.Option(min=1, help="Threads that measure texture.")] = 1,
) -> None:
    """Train boosted trees on texture alone and judge them beside a bundle on the same test films.

    Needs the extra `research`. The trees are not kept.
    """
    from thoracle.cli.evaluate import comma_separated
    from thoracle.datasets.manifest import read_manifest
    from thoracle.jobs.evaluation_scope import EvaluationScope, with_split
    from thoracle.jobs.texture_baseline import texture_baseline as judge

    with progress_bars() as on_progress:
        scope = EvaluationScope(
            name="Texture alone",
            manifest=read_manifest(manifest),
            sources=comma_separated(sources),
            populations=comma_separated(populations),
            on_progress=on_progress,
        )
        report, _ = judge(bundle, with_split(scope, split), folder=out, workers=workers)
    report.write(out)
    typer.echo(report.markdown)


def _measured(
    paths: list[Path], options: "TextureOptions", out: Path, workers: int | None
) -> "list[MeasuredFile]":
    from thoracle.imaging.volume import is_volume
    from thoracle.jobs.texture_csv import TextureTableFile, partial_path, table_columns
    from thoracle.jobs.texture_worker import measure_files

    kinds = {is_volume(path) for path in paths}
    columns = table_columns(volumes=True in kinds, films=False in kinds, options=options)
    done: list[MeasuredFile] = []

    def how_far() -> str:
        return f"{len(done)} of {len(paths)} done; their rows are in {partial_path(out)}"

    with (
        told_if_interrupted(how_far),
        TextureTableFile(out, columns) as table,
        progress_bars() as on_progress,
    ):
        for one in measure_files(paths, options, workers=workers):
            table.add(one)
            done.append(one)
            on_progress("texture", len(done), len(paths))
            if one.error is not None:
                typer.echo(f"{one.file}: {one.error.text} [{one.error.code}]", err=True)
    return done


def _end(measured: "list[MeasuredFile]", out: Path) -> None:
    failed = sum(one.error is not None for one in measured)
    typer.echo(f"{out}: {len(measured) - failed} measured, {failed} not.")
    if failed:
        raise typer.Exit(1)


def _aggregation(said: str) -> "Aggregation":
    from thoracle.imaging.texture.aggregation import Aggregation

    if said not in set(Aggregation):
        raise typer.BadParameter(f"found {said!r} – expected {AGGREGATIONS}.")
    return Aggregation(said)


def _binning(bins: int, bin_size: float | None, lowest: float | None) -> "Binning":
    from thoracle.imaging.texture.measure import Binning

    if bin_size is not None and bin_size <= 0.0:
        raise typer.BadParameter(f"found a bin size of {bin_size:g} – expected a width above 0.")
    return Binning(bins=None if bin_size is not None else bins, bin_size=bin_size, lowest=lowest)


def _numbers(said: str) -> tuple[int, ...]:
    try:
        return tuple(int(one) for one in said.split(",") if one.strip())
    except ValueError as error:
        raise typer.BadParameter(
            f"found {said!r} – expected whole numbers, such as 2,3."
        ) from error
