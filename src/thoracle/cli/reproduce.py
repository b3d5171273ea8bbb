"""`thoracle reproduce`: one of the five papers again, with patients apart and intervals on all."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.progress import progress_bars
from thoracle.cli.train import CacheOption, need_torch

if TYPE_CHECKING:
    from thoracle.datasets.duplicates import DuplicatePair
    from thoracle.datasets.manifest import Manifest
    from thoracle.reporting.reproduction import ReproductionReport


def reproduce(
    name: Annotated[str, typer.Argument(help="feup, usp, nagpur, puc-rio or middlemore.")],
    *,
    manifest: Annotated[Path, typer.Option(help="Manifest from `thoracle data build`.")] = Path(
        "manifest.csv"
    ),
    duplicates: Annotated[
        Path | None,
        typer.Option(help="Near-duplicates that an earlier audit or split wrote; else searched."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            callback=folder_to_write,
            help="Folder of the report. By default reproduce/ and the name.",
        ),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(
            callback=folder_to_write,
            help="Folder of the run, which goes on. By default runs/reproduce-NAME.",
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A minute's work to see the report: few, small films.")
    ] = False,
    repeats: Annotated[int, typer.Option(help="How often, each with another split.", min=1)] = 1,
    size: Annotated[
        int, typer.Option(help="Side of films in pixels, at most; 0: theirs.", min=0)
    ] = 0,
    epochs: Annotated[
        int,
        typer.Option(help="Epochs of a step, at most (not of frozen networks); 0: theirs.", min=0),
    ] = 0,
    films_per_epoch: Annotated[
        int, typer.Option(help="Films an epoch, at most; 0: all of them.", min=0)
    ] = 0,
    seed: Annotated[int, typer.Option(help="Makes the run repeat.")] = 1,
    pictures: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Other pictures, a subfolder per kind, to pretrain on where the paper had "
            "ImageNet's weights; may be repeated.",
        ),
    ] = None,
    pretrained: Annotated[
        bool, typer.Option("--pretrained", help="Take timm's published weights (a download).")
    ] = False,
    weights: Annotated[
        Path | None,
        typer.Option(help="Safetensors of the backbone, or a folder of BACKBONE.safetensors."),
    ] = None,
    films: Annotated[
        bool, typer.Option("--films/--no-films", help="Show test films in the report.")
    ] = True,
    lungs: Annotated[
        str, typer.Option(help='Lung bundle that hides lungs in a second judgment; "" for none.')
    ] = "lungs",
    cache: CacheOption = Path("runs/cache"),
) -> None:
    """Reproduce a published system: its films, networks and training, judged by patient.

    Prints published figures beside ours with 95 % intervals and why they differ; writes
    report.html, report.md and report.json. An interrupted run goes on (extra `train`).
    """
    need_torch()
    from thoracle.datasets.manifest import read_manifest
    from thoracle.jobs.data import near_duplicates
    from thoracle.jobs.film_lungs import mask_finder
    from thoracle.train.protocols.make_up import need_films, pairs_that_matter
    from thoracle.train.protocols.outcome import report_of
    from thoracle.train.protocols.protocol import read_protocol
    from thoracle.train.protocols.reproduce import QUICK, Cuts, Films, Places, Plan
    from thoracle.train.protocols.reproduce import reproduce as run_protocol

    protocol = read_protocol(name)
    own = Cuts(size=size, epochs=epochs, films_per_epoch=films_per_epoch)
    if quick and own != Cuts():
        _refuse_both()
    cuts = QUICK if quick else own
    plan = Plan(repeats=repeats, seed=seed, cuts=cuts, pretrained=pretrained)
    suffix = "-quick" if quick else ""
    places = Places(
        run=run or Path("runs") / f"reproduce-{name}{suffix}",
        cache=cache,
        pictures=tuple(pictures or ()),
        weights=weights,
        find_lungs=mask_finder(lungs) if lungs else None,
    )
    read = read_manifest(manifest)
    with progress_bars() as on_progress:

        def search(films: "Manifest") -> "tuple[DuplicatePair, ...]":
            return near_duplicates(films, known=duplicates, on_progress=on_progress).pairs

        need_films(protocol, read)
        seeds = range(seed, seed + repeats)
        pairs = (
            pairs_that_matter(protocol, read, search, seeds=seeds, most=cuts.films)
            if duplicates is None
            else search(read)
        )
        judged = Films(manifest=read, pairs=pairs)
        run_protocol(protocol, judged, plan, places, on_progress=on_progress)
    report = report_of(protocol, judged, plan, places.run, with_films=films)
    _write(report, out or Path("reproduce") / f"{name}{suffix}")


def _write(report: "ReproductionReport", folder: Path) -> None:
    from thoracle.core.files import write_atomically
    from thoracle.reporting.reproduction import (
        reproduction_html,
        reproduction_json,
        reproduction_markdown,
    )

    markdown = reproduction_markdown(report)
    write_atomically(folder / "report.html", reproduction_html(report).encode())
    write_atomically(folder / "report.json", reproduction_json(report))
    write_atomically(folder / "report.md", markdown.encode())
    typer.echo(markdown)
    typer.echo(f"Report: {folder / 'report.html'}")


def _refuse_both() -> NoReturn:
    raise typer.BadParameter(
        "found --quick with --size, --epochs or --films-per-epoch – expected one or the other: "
        "--quick sets all three itself."
    )
