"""`thoracle readings`: what readers said in the web app, for research."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.own_store import open_own_store

readings_app = typer.Typer(
    help="Export what readers said in the web app, and how they agree.",
    no_args_is_help=True,
    add_completion=False,
)


@readings_app.command("export")
def export_command(
    folder: Annotated[
        Path, typer.Argument(callback=folder_to_write, help="Gets manifest.csv and the films.")
    ],
) -> None:
    """Write the films whose readers agree, with a manifest that training reads."""
    from thoracle.jobs.readings import export_readings

    with open_own_store() as store:
        done = export_readings(store, folder)
    where = f" written to {folder}" if done.films else ""
    typer.echo(
        f"{done.films} films{where}; left out: {done.without_consensus} without "
        f"consensus, {done.without_label} with a finding that training does not know, "
        f"{done.without_film} without a kept film."
    )


@readings_app.command("agreement")
def agreement_command() -> None:
    """Print Cohen's kappa of every two readers, with its 95 % interval."""
    from thoracle.jobs.readings import agreements

    with open_own_store() as store:
        for one in agreements(store):
            kappa = one.kappa
            said = (
                (kappa.reason.text if kappa.reason else "")
                if kappa.value is None
                else f"kappa {kappa.value:.3f} ({kappa.low:.3f} to {kappa.high:.3f})"
            )
            typer.echo(f"{one.first} and {one.second}: {kappa.n} films, {said}")
