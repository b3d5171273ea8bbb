"""What can go wrong with a request, in one sentence each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ERRORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "error_title": "This did not work",
        "error_result": "Back to the result",
        "error_back": "Back to the first page",
        "error_host": (
            "This server answers only to localhost and 127.0.0.1, for it listens on this "
            "machine alone. Open it under one of these names."
        ),
        "error_origin": (
            "This request came from another site and was refused. Open Thoracle's own page "
            "and send it from there."
        ),
        "error_missing": "There is no such page.",
        "error_method": "This address does not take that kind of request.",
        "error_value": (
            "Found {found} for {name} – expected {expected}. Correct it, then send it again."
        ),
        "found_nothing": "nothing",
        "expected_one_of": "one of {values}",
        "expected_at_least": "at least {limit}",
        "expected_at_most": "at most {limit}",
        "expected_signs": "at most {limit} characters",
        "expected_whole": "a whole number",
        "expected_day": "a day such as 2026-03-01",
        "expected_some": "a value",
        "expected_other": "another value",
        "error_form": "The form held a value that this server does not know. Start again.",
        "error_inside": (
            "Something failed inside Thoracle. The server's log has the details; please try "
            "again, and report it if it happens twice."
        ),
        "error_busy": (
            "The server has as many films waiting as it can answer in time. Try again in "
            "{seconds} s."
        ),
        "error_sign_in": "Sign in first.",
        "error_no_room": (
            "The server has no room left on its disk, and nothing of this request was kept. Make "
            "room, then send it again."
        ),
        "error_rate": (
            "More requests came from you than this server takes in a minute. Try again in "
            "{seconds} s."
        ),
    }
)
