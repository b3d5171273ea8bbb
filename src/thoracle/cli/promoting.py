"""What every retraining does around its training: who asks, which rivals, and how it ends."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thoracle.core.errors import RecipeError
from thoracle.core.files import sha256_of, write_atomically

if TYPE_CHECKING:
    from thoracle.inference.bundle import Bundle
    from thoracle.jobs.challenge import Rival

NOT_TAKEN = 3  # the exit code where all went well and the champion stays

ByOption = Annotated[str, typer.Option(help="Who decides; by default the user of this machine.")]
ReasonOption = Annotated[str, typer.Option(help="Why; kept with the decision.")]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Take the challenger against the verdict; needs --reason.")
]
FromStartOption = Annotated[
    bool, typer.Option("--from-start", help="Without that folder: train all stages.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose place a challenger is to take, where the decision is written, and who asks for it."""

    name: str
    champion: "Bundle"
    out: Path
    by: str
    reason: str
    force: bool


def need_one_way(run: Path | None, *, from_start: bool, force: bool, reason: str) -> None:
    """Refuse what could only fail after hours of training.

    Parameters
    ----------
    run
        Folder of the champion's run.
    from_start
        Whether to do without it.
    force, reason
        As asked.

    Raises
    ------
    RecipeError
        Not exactly one of run and from-start is given, or a forced verdict has no reason.
    """
    if (run is None) != from_start:
        raise RecipeError(
            "found both or none of --run and --from-start – expected one: a bundle holds no "
            "weights for torch, its run's folder does. Give the folder, or train all stages.",
            code="retrain-start",
        )
    if force and not reason.strip():
        raise RecipeError(
            "found --force without --reason – expected why the verdict does not count; it is kept. "
            "Give one.",
            code="retrain-no-reason",
        )


def is_in_force(champion: "Bundle", made: Path) -> bool:
    """Say whether an earlier start was interrupted after the last thing it had to do."""
    from thoracle.core.errors import BundleError
    from thoracle.inference.bundle import open_bundle

    try:
        return open_bundle(str(made.resolve())).digest == champion.digest
    except BundleError:
        return False


def find_rivals(
    name: str, champion: "Bundle", opened: Callable[["Bundle"], object]
) -> tuple[list["Rival"], list[str]]:
    """Return the champion and the bundle first in force, and in words why that one is missing.

    Parameters
    ----------
    name
        Under which they serve.
    champion
        In force now.
    opened
        Opens a bundle for its task; a BundleError where this version cannot.
    """
    from thoracle.core.errors import BundleError
    from thoracle.jobs.challenge import Rival
    from thoracle.jobs.promotion import first_in_force

    rivals = [Rival(bundle=champion)]
    try:
        first = first_in_force(name)
        if first is None or first.digest == champion.digest:
            return rivals, []
        opened(first)
    except BundleError as error:
        return rivals, [f"Judged against the champion only, the first bundle being lost: {error}"]
    if [one.name for one in first.labels] != [one.name for one in champion.labels]:
        return rivals, ["Judged against the champion only: the first bundle tells other findings."]
    return [*rivals, Rival(bundle=first, name=f"first bundle, {first.version}")], []


def settle(
    made: Path,
    document: Mapping[str, Any],
    asked: Asked,
    *,
    is_good: bool,
    kept: Callable[[dict[str, Any]], dict[str, Any]] = dict,
) -> bool:
    """Write the decision down, and put the challenger in force or refuse it.

    Parameters
    ----------
    made
        Folder of the challenger's bundle.
    document
        The comparison in JSON, with its `words`.
    asked
        By whom, why, and whether the verdict counts.
    is_good
        The verdict.
    kept
        Shortens the comparison to what the site keeps of it.

    Returns
    -------
    bool
        Whether the challenger is in force.
    """
    from thoracle.inference.bundle import open_bundle
    from thoracle.jobs.promotion import Signed, promote, refuse

    content = (json.dumps(document, indent=1, allow_nan=False) + "\n").encode()
    write_atomically(asked.out / "decision.json", content)
    judged = kept(dict(document)) | {"decision_sha256": sha256_of(content)}
    signed = Signed(by=asked.by, now=datetime.now(UTC), reason=asked.reason)
    typer.echo(document["words"])
    if not is_good and not asked.force:
        refuse(asked.name, made.resolve(), judged, signed)
        typer.echo(f"{asked.name} {asked.champion.version} stays in force.")
        return False
    promote(
        asked.name,
        made.resolve(),
        judged,
        signed,
        champion_digest=asked.champion.digest,
        is_forced=not is_good,
    )
    typer.echo(
        f"{asked.name} {open_bundle(asked.name).version} is in force in place of "
        f"{asked.champion.version}; restart thoracle serve. Back: thoracle bundles rollback "
        f"{asked.name}"
    )
    return True


def end(*, is_taken: bool) -> None:
    """Leave with 3 where the champion stays.

    Raises
    ------
    typer.Exit
        It does.
    """
    if not is_taken:
        raise typer.Exit(NOT_TAKEN)
