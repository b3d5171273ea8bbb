"""Where a program's list goes on."""

from collections.abc import Sequence
from typing import Protocol, TypeVar
from urllib.parse import urlencode

from thoracle.store.types import Search


class Line(Protocol):
    """One line of a list."""

    @property
    def id(self) -> str:
        """Ids sort by time."""


Shown = TypeVar("Shown", bound=Line)


def paged(
    found: Sequence[Shown], *, address: str, limit: int, search: Search
) -> tuple[Sequence[Shown], str | None]:
    """Part what is shown from the line that says there is more.

    Parameters
    ----------
    found
        Newest first, one more than `limit` was asked for.
    address
        Of the list.
    limit
        How many are shown.
    search
        Patient and text that the list is narrowed to.

    Returns
    -------
    shown
        At most `limit`.
    more
        Address of the lines before them; None where there are none.
    """
    shown = found[:limit]
    if len(found) <= limit:
        return shown, None
    query = {"limit": limit, "before": shown[-1].id, "patient": search.patient, "text": search.text}
    return shown, f"{address}?{urlencode({name: one for name, one in query.items() if one})}"
