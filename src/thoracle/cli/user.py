"""`thoracle user`: who may log in to the web app."""

import sys
from typing import Annotated

import typer

from thoracle.cli.own_store import open_own_store

user_app = typer.Typer(
    help="Add, list and remove users of the web app.", no_args_is_help=True, add_completion=False
)


@user_app.command("add")
def add_command(
    name: Annotated[str, typer.Argument(help="1 to 64 letters, digits and . @ - _")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Add a user; from then on everybody signs in."""
    from datetime import UTC, datetime

    from thoracle.jobs.users import add_user

    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    with open_own_store() as store:
        add_user(store.users, name, password, now=datetime.now(UTC))
    typer.echo(f"Added {name}. From now on everybody signs in to the web app.")


@user_app.command("list")
def list_command() -> None:
    """List the users, one a line."""
    with open_own_store() as store:
        for user in store.users.users():
            typer.echo(f"{user.name}\t{user.created_at:%Y-%m-%d %H:%M} UTC")


@user_app.command("remove")
def remove_command(name: Annotated[str, typer.Argument(help="From `thoracle user list`.")]) -> None:
    """Remove a user and end their sessions; their readings stay."""
    with open_own_store() as store:
        store.users.remove(name)
    typer.echo(f"Removed {name}.")
