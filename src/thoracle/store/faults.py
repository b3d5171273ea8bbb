"""What a database or a disk says when it is locked or full, in our words."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from thoracle.core.errors import StoreError

# SQLite: https://www.sqlite.org/rescode.html; PostgreSQL: appendix A, "Error Codes".
_SQLITE_BUSY, _SQLITE_LOCKED, _SQLITE_FULL = 5, 6, 13
_PRIMARY: Final = 0xFF  # of an extended result code
_LOCKED: Final = frozenset({_SQLITE_BUSY, _SQLITE_LOCKED, "55P03", "57014"})
_FULL: Final = frozenset({_SQLITE_FULL, "53100"})
_FULL_DISK: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FullStoreError(StoreError):
    """There is no room for one more result (HTTP 507)."""

    def __init__(self) -> None:
        super().__init__(
            "found no room left on the store's disk – expected some for one more result; nothing "
            "of it was kept. Make room, then send it again.",
            code="store-full",
        )


def say_what_is_wrong(engine: Engine) -> None:
    """Let an engine raise a StoreError where the database is locked by another, or out of room.

    Parameters
    ----------
    engine
        Just made; every statement on it, and every connection, is covered.
    """
    event.listen(engine, "handle_error", _on_error)


def _on_error(context: ExceptionContext) -> None:
    if not isinstance(context.sqlalchemy_exception, OperationalError):
        return
    error = known_fault(context.original_exception)
    if error is not None:
        raise error from context.original_exception


def known_fault(fault: BaseException) -> StoreError | None:
    """Return what a driver's error means, where it is one of the two that pass by themselves.

    Parameters
    ----------
    fault
        As the driver raised it.

    Returns
    -------
    StoreError or None
        Its code is store-locked or store-full.
    """
    code = _code(fault)
    if code in _LOCKED:
        return StoreError(
            "found the database locked by another program – expected it free within seconds. Try "
            "again in a moment, and end what holds it if it stays so.",
            code="store-locked",
        )
    if code in _FULL:
        return FullStoreError()
    return None


def is_full_disk(fault: BaseException) -> bool:
    """Say whether an error of the system means that there is no room for what was written."""
    return isinstance(fault, OSError) and fault.errno in _FULL_DISK


def _code(fault: BaseException) -> int | str | None:
    """Return SQLite's primary result code or PostgreSQL's state; None where there is neither."""
    number = getattr(fault, "sqlite_errorcode", None)
    if isinstance(number, int):
        return number & _PRIMARY
    state = getattr(fault, "sqlstate", None)
    return state if isinstance(state, str) else None


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Turn what the disk or the database say into a StoreError.

    Raises
    ------
    FullStoreError
        The disk is full.
    StoreError
        They refused for another reason.
    """
    try:
        yield
    except (OSError, SQLAlchemyError) as error:
        if is_full_disk(error):
            raise FullStoreError from error
        raise StoreError(
            f"found no way to keep {what} ({type(error).__name__}) – expected room and "
            "rights under THORACLE_HOME and a database that takes rows. Check the disk and "
            "THORACLE_DATABASE_URL.",
            code="not-saved",
        ) from error
