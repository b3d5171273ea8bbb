"""Queries that several of the store's parts ask, and their conditions."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Table, false, select

from thoracle.store.ids import checked_id
from thoracle.store.tables import RESULTS
from thoracle.store.types import Search

_ESCAPE = "\\"


def latest(
    table: Table, limit: int, *, before: str | None = None, patient: str | None = None
) -> Select[Any]:
    """Ask for whole rows, the newest first.

    Parameters
    ----------
    table
        With the columns `id`, which rise with time, and `patient`.
    limit
        At most this many.
    before
        Only those older than this one; None begins with the newest.
    patient
        Only this patient's; None for anybody's.

    Returns
    -------
    Select
        May be narrowed further.
    """
    query = select(table).order_by(table.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(table.c.id < checked_id(before))
    if patient is not None:
        query = query.where(table.c.patient == patient)
    return query


def narrowed(search: Search, table: Table = RESULTS) -> list[ColumnElement[bool]]:
    """Turn a search into conditions on a table.

    Parameters
    ----------
    search
        What is wanted.
    table
        Of results, or of other things that have a file; what it has no column for finds nothing.

    Returns
    -------
    list of ColumnElement
        To be joined by "and"; empty where everything is wanted.
    """
    columns = table.c
    equal = {
        "top_label": search.finding,
        "status": None if search.status is None else str(search.status),
        "owner": search.owner,
        "batch_id": search.batch_id,
        "patient": search.patient,
    }
    conditions = [
        columns[name] == value if name in columns else false()
        for name, value in equal.items()
        if value is not None
    ]
    if search.text:
        conditions.append(columns.file.ilike(_anywhere(search.text), escape=_ESCAPE))
    if search.since is not None:
        conditions.append(columns.created_at >= search.since)
    if search.until is not None:
        conditions.append(columns.created_at < search.until)
    return conditions


def _anywhere(text: str) -> str:
    """Return a LIKE pattern that finds the text as it stands, its own signs included."""
    for sign in (_ESCAPE, "%", "_"):
        text = text.replace(sign, _ESCAPE + sign)
    return f"%{text}%"
