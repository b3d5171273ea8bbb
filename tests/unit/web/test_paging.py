"""A list says where it goes on, and only where it does."""

from dataclasses import dataclass

from thoracle.store.types import Search
from thoracle.web.paging import paged


@dataclass(frozen=True, kw_only=True)
class Line:
    id: str


LINES = [Line(id=one) for one in "dcb"]


def test_a_list_that_goes_on_says_where_and_keeps_what_was_searched_for() -> None:
    shown, more = paged(LINES, address="/list", limit=2, search=Search(text="a b", patient="7"))
    assert shown == LINES[:2]
    assert more == "/list?limit=2&before=c&patient=7&text=a+b"


def test_what_was_not_searched_for_is_not_named() -> None:
    assert paged(LINES, address="/list", limit=1, search=Search())[1] == "/list?limit=1&before=d"


def test_a_list_that_ends_here_leads_nowhere() -> None:
    assert paged(LINES, address="/list", limit=3, search=Search()) == (LINES, None)
    assert paged([], address="/list", limit=3, search=Search()) == ([], None)
