"""Conditions of the database's queries."""

from sqlalchemy import ColumnElement

from thoracle.store.tables import RESULTS
from thoracle.store.types import Search

_ESCAPE = "\\"


def narrowed(search: Search) -> list[ColumnElement[bool]]:
    """Turn a search into conditions on the table of results.

    Parameters
    ----------
    search
        What is wanted.

    Returns
    -------
    list of ColumnElement
        To be joined by "and"; empty where everything is wanted.
    """
    columns = RESULTS.c
    equal = {
        columns.top_label: search.finding,
        columns.status: None if search.status is None else str(search.status),
        columns.owner: search.owner,
        columns.batch_id: search.batch_id,
        columns.patient: search.patient,
    }
    conditions = [column == wanted for column, wanted in equal.items() if wanted is not None]
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
