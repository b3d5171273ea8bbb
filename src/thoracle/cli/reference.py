"""`thoracle data reference`: from a hospital's four tables to labels, without identifiers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thoracle.cli.outputs import file_to_write, folder_to_write
from thoracle.cli.progress import progress_bars

if TYPE_CHECKING:
    from thoracle.jobs.reference_standard import ReferenceBuilt, ReferenceRequest

reference_app = typer.Typer(
    help="Build a reference standard from X-ray readings, admissions, codes and microbiology.",
    no_args_is_help=True,
    add_completion=False,
)


@reference_app.command("build")
def build(
    *,
    xrays: Annotated[str, typer.Option(metavar="TABLE", help="Readings: .csv, .xlsx#sheet.")],
    admissions: Annotated[str, typer.Option(metavar="TABLE", help="Admissions of the patients.")],
    codes: Annotated[str, typer.Option(metavar="TABLE", help="ICD-10 codes at discharge.")],
    microbiology: Annotated[str, typer.Option(metavar="TABLE", help="Results of specimens.")],
    out: Annotated[
        Path,
        typer.Option(
            metavar="DIR", callback=folder_to_write, help="Folder to write; new or empty."
        ),
    ],
    plan: Annotated[
        Path | None, typer.Option(help="What the hospital declares, TOML; else the shipped plan.")
    ] = None,
    films: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the films, which are written anew."),
    ] = None,
    source: Annotated[str, typer.Option(help="Name of the collection.")] = "hospital",
    key_folder: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Holds the pseudonyms' key; THORACLE_HOME by default."),
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(help="Truth of a simulated hospital, to compare with.")
    ] = None,
) -> None:
    """Label a hospital's X-rays by reading, discharge code and microbiology.

    Writes manifest.csv, covariates.csv, decisions.csv, conflicts.csv and the cohort's flow as
    cohort.html, .svg, .txt and .json. Everything that is wrong with the tables is listed at once,
    and then nothing is written.
    """
    from thoracle.core.settings import settings
    from thoracle.jobs.reference_standard import ReferenceRequest, recovery

    request = ReferenceRequest(
        xrays=xrays,
        admissions=admissions,
        codes=codes,
        microbiology=microbiology,
        plan=plan,
        films=films,
        source=source,
        key_folder=settings().home if key_folder is None else key_folder,
        out=out,
    )
    built = _built(request)
    _tell(built, out)
    if truth is not None:
        found = recovery(built, truth)
        typer.echo(
            f"truth: {found.exact} films have the true label alone, {found.possible} among the "
            f"possible ones, {found.lost} have lost it"
        )


@reference_app.command("plan")
def plan_(
    out: Annotated[
        Path, typer.Argument(metavar="FILE", callback=file_to_write, help="TOML file to write.")
    ],
) -> None:
    """Write the shipped plan, to be edited: codes, words, dates and how the rule is read."""
    from thoracle.jobs.reference_standard import write_default_plan

    write_default_plan(out)
    typer.echo(f"written to {out}")


@reference_app.command("simulate")
def simulate(
    out: Annotated[
        Path, typer.Argument(metavar="DIR", callback=folder_to_write, help="Folder to write into.")
    ],
    *,
    patients: Annotated[int, typer.Option(help="How many patients.")] = 120,
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same hospital.")] = 0,
    missed: Annotated[
        float, typer.Option(min=0, max=1, help="Share of X-rays with pneumonia read negative.")
    ] = 0.2,
    false_alarm: Annotated[
        float, typer.Option(min=0, max=1, help="Share of others read positive.")
    ] = 0.15,
    miscoded: Annotated[
        float, typer.Option(min=0, max=1, help="Share of admissions with a wrong code.")
    ] = 0.0,
    contaminated: Annotated[
        float, typer.Option(min=0, max=1, help="Share of specimens that show another cause.")
    ] = 0.0,
    films: Annotated[
        bool, typer.Option("--films/--no-films", help="Draw a synthetic film of each X-ray.")
    ] = False,
) -> None:
    """Write the four tables of a hospital that never was, and the truth about its X-rays."""
    from thoracle.datasets.reference_standard.simulated import Errors
    from thoracle.jobs.simulate_hospital import write_hospital

    errors = Errors(
        missed=missed, false_alarm=false_alarm, miscoded=miscoded, contaminated=contaminated
    )
    with progress_bars() as on_progress:
        hospital = write_hospital(
            out,
            patients=patients,
            seed=seed,
            errors=errors,
            with_films=films,
            on_progress=on_progress,
        )
    typer.echo(f"{len(hospital.truth)} X-rays of {patients} patients written to {out}")


def _built(request: "ReferenceRequest") -> "ReferenceBuilt":
    """Build; if the tables are wrong, say everything that is, each on a line of its own.

    Raises
    ------
    TablesError
        The tables are not what is expected.
    """
    from thoracle.datasets.reference_standard.problems import TablesError
    from thoracle.jobs.reference_standard import build_reference

    try:
        with progress_bars() as on_progress:
            return build_reference(request, on_progress=on_progress)
    except TablesError as error:
        for problem in error.problems:
            typer.echo(problem.text, err=True)
        raise


def _tell(built: "ReferenceBuilt", out: Path) -> None:
    from thoracle.datasets.reference_standard.problems import rows_text
    from thoracle.reporting.cohort_flow import flow_text

    report = built.report
    typer.echo(flow_text(report.flow), nl=False)
    if built.undecided_rows:
        typer.echo(f"xrays, {rows_text(built.undecided_rows)}: readers undecided", err=True)
    if report.conflicts:
        counts = ", ".join(f"{kind} {count}" for kind, count in report.conflicts)
        typer.echo(f"conflicts, see conflicts.csv: {counts}", err=True)
    if report.small_groups or report.small_counts:
        typer.echo(
            f"small cells: {sum(report.small_groups)} people are alike with fewer than "
            f"{report.smallest_cell} others in age band, sex and ethnicity; {report.small_counts} "
            "counts of the diagram are small",
            err=True,
        )
    for one in report.agreement:
        typer.echo(
            f"readers {' and '.join(one.readers)}: kappa {one.kappa_text}, {one.xrays} X-rays"
        )
    typer.echo(f"manifest digest {report.manifest_digest}, written to {out}")
