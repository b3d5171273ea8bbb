"""Which app runs over a home folder, so that a second `thoracle open` finds the first."""

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from thoracle.core.errors import SettingError

NAME = "running.txt"
_ANSWER_LIMIT_S = 30  # it listens before its models are loaded, and answers after


@contextmanager
def noted(home: Path, url: str) -> Iterator[None]:
    """Note an app's address for as long as the block runs; the first of several is the one noted.

    The note is locked, which ends with the process, however that ends: none is ever out of date.
    """
    with ExitStack() as stack:
        with suppress(OSError):  # the store says better what is wrong with the folder
            home.mkdir(parents=True, exist_ok=True)
            note = stack.enter_context((home / NAME).open("a", encoding="utf-8"))
            fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
            note.truncate(0)
            note.write(url)
            note.flush()
        yield


def running_address(home: Path) -> str | None:
    """Return where an app of this version runs over a home folder.

    Parameters
    ----------
    home
        Folder of all that Thoracle keeps.

    Returns
    -------
    str or None
        The address of its first page; None where no app runs, or the one that does cannot be
        asked.

    Raises
    ------
    SettingError
        An app of another version runs.
    """
    from thoracle.core.version import version

    url = _noted_address(home)
    found = None if url is None else _version_at(url)
    if url is None or found is None:
        return None
    if found != version():
        raise SettingError(
            f"found Thoracle {found} running at {url} – expected this version, {version()}. Stop "
            "it where it was started, with Ctrl+C, then try again.",
            code="other-version",
        )
    return url


def ask(url: str, path: str) -> bytes:
    """Return what the app at an address of this machine answers, past any proxy.

    Parameters
    ----------
    url
        Address of its first page.
    path
        What is asked for.

    Returns
    -------
    bytes
        The whole answer, compressed if it can be; an app that cannot be reached is an OSError or
        an HTTPException.
    """
    import http.client

    where = urlsplit(url)
    connection = http.client.HTTPConnection(
        where.hostname or "", where.port, timeout=_ANSWER_LIMIT_S
    )
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        return connection.getresponse().read()
    finally:
        connection.close()


def _noted_address(home: Path) -> str | None:
    """Return the address that a running app noted: one whose note is locked."""
    try:
        with (home / NAME).open(encoding="utf-8") as note:
            return note.read() or None if _is_locked(note.fileno()) else None
    except OSError:
        return None


def _is_locked(note: int) -> bool:
    try:
        fcntl.flock(note, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _version_at(url: str) -> str | None:
    """Return the version of the app at an address; None where no Thoracle answers."""
    import http.client
    import json

    try:
        known = json.loads(ask(url, "/healthz"))
    except (OSError, ValueError, http.client.HTTPException):
        return None
    return str(known["version"]) if isinstance(known, dict) and "version" in known else None
