"""Put a judged challenger in force at a site, go back to an older bundle, and keep why."""

import fcntl
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from thoracle.core.errors import BundleError
from thoracle.core.files import write_atomically
from thoracle.core.settings import settings
from thoracle.inference.bundle import Bundle, list_bundles, open_bundle
from thoracle.inference.champion import SCHEMA, champion_file, kept_folder, read_champion

SHORT: Final = 12  # digits of a digest that are shown; fewer are understood where they are enough.


class Action(StrEnum):
    """What a decision did."""

    PROMOTED = "promoted"
    REFUSED = "refused"
    ROLLED_BACK = "rolled-back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who decides, when, and why; `now` has a time zone."""

    by: str
    now: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision about the bundle in force under a name, as it is kept.

    `champion` was in force before and `challenger` was judged, or gone back to: name, version and
    digest each. `is_forced` marks one against the verdict. `judged` is the comparison in JSON,
    empty for a way back.
    """

    action: Action
    at: str
    by: str
    reason: str
    is_forced: bool
    champion: Mapping[str, str]
    challenger: Mapping[str, str]
    judged: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The bundle in force under a name, and every decision about it, oldest first."""

    name: str
    in_force: str
    decisions: tuple[Decision, ...]


def site_folder() -> Path:
    """Return the folder of the site's own bundles."""
    return settings().home / "bundles"


def history(name: str) -> History:
    """Return what is in force under a name, and why.

    Parameters
    ----------
    name
        Of a bundle, as commands take it.

    Returns
    -------
    History
        `in_force` is "" where no bundle of that name is installed.
    """
    kept = read_champion(champion_file(site_folder(), name))
    installed = None if kept["digest"] else _installed(name)
    return History(
        name=name,
        in_force=kept["digest"] if installed is None else installed.digest,
        decisions=tuple(_decision(one) for one in kept["decisions"]),
    )


def need_in_force(name: str) -> Bundle:
    """Return the bundle in force under a name, where a site may put another in its place.

    Parameters
    ----------
    name
        Of an installed bundle, not a folder.

    Raises
    ------
    BundleError
        There is none, or one in the folder of THORACLE_BUNDLES would hide what is put in force.
    """
    hiding = settings().bundles
    if hiding is not None and (hiding / name).is_dir():
        raise BundleError(
            f"found {name} in {hiding} (THORACLE_BUNDLES), which comes before the site's own "
            "bundles – expected it nowhere else. Unset THORACLE_BUNDLES, or move that folder away.",
            code="champion-hidden",
        )
    if name not in {folder.name for folder in list_bundles()}:
        raise BundleError(
            f"found no installed bundle {name!r} – expected the name of the one in use. List them "
            "with thoracle bundles list.",
            code="bundle-missing",
        )
    return open_bundle(name)


def first_in_force(name: str) -> Bundle | None:
    """Return the bundle that was in force before any other was put in its place.

    Parameters
    ----------
    name
        Under which it served. That it cannot be opened any more is a BundleError.

    Returns
    -------
    Bundle or None
        None where no decision ever put another in force.
    """
    site = site_folder()
    decisions = read_champion(champion_file(site, name))["decisions"]
    decided = [one for one in decisions if one["action"] != Action.REFUSED]
    return _reopened(site, name, decided[0]["champion"]["digest"])[0] if decided else None


def promote(
    name: str,
    challenger: Path,
    judged: Mapping[str, Any],
    signed: Signed,
    *,
    champion_digest: str,
    is_forced: bool = False,
) -> Decision:
    """Put a challenger in force under a name.

    Parameters
    ----------
    name
        Under which the champion serves.
    challenger
        Folder of the bundle; it is copied.
    judged
        The comparison in JSON; it is kept with the decision.
    signed
        Who, when, why.
    champion_digest
        Of the bundle that the challenger was judged against.
    is_forced
        Whether the verdict is against it; then a reason is needed.

    Returns
    -------
    Decision
        As kept. Until it is, everything is as it was.

    Raises
    ------
    BundleError
        The verdict is forced without a reason, or another bundle is in force by now.
    """
    if is_forced and not signed.reason.strip():
        raise BundleError(
            "found no reason for a challenger that was not shown to be not worse – expected one, "
            "which is kept. Give it with --reason.",
            code="promotion-no-reason",
        )
    site = site_folder()
    with _locked(site):
        before = need_in_force(name)
        if before.digest != champion_digest:
            raise BundleError(
                f"found {before.version} ({before.digest[:SHORT]}) in force as {name} – expected "
                f"{champion_digest[:SHORT]}, which the challenger was judged against. Retrain from "
                "the bundle that is in force now.",
                code="champion-changed",
            )
        _keep(site, name, before)
        kept = _keep(site, name, open_bundle(str(challenger)))
        decision = _new(Action.PROMOTED, before, kept, signed, judged=judged, is_forced=is_forced)
        _decide(site, name, kept.digest, decision)
    return decision


