"""Requests that were answered already, so that one sent twice is answered alike."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from thoracle.core.errors import StoreError
from thoracle.store.tables import REQUESTS

KEPT_FOR: Final = timedelta(days=1)


class RequestStore:
    """Answered requests of one installation by their key; safe from several threads.

    Parameters
    ----------
    engine
        From `thoracle.store.engine.open_engine`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def answered(self, key: str, digest: str) -> tuple[str, ...] | None:
        """Return the results that a request led to.

        Parameters
        ----------
        key
            Chosen by the sender.
        digest
            Of what was sent.

        Returns
        -------
        tuple of str or None
            None where the key is new.

        Raises
        ------
        StoreError
            The key was used for something else.
        """
        query = select(REQUESTS.c.digest, REQUESTS.c.result_ids).where(REQUESTS.c.key == key)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        if row.digest != digest:
            raise StoreError(
                "found an Idempotency-Key that was sent with other files before – expected a new "
                "key for new files. Choose another.",
                code="key-reused",
            )
        return tuple(row.result_ids)

    def keep(self, key: str, digest: str, result_ids: Sequence[str], *, now: datetime) -> None:
        """Remember what a request led to; keys older than `KEPT_FOR` are forgotten."""
        row = {"key": key, "digest": digest, "result_ids": list(result_ids), "created_at": now}
        try:
            with self._engine.begin() as connection:
                old = REQUESTS.c.created_at < now - KEPT_FOR
                connection.execute(delete(REQUESTS).where(old))
                connection.execute(insert(REQUESTS).values(**row))
        except IntegrityError:  # the same request came twice at once; both were answered
            return
