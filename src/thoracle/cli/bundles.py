"""`thoracle bundles`: which models are installed, whether they are whole, what they say."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import file_to_write

bundles_app = typer.Typer(
    help="List the installed models, check them, and show one.",
    no_args_is_help=True,
    add_completion=False,
)


@bundles_app.command("list")
def list_command(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array instead.")] = False,
) -> None:
    """List all bundles with task, version and digest; a broken one says what is wrong."""
    from thoracle.jobs.bundles import bundle_lines

    lines = bundle_lines()
    if json:
        rows = [
            {
                "name": line.name,
                "task": None if line.bundle is None else line.bundle.task,
                "version": None if line.bundle is None else line.bundle.version,
                "population": None if line.bundle is None else line.bundle.population,
                "digest": None if line.bundle is None else line.bundle.digest,
                "size_mb": round(line.size_mb, 3),
                "folder": str(line.folder),
                "problem": None if line.problem is None else line.problem.code,
            }
            for line in lines
        ]
        _print_json(rows)
        return
    for line in lines:
        if line.bundle is None:
            typer.echo(f"{line.name}: {line.problem.text if line.problem else ''}")
        else:
            one = line.bundle
            typer.echo(
                f"{line.name}: {one.task} {one.version} for {one.population}, "
                f"{line.size_mb:.1f} MB, digest {one.digest[:12]}, {line.folder}"
            )
    if not lines:
        typer.echo("No bundle is installed.")


@bundles_app.command("verify")
def verify_command(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME...]", help="Names or folders; none means all."),
    ] = None,
) -> None:
    """Check every file's digest, and that the network still gives torch's answers.

    Exits with 1 when something is wrong, or when there is nothing to check.
    """
    from thoracle.jobs.bundles import verify_bundles

    checks = verify_bundles(tuple(names or ()))
    for check in checks:
        if check.problem is not None:
            typer.echo(f"{check.name}: {check.problem.text} [{check.problem.code}]")
            continue
        maps = "" if check.map_difference is None else f", of a map {check.map_difference:.1e}"
        typer.echo(
            f"{check.name}: whole; on {check.films} made-up films logits differ from torch's by "
            f"at most {check.logit_difference:.1e}{maps}"
        )
    if not checks:
        typer.echo("No bundle is installed.")
    _end(is_well=bool(checks) and all(check.problem is None for check in checks))


@bundles_app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name or folder of a bundle.")],
    *,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of TOML.")] = False,
) -> None:
    """Show all that a bundle says of itself: labels, thresholds, calibrations, data, digests."""
    from thoracle.jobs.bundles import bundle_document

    document = bundle_document(name)
    if json:
        _print_json(document)
    else:
        import tomli_w

        typer.echo(tomli_w.dumps(document), nl=False)


class ClaimForm(StrEnum):
    """How a checklist is printed."""

    MD = "md"
    HTML = "html"
    JSON = "json"


@bundles_app.command("claim")
def claim_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name or folder of a bundle.")],
    *,
    form: Annotated[
        ClaimForm, typer.Option("--format", help="md for Markdown, html for a page, or json.")
    ] = ClaimForm.MD,
    out: Annotated[
        Path | None,
        typer.Option(
            callback=file_to_write, help="File to write; without it the checklist is printed."
        ),
    ] = None,
) -> None:
    """Answer the CLAIM 2024 checklist from what a bundle holds; the rest is unanswered."""
    import json

    from thoracle.core.files import write_atomically
    from thoracle.core.languages import language
    from thoracle.core.settings import settings
    from thoracle.jobs.claim import checklist_document, checklist_markdown, claim_checklist
    from thoracle.reporting.claim_markdown import claim_html

    checklist = claim_checklist(name)
    text = checklist_markdown(checklist)
    if form is ClaimForm.JSON:
        text = json.dumps(checklist_document(checklist), indent=1, ensure_ascii=False) + "\n"
    elif form is ClaimForm.HTML:
        text = claim_html(text, language(settings().language))
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_atomically(out, text.encode("utf-8"))


@bundles_app.command("history")
def history_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a bundle.")],
    *,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON, with every check of each comparison.")
    ] = False,
) -> None:
    """Show which bundle is in force under a name, and every decision about it, oldest first."""
    from dataclasses import asdict

    from thoracle.jobs.promotion import SHORT, history

    told = history(name)
    if json:
        _print_json(asdict(told))
        return
    for one in told.decisions:
        bundle = f"{one.challenger['version']} ({one.challenger['digest'][:SHORT]})"
        reason = f"Reason: {one.reason}." if one.reason else ""
        why = " ".join(part for part in (one.judged.get("words", ""), reason) if part)
        forced = ", against the verdict" if one.is_forced else ""
        typer.echo(f"{one.at} {one.by}: {one.action} {bundle}{forced}. {why}".rstrip())
    typer.echo(f"In force: {told.in_force[:SHORT] or 'none'}.")


@bundles_app.command("rollback")
def rollback_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a bundle.")],
    *,
    to: Annotated[
        str, typer.Option(help="Beginning of a digest; by default the one before the present.")
    ] = "",
    by: Annotated[str, typer.Option(help="Who decides; by default the user of this machine.")] = "",
    reason: Annotated[str, typer.Option(help="Why; kept with the decision.")] = "",
) -> None:
    """Put a bundle in force again that was so before; restart the web app to use it."""
    import getpass
    from datetime import UTC, datetime

    from thoracle.jobs.promotion import SHORT, Signed, rollback

    signed = Signed(by=by or getpass.getuser(), now=datetime.now(UTC), reason=reason)
    done = rollback(name, signed, to=to).challenger
    typer.echo(f"{name} {done['version']} ({done['digest'][:SHORT]}) is in force again.")


def _print_json(document: object) -> None:
    import json

    typer.echo(json.dumps(document, indent=1, allow_nan=False))


def _end(*, is_well: bool) -> None:
    if not is_well:
        raise typer.Exit(1)
