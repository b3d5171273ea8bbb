"""Who may log in, and who is logged in; passwords and tokens are kept as digests only."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from thoracle.core.errors import StoreError
from thoracle.store.tables import SESSIONS, USERS
from thoracle.store.types import User

_NAME: Final = re.compile(r"[\w.@-]{1,64}")
_TOKEN_BYTES: Final = 32


class UserStore:
    """Users and sessions of one installation; safe to use from several threads and processes.

    Parameters
    ----------
    engine
        From `thoracle.store.engine.open_engine`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, name: str, password_hash: str, *, now: datetime) -> None:
        """Add one user.

        Parameters
        ----------
        name
            1 to 64 letters, digits, and . @ - _
        password_hash
            Made by a password hash function; never the password.
        now
            With a time zone.

        Raises
        ------
        StoreError
            The name is of another form, or taken.
        """
        if _NAME.fullmatch(name) is None:
            raise StoreError(
                f"found the user name {name[:64]!r} – expected 1 to 64 letters, digits and . @ - _ "
                "signs. Choose another.",
                code="user-name",
            )
        row = {"name": name, "created_at": now, "password_hash": password_hash}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(USERS).values(**row))
        except IntegrityError as error:
            raise StoreError(
                f"found a user {name} already – expected a new name. Choose another, or remove "
                "that user first.",
                code="user-exists",
            ) from error

    def remove(self, name: str) -> None:
        """Remove one user and their sessions; what they have read stays.

        Raises
        ------
        StoreError
            There is no such user.
        """
        with self._engine.begin() as connection:
            removed = connection.execute(delete(USERS).where(USERS.c.name == name)).rowcount
            connection.execute(delete(SESSIONS).where(SESSIONS.c.user_name == name))
        if not removed:
            raise StoreError(
                f"found no user {name} – expected one of `thoracle user list`. Check the name.",
                code="unknown-user",
            )

    def users(self) -> tuple[User, ...]:
        """Return every user by name."""
        query = select(USERS.c.name, USERS.c.created_at).order_by(USERS.c.name)
        with self._engine.connect() as connection:
            rows = connection.execute(query)
            return tuple(User(name=row.name, created_at=row.created_at) for row in rows)

    def any_exist(self) -> bool:
        """Say whether anybody may log in at all."""
        with self._engine.connect() as connection:
            return bool(connection.execute(select(func.count()).select_from(USERS)).scalar())

    def password_hash(self, name: str) -> str | None:
        """Return what a user's password is checked against; None where there is no such user."""
        query = select(USERS.c.password_hash).where(USERS.c.name == name)
        with self._engine.connect() as connection:
            return connection.execute(query).scalar()

    def begin_session(self, name: str, *, now: datetime, lasts: timedelta) -> str:
        """Begin a session; sessions that have ended are cleared away.

        Parameters
        ----------
        name
            Of a user whose password was checked.
        now
            With a time zone.
        lasts
            How long the session is good for.

        Returns
        -------
        str
            The token, kept nowhere but with the user.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        row = {"token_hash": _digest(token), "user_name": name, "expires_at": now + lasts}
        with self._engine.begin() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.expires_at <= now))
            connection.execute(insert(SESSIONS).values(**row))
        return token

    def session_user(self, token: str, *, now: datetime) -> str | None:
        """Return whose session a token is; None where it is nobody's or has ended."""
        query = select(SESSIONS.c.user_name).where(
            SESSIONS.c.token_hash == _digest(token), SESSIONS.c.expires_at > now
        )
        with self._engine.connect() as connection:
            return connection.execute(query).scalar()

    def end_session(self, token: str) -> None:
        """End a session; nothing happens where there is none."""
        with self._engine.begin() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.token_hash == _digest(token)))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
