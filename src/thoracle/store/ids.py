"""Identifiers that sort by time: UUID version 7 (RFC 9562, 5.7) as text."""

import re
from datetime import datetime
from typing import Final
from uuid import UUID

from thoracle.core.errors import StoreError

ENTROPY_BYTES: Final = 10  # RFC 9562, 5.7: 12 + 62 random bits fill ten bytes

ID_PATTERN: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
"""What an identifier looks like, as a regular expression without anchors."""

_VERSION_7: Final = 7
_VARIANT_RFC: Final = 0b10


def new_id(created_at: datetime, entropy: bytes) -> str:
    """Make an identifier whose text sorts by the millisecond of `created_at`.

    Parameters
    ----------
    created_at
        With a time zone.
    entropy
        `ENTROPY_BYTES` random bytes.

    Returns
    -------
    str
        36 characters, such as "018f3b0e-7c00-7abc-8def-0123456789ab".

    Raises
    ------
    ValueError
        The time has no zone, or the entropy has another length.
    """
    if created_at.tzinfo is None:
        raise ValueError("found a time without a zone – expected an aware datetime. Pass UTC.")
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"found {len(entropy)} bytes of entropy – expected {ENTROPY_BYTES}.")
    milliseconds = int(created_at.timestamp() * 1000) & ((1 << 48) - 1)
    bits = int.from_bytes(entropy, "big")
    high = (milliseconds << 16) | (_VERSION_7 << 12) | (bits >> 68)
    low = (_VARIANT_RFC << 62) | (bits & ((1 << 62) - 1))
    return str(UUID(int=(high << 64) | low))


def checked_id(text: str) -> str:
    """Return an identifier that may be part of a path.

    Parameters
    ----------
    text
        From a user: an address, a command line, a form.

    Returns
    -------
    str
        The same text.

    Raises
    ------
    StoreError
        The text is no identifier of this store.
    """
    if re.fullmatch(ID_PATTERN, text) is None:
        raise StoreError(
            f"found {text[:64]!r} – expected a result's id (36 characters). Take one from the "
            "list of results.",
            code="unknown-result",
        )
    return text