def refuse(name: str, challenger: Path, judged: Mapping[str, Any], signed: Signed) -> Decision:
    """Keep that a challenger was judged and not put in force.

    Parameters
    ----------
    name, challenger, judged, signed
        As in `promote`.
    """
    site = site_folder()
    with _locked(site):
        before = need_in_force(name)
        found = open_bundle(str(challenger))
        decision = _new(Action.REFUSED, before, found, signed, judged=judged)
        in_force = read_champion(champion_file(site, name))["digest"]
        _decide(site, name, in_force, decision)
    return decision


def rollback(name: str, signed: Signed, *, to: str = "") -> Decision:
    """Go back to a bundle that was in force before.

    Parameters
    ----------
    name
        Under which it serves.
    signed
        Who, when, why.
    to
        Beginning of its digest; "" means the one before the present one.

    Returns
    -------
    Decision
        As kept.

    Raises
    ------
    BundleError
        Nothing was in force before, or no single bundle has such a digest.
    """
    site = site_folder()
    with _locked(site):
        kept = read_champion(champion_file(site, name))
        former = _former(kept)
        wanted = [one for one in former if one.startswith(to)]
        if not wanted or (to and len(wanted) > 1):
            raise BundleError(
                f"found {len(wanted)} bundles {to!r} that were in force as {name} before – "
                f"expected one of: {', '.join(one[:SHORT] for one in former) or 'none'}. See them "
                f"with thoracle bundles history {name}.",
                code="rollback-none",
            )
        digest = wanted[-1]
        back, is_installed = _reopened(site, name, digest)
        left = _last(kept["decisions"])
        decision = Decision(
            action=Action.ROLLED_BACK,
            at=signed.now.isoformat(),
            by=signed.by,
            reason=signed.reason,
            is_forced=False,
            champion=left,
            challenger=_reference(back),
            judged={},
        )
        _decide(site, name, "" if is_installed else digest, decision)
    return decision


def _former(kept: Mapping[str, Any]) -> list[str]:
    """Return the digests that were in force and are not now, the latest last."""
    decided = [one for one in kept["decisions"] if one["action"] != Action.REFUSED]
    found: dict[str, None] = {}
    for one in decided:
        for side in ("champion", "challenger"):
            found.pop(one[side]["digest"], None)
            found[one[side]["digest"]] = None
    now = decided[-1]["challenger"]["digest"] if decided else ""
    return [one for one in found if one != now]


def _last(decisions: list[Mapping[str, Any]]) -> Mapping[str, str]:
    """Return the bundle that the decisions put in force last."""
    decided = [one for one in decisions if one["action"] != Action.REFUSED]
    return dict(decided[-1]["challenger"])


def _installed(name: str) -> Bundle | None:
    """Return the bundle that serves under a name where a site decides nothing."""
    folders = {folder.name: folder for folder in list_bundles(with_champions=False)}
    return open_bundle(str(folders[name])) if name in folders else None


def _reopened(site: Path, name: str, digest: str) -> tuple[Bundle, bool]:
    """Open a bundle that was in force, and say whether it is the installed one."""
    installed = _installed(name)
    if installed is not None and installed.digest == digest:
        return installed, True
    return open_bundle(str(kept_folder(site, name, digest))), False


def _keep(site: Path, name: str, bundle: Bundle) -> Bundle:
    """Copy a bundle to where those in force are kept, whole or not at all, and open the copy."""
    folder = kept_folder(site, name, bundle.digest)
    if not folder.is_dir():
        partial = folder.with_name(f".{name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(bundle.folder, partial)
        partial.rename(folder)
    return open_bundle(str(folder))


def _decide(site: Path, name: str, digest: str, decision: Decision) -> None:
    """Write digest and decision in one: before it nothing has changed, after it everything."""
    path = champion_file(site, name)
    kept = read_champion(path)
    document = {
        "schema": SCHEMA,
        "digest": digest,
        "decisions": [*kept["decisions"], _as_json(decision)],
    }
    write_atomically(path, (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode())


@contextmanager
def _locked(site: Path) -> Iterator[None]:
    """Let one process decide at a time."""
    site.mkdir(parents=True, exist_ok=True)
    with (site / ".lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _new(
    action: Action,
    champion: Bundle,
    challenger: Bundle,
    signed: Signed,
    *,
    judged: Mapping[str, Any],
    is_forced: bool = False,
) -> Decision:
    return Decision(
        action=action,
        at=signed.now.isoformat(),
        by=signed.by,
        reason=signed.reason,
        is_forced=is_forced,
        champion=_reference(champion),
        challenger=_reference(challenger),
        judged=judged,
    )


def _reference(bundle: Bundle) -> dict[str, str]:
    return {"name": bundle.name, "version": bundle.version, "digest": bundle.digest}


def _as_json(decision: Decision) -> dict[str, Any]:
    return {
        "action": str(decision.action),
        "at": decision.at,
        "by": decision.by,
        "reason": decision.reason,
        "is_forced": decision.is_forced,
        "champion": dict(decision.champion),
        "challenger": dict(decision.challenger),
        "judged": dict(decision.judged),
    }


def _decision(row: Mapping[str, Any]) -> Decision:
    return Decision(
        action=Action(row["action"]),
        at=str(row["at"]),
        by=str(row["by"]),
        reason=str(row["reason"]),
        is_forced=bool(row["is_forced"]),
        champion=row["champion"],
        challenger=row["challenger"],
        judged=row["judged"],
    )
