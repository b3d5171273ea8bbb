"""`thoracle backup` and `thoracle restore`: everything kept in one file, and back."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import file_to_write
from thoracle.cli.own_store import open_own_store


def backup(
    file: Annotated[Path, typer.Argument(callback=file_to_write, help="The zip file to write.")],
) -> None:
    """Write all results, readings and users into one file; the app may be running."""
    from thoracle.core.settings import settings
    from thoracle.jobs.backup import back_up

    home = settings().home
    with open_own_store() as store:
        count = back_up(store, home, file)
    typer.echo(f"{count} results written to {file}. It holds films: keep it as safe as they are.")


def restore(
    file: Annotated[Path, typer.Argument(help="From `thoracle backup`.")],
) -> None:
    """Bring a backup into an empty THORACLE_HOME."""
    from thoracle.core.settings import settings
    from thoracle.jobs.backup import restore as bring_back

    home = settings().home
    with open_own_store() as store:
        count = bring_back(store, home, file)
    typer.echo(f"{count} rows restored into {home}.")
