"""`thoracle data`: build a manifest, audit it, split it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thoracle.cli.outputs import file_to_write, folder_to_write
from thoracle.cli.pick import pick
from thoracle.cli.progress import progress_bars
from thoracle.cli.reference import reference_app
from thoracle.core.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from thoracle.core.results import GateDecision
    from thoracle.jobs.film_lungs import FindLungs

data_app = typer.Typer(
    help="Build, audit and split manifests of films.", no_args_is_help=True, add_completion=False
)
data_app.add_typer(reference_app, name="reference")

data_app.command("pick")(pick)

ManifestArgument = Annotated[
    Path, typer.Argument(metavar="MANIFEST", help="Manifest, .csv or .parquet.")
]
RootOption = Annotated[
    Path | None, typer.Option(help="Folder of the films; by default as the manifest says.")
]
DuplicatesOption = Annotated[
    Path | None,
    typer.Option(help="Near-duplicates that an earlier audit or split wrote; else searched for."),
]
LungsOption = Annotated[
    str | None,
    typer.Option(
        metavar="BUNDLE", help="Also compare the lungs that this bundle finds: shows tight crops."
    ),
]


@data_app.command("build")
def build(
    *,
    out: Annotated[
        Path, typer.Option(callback=file_to_write, help="Manifest to write, .csv or .parquet.")
    ],
    source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=DIR", help="cohen, cxnet, figure1, kermany or nih, laid out as published."
        ),
    ] = None,
    folder: Annotated[
        list[Path] | None, typer.Option(help="Folder with one subfolder per class.")
    ] = None,
    dicom: Annotated[list[Path] | None, typer.Option(help="Folder of DICOM files.")] = None,
    table: Annotated[
        list[Path] | None, typer.Option(help="CSV with a column path and any manifest column.")
    ] = None,
    patient_pattern: Annotated[
        str | None,
        typer.Option(help="Regular expression whose first group is the patient (--folder)."),
    ] = None,
    sha256: Annotated[
        bool, typer.Option("--hash/--no-hash", help="Keep each file's SHA-256.")
    ] = True,
) -> None:
    """Write one manifest of all films of the given collections, folders and tables."""
    from rich.console import Console

    from thoracle.datasets.manifest import write_manifest
    from thoracle.jobs.data import Inputs
    from thoracle.jobs.data import build as build_manifest

    inputs = Inputs(
        sources=tuple(_named_folder(text) for text in source or ()),
        folders=tuple(folder or ()),
        dicom_trees=tuple(dicom or ()),
        tables=tuple(table or ()),
        patient_pattern=patient_pattern,
    )
    with Console(stderr=True).status("Reading the collections …"):
        built = build_manifest(inputs, with_sha256=sha256)
        write_manifest(built.manifest, out)
    for line in built.skipped:
        typer.echo(line, err=True)
    films, digest = len(built.manifest.films), built.manifest.digest
    typer.echo(f"{films} films, digest {digest}, written to {out}")


@data_app.command("split")
def split(
    *,
    manifest: ManifestArgument,
    out: Annotated[Path, typer.Option(callback=file_to_write, help="Split to write, .csv.")],
    train: Annotated[float, typer.Option(help="Share of films to train on.", min=0, max=1)] = 0.60,
    tune: Annotated[
        float, typer.Option(help="Share for early stopping and choices.", min=0, max=1)
    ] = 0.12,
    calibrate: Annotated[
        float, typer.Option(help="Share for temperature, thresholds.", min=0, max=1)
    ] = 0.13,
    test: Annotated[float, typer.Option(help="Share for the final figures.", min=0, max=1)] = 0.15,
    seed: Annotated[int, typer.Option(help="Makes the split repeat.")] = 0,
    official: Annotated[
        bool, typer.Option("--official", help="Put a collection's own test films into test.")
    ] = False,
    leave_out_source: Annotated[
        list[str] | None, typer.Option(help="Make this source external; may be repeated.")
    ] = None,
    leave_out_site: Annotated[
        list[str] | None,
        typer.Option(help="Make this site, country or publisher external; may be repeated."),
    ] = None,
    duplicates: DuplicatesOption = None,
    lungs: LungsOption = None,
    root: RootOption = None,
) -> None:
    """Part a manifest by patient and near-duplicate group, stratified by source and label.

    A share of 0 leaves that split out. The near-duplicates are kept beside the split, as
    NAME.duplicates.csv: training checks the split against them.
    """
    from thoracle.datasets.duplicates import write_pairs
    from thoracle.datasets.manifest import read_manifest
    from thoracle.datasets.split import duplicates_beside, write_split
    from thoracle.jobs.data import SplitPlan, near_duplicates, split_manifest

    shares = {"train": train, "tune": tune, "calibrate": calibrate, "test": test}
    plan = SplitPlan(
        seed=seed,
        fractions={name: share for name, share in shares.items() if share},
        use_official=official,
        left_out_sources=tuple(leave_out_source or ()),
        left_out_sites=tuple(leave_out_site or ()),
    )
    films = read_manifest(manifest, root=root)
    with progress_bars() as on_progress:
        pairs = near_duplicates(
            films, known=duplicates, find_lungs=_finder(lungs), on_progress=on_progress
        ).pairs
    made = split_manifest(films, pairs, plan)
    write_pairs(pairs, duplicates_beside(out), manifest_digest=films.digest)
    write_split(made, out)
    typer.echo(f"{_counts(made.by_path())}; digest {made.digest}, written to {out}")


@data_app.command("audit")
def audit(
    *,
    manifest: ManifestArgument = Path("manifest.csv"),
    out: Annotated[
        Path, typer.Option(metavar="DIR", callback=folder_to_write, help="Folder for the report.")
    ] = Path("audit"),
    split: Annotated[Path | None, typer.Option(help="Split to look for leaks in.")] = None,
    gate: Annotated[
        str | None, typer.Option(metavar="BUNDLE", help="List what this gate would refuse.")
    ] = None,
    films: Annotated[
        bool, typer.Option("--films/--no-films", help="Put thumbnails into the report.")
    ] = True,
    shown: Annotated[int, typer.Option(help="Most pairs and refusals on the page.", min=0)] = 300,
    duplicates: DuplicatesOption = None,
    lungs: LungsOption = None,
    root: RootOption = None,
) -> None:
    """Write a report on a manifest: near-duplicates, tables, leaks, what a gate would refuse.

    Writes audit.html, audit.json and duplicates.csv. Exits with 1 when the split leaks.
    Plots need the extra `research`.
    """
    from thoracle.core.files import write_atomically
    from thoracle.datasets.duplicates import write_pairs
    from thoracle.datasets.manifest import read_manifest
    from thoracle.datasets.split import check_split, read_split
    from thoracle.jobs.data import near_duplicates
    from thoracle.jobs.data_audit import AuditInputs, AuditOptions
    from thoracle.jobs.data_audit import audit as audit_films
    from thoracle.reporting.audit_html import audit_html, audit_json
    from thoracle.reporting.svg import require_plots

    require_plots()
    manifest_read = read_manifest(manifest, root=root)
    split_read = None if split is None else read_split(split)
    decide = None if gate is None else _decider(gate)
    options = AuditOptions(with_films=films, pairs_max=shown, refusals_max=shown)
    with progress_bars() as on_progress:
        search = near_duplicates(
            manifest_read, known=duplicates, find_lungs=_finder(lungs), on_progress=on_progress
        )
        inputs = AuditInputs(manifest=manifest_read, search=search, split=split_read)
        report = audit_films(inputs, decide=decide, options=options, on_progress=on_progress)
    write_pairs(search.pairs, out / "duplicates.csv", manifest_digest=manifest_read.digest)
    write_atomically(out / "audit.json", audit_json(report))
    write_atomically(out / "audit.html", audit_html(report).encode())
    typer.echo(
        f"{report.films} films in {report.groups} groups, {len(report.pairs)} near-duplicate "
        f"pairs, {len(report.torn)} torn by the split; report in {out / 'audit.html'}"
    )
    if split_read is not None:
        check_split(manifest_read, split_read, search.pairs)


def _decider(bundle: str) -> "Callable[[Path], GateDecision]":
    from thoracle.jobs.gate_check import gate_decider

    return gate_decider(bundle)


def _finder(bundle: str | None) -> "FindLungs | None":
    from thoracle.jobs.film_lungs import mask_finder

    return None if bundle is None else mask_finder(bundle)


def _named_folder(text: str) -> tuple[str, Path]:
    name, separator, where = text.partition("=")
    if not separator or not where:
        raise ManifestError(
            f'--source is "{text}", expected NAME=DIR, for instance cohen=/data/cohen. '
            "Give the collection's name and its folder."
        )
    return name, Path(where)


def _counts(names: dict[str, str]) -> str:
    from collections import Counter

    return ", ".join(f"{name} {count}" for name, count in Counter(names.values()).most_common())
