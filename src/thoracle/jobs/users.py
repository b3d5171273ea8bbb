"""Add users and check passwords, which are kept as argon2 hashes only."""

from datetime import datetime
from functools import lru_cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from thoracle.core.errors import SettingError
from thoracle.store.users import UserStore

PASSWORD_LENGTH_MIN: Final = 10
PASSWORD_LENGTH_MAX: Final = 1024
"""NIST SP 800-63B: length counts, rules about signs do not; long ones must not cost for ever."""


def add_user(users: UserStore, name: str, password: str, *, now: datetime) -> None:
    """Add one user.

    Parameters
    ----------
    users
        Of the open store.
    name
        As `UserStore.add` takes it.
    password
        At least `PASSWORD_LENGTH_MIN` characters.
    now
        With a time zone.

    Raises
    ------
    SettingError
        The password is too short or too long.
    """
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise SettingError(
            f"found a password of {len(password)} characters – expected {PASSWORD_LENGTH_MIN} to "
            f"{PASSWORD_LENGTH_MAX}. Choose another; several words are good.",
            code="password-length",
        )
    users.add(name, _hasher().hash(password), now=now)


def is_password(users: UserStore, name: str, password: str) -> bool:
    """Say whether a password is that of a user; an unknown name takes as long as a known one."""
    kept = users.password_hash(name)
    try:
        is_right = _hasher().verify(_nobodys_hash() if kept is None else kept, password[:2048])
    except (VerificationError, InvalidHashError):
        return False
    return is_right and kept is not None


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # RFC 9106's second recommended option


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher().hash("nobody has this password")
