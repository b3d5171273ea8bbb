"""`thoracle examples`: make synthetic films, fit and audit their model, fetch a few real ones."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thoracle.cli.outputs import file_to_write, folder_to_write

if TYPE_CHECKING:
    from thoracle.jobs.examples import FilmChoice
    from thoracle.jobs.fetch_films import Fetched

examples_app = typer.Typer(
    help="Films for trying things out: synthetic ones, which show nobody, and a few real ones.",
    no_args_is_help=True,
    add_completion=False,
)

_Manifest = Annotated[Path, typer.Argument(help="Manifest of `thoracle data build`.")]
_Root = Annotated[
    Path | None, typer.Option(help="Where its relative paths start, if it was moved.")
]
_Duplicates = Annotated[
    Path | None, typer.Option(help="Near-duplicates that `thoracle data audit` wrote.")
]
_Lungs = Annotated[str, typer.Option(help="Lung bundle, for films without a human mask.")]
_PerFinding = Annotated[int, typer.Option(min=1, help="Most films taken of each finding.")]


class FilmFormat(StrEnum):
    """Choices of --format."""

    PNG = "png"
    DICOM = "dicom"
    BOTH = "both"


@examples_app.command("make")
def make(
    count: Annotated[int, typer.Argument(metavar="N", help="How many films.")],
    *,
    out: Annotated[
        Path, typer.Option(metavar="DIR", callback=folder_to_write, help="Folder to write into.")
    ] = Path("examples"),
    finding: Annotated[
        str | None,
        typer.Option(help="No finding, Other lung opacity or COVID-19; all in turn by default."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same films.")] = 0,
    film_format: Annotated[
        FilmFormat, typer.Option("--format", help="Files to write.")
    ] = FilmFormat.PNG,
    opacity: Annotated[
        bool,
        typer.Option(
            "--opacity/--no-opacity", help="Insert an opacity and write where it lies beside it."
        ),
    ] = False,
    size: Annotated[int, typer.Option(metavar="PX", help="Longer side, 128 to 1024 px.")] = 512,
) -> None:
    """Draw films from the statistical model, marked SYNTHETIC in pixels and metadata."""
    from thoracle.jobs.examples import ExamplesRequest, Format, make_examples

    request = ExamplesRequest(
        count=count,
        seed=seed,
        size=size,
        finding=finding,
        format=Format(film_format.value),
        with_opacity=opacity,
    )
    written = make_examples(request, out)
    typer.echo(f"{count} synthetic films, {len(written)} files, written to {out}")


@examples_app.command("fetch")
def fetch(
    mirror: Annotated[
        str | None,
        typer.Option("--from", metavar="URL", help="Where else the films lie, by their names."),
    ] = None,
    film_list: Annotated[
        Path | None,
        typer.Option("--list", metavar="FILE", help="Another list of films, TOML."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            callback=folder_to_write,
            help="Folder to keep them in; examples in THORACLE_HOME.",
        ),
    ] = None,
) -> None:
    """Download a few openly licensed films of patients, which the first page then offers to try.

    Each is kept only if it is the very file that the list names; a film that is there already is
    not fetched again. Exits with 1 when a film could not be fetched.
    """
    from thoracle.cli.progress import progress_bars
    from thoracle.core.settings import settings
    from thoracle.jobs.example_films import FOLDER
    from thoracle.jobs.fetch_films import fetch_films
    from thoracle.jobs.open_films import read_list, shipped_list

    folder = settings().home / FOLDER if out is None else out
    films = read_list(shipped_list() if film_list is None else film_list)
    with progress_bars() as on_progress:
        fetched = tuple(fetch_films(films, folder, mirror=mirror, on_progress=on_progress))
    for one in fetched:
        typer.echo(_fetched_line(one))
    failed = sum(one.error is not None for one in fetched)
    typer.echo(f"{len(fetched) - failed} of {len(fetched)} films are in {folder}")
    _end(has_failed=failed > 0)


def _end(*, has_failed: bool) -> None:
    if has_failed:
        raise typer.Exit(1)


def _fetched_line(one: "Fetched") -> str:
    if one.error is not None:
        return f"{one.film.name}: failed – {one.error.text} [{one.error.code}]"
    state = "fetched" if one.is_new else "there already"
    film = one.film
    return f"{film.name}: {state} – {film.finding}; {film.license}, {film.credit}, {film.source}"


@examples_app.command("fit")
def fit(
    manifest: _Manifest,
    out: Annotated[Path, typer.Option(callback=file_to_write, help="Model to write, .npz.")],
    root: _Root = None,
    duplicates: _Duplicates = None,
    lungs: _Lungs = "lungs",
    per_finding: _PerFinding = 300,
) -> None:
    """Fit the model behind synthetic films to the adults of a manifest."""
    from thoracle.datasets.film_model import write_model
    from thoracle.jobs.examples import fit_film_model
    from thoracle.jobs.film_lungs import mask_finder

    choice = _choice(manifest, root, duplicates, per_finding)
    model = fit_film_model(
        choice,
        find_lungs=mask_finder(lungs),
        on_step=lambda name: typer.echo(f"{name} …", err=True),
    )
    write_model(model, out)
    shares = ", ".join(
        f"{name} {count}" for name, count in zip(model.findings, model.films, strict=True)
    )
    typer.echo(f"films used: {shares}; {out.stat().st_size / 1e6:.1f} MB written to {out}")


@examples_app.command("audit")
def audit(
    manifest: _Manifest,
    root: _Root = None,
    duplicates: _Duplicates = None,
    lungs: _Lungs = "lungs",
    per_finding: _PerFinding = 300,
    films: Annotated[int, typer.Option(min=1, help="How many synthetic films to draw.")] = 200,
) -> None:
    """Compare synthetic films with those the model was fitted to.

    Exits with 1 when one of them lies nearer than the nearest two patients.

    Raises
    ------
    Exit
        With 1, see above.
    """
    from thoracle.datasets.film_privacy import describe_nearness
    from thoracle.jobs.examples import audit_examples
    from thoracle.jobs.film_lungs import mask_finder

    choice = _choice(manifest, root, duplicates, per_finding)
    results = audit_examples(choice, count=films, find_lungs=mask_finder(lungs))
    typer.echo(describe_nearness(results))
    if not all(each.is_private for each in results):
        raise typer.Exit(1)


def _choice(
    manifest_path: Path, root: Path | None, duplicates: Path | None, per_finding: int
) -> "FilmChoice":
    from thoracle.datasets.duplicates import read_pairs
    from thoracle.datasets.manifest import read_manifest
    from thoracle.jobs.examples import FilmChoice

    manifest = read_manifest(manifest_path, root=root)
    pairs = read_pairs(duplicates, manifest_digest=manifest.digest) if duplicates else ()
    return FilmChoice(manifest=manifest, pairs=pairs, per_finding=per_finding)
