"""`thoracle doctor`: what is installed, what answers, and how long one film takes here."""

from typing import Annotated

import typer

_MARKS = {True: "ok", False: "WRONG", None: "--"}


def doctor(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array instead.")] = False,
) -> None:
    """Examine this installation: versions, extras, bundles, decoder, and a timed self-test.

    Exits with 1 when something is wrong.
    """
    from dataclasses import asdict

    from thoracle.jobs.doctor import examine_installation

    checks = []
    for check in examine_installation():
        checks.append(check)
        if not json:
            typer.echo(f"{_MARKS[check.is_well]:>5}  {check.name}: {check.text}")
    if json:
        _print_json([asdict(check) for check in checks])
    if any(check.is_well is False for check in checks):
        _end_with_fault()


def _print_json(document: object) -> None:
    import json

    typer.echo(json.dumps(document, indent=1, allow_nan=False))


def _end_with_fault() -> None:
    raise typer.Exit(1)
