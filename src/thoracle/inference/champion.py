"""Which kept bundle of a site serves under a name: one small file that is replaced as a whole."""

import json
import re
from pathlib import Path
from typing import Any, Final

from thoracle.core.errors import BundleError

SCHEMA: Final = 1
KEPT: Final = ".kept"
"""Folder of bundles that are or were in force: `.kept/DIGEST/NAME`, never written again."""
_ENDING: Final = ".champion.json"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def champion_file(site: Path, name: str) -> Path:
    """Return where a site says which bundle serves under a name, and why."""
    return site / f"{name}{_ENDING}"


def kept_folder(site: Path, name: str, digest: str) -> Path:
    """Return where a site keeps the bundle of a digest that serves, or served, under a name."""
    return site / KEPT / digest / name


def read_champion(path: Path) -> dict[str, Any]:
    """Read what a site says of the bundle in force under a name.

    Parameters
    ----------
    path
        From `champion_file`.

    Returns
    -------
    dict
        With `digest`, "" where the installed bundle serves, and `decisions`, oldest first. Without
        a file nothing was ever decided.

    Raises
    ------
    BundleError
        The file holds something else.
    """
    if not path.is_file():
        return {"schema": SCHEMA, "digest": "", "decisions": []}
    try:
        table = json.loads(path.read_bytes())
        is_known = table["schema"] == SCHEMA and isinstance(table["decisions"], list)
        digest = str(table["digest"])
    except (ValueError, KeyError, TypeError):
        is_known, digest = False, ""
    if not is_known or (digest and not _DIGEST.fullmatch(digest)):
        raise BundleError(
            f"found something else in {path} – expected which bundle is in force, as thoracle "
            "retrain writes it. Restore it from a copy, or remove it to use the installed bundle.",
            code="champion-file",
        )
    return dict(table)


def champions(site: Path) -> dict[str, Path]:
    """Return the folders of the kept bundles that are in force at a site, by name.

    Parameters
    ----------
    site
        A folder of bundles.

    Returns
    -------
    dict
        Empty where nothing was decided, or all was rolled back to what is installed.

    Raises
    ------
    BundleError
        A file says that a bundle is in force which is not there.
    """
    found: dict[str, Path] = {}
    for path in sorted(site.glob(f"[!.]*{_ENDING}")):
        name, digest = path.name.removesuffix(_ENDING), read_champion(path)["digest"]
        if not digest:
            continue
        found[name] = kept_folder(site, name, digest)
        if not found[name].is_dir():
            raise BundleError(
                f"found no {found[name]} – expected the bundle that {path.name} says is in force. "
                "Restore the folder from a copy, or take another one: thoracle bundles rollback.",
                code="champion-lost",
            )
    return found


def check_kept(folder: Path, digest: str) -> None:
    """Refuse a kept bundle whose description was changed, with all digests in it, afterwards.

    Parameters
    ----------
    folder
        Of any bundle; only kept ones are checked.
    digest
        Of its description.

    Raises
    ------
    BundleError
        It lies under another digest.
    """
    if folder.parent.parent.name == KEPT and folder.parent.name != digest:
        raise BundleError(
            f"found digest {digest[:12]} of the bundle in {folder} – expected "
            f"{folder.parent.name[:12]}, under which it was promoted. It was altered: take another "
            "one with thoracle bundles rollback.",
            code="champion-altered",
        )
