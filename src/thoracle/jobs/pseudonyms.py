"""Patients told apart without naming them: a keyed digest that only this installation can make."""

import hashlib
import hmac
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from thoracle.core.errors import StoreError

KEY_NAME: Final = "pseudonym.key"
_KEY_BYTES: Final = 32
_SHOWN: Final = 12  # hex digits: enough that two of a million patients hardly ever share one


class Pseudonyms:
    """Makes pseudonyms of patients' numbers with the installation's own key.

    Parameters
    ----------
    home
        Folder that holds the key; the first use makes it, readable by the owner alone.
    keeps_identifiers
        Whether to give the numbers back as they are.
    """

    def __init__(self, home: Path, *, keeps_identifiers: bool) -> None:
        self._path = home / KEY_NAME
        self._keeps_identifiers = keeps_identifiers

    def of(self, patient_id: str | None) -> str | None:
        """Return what a patient is kept under; None where the file names nobody."""
        if not patient_id:
            return None
        if self._keeps_identifiers:
            return patient_id
        digest = hmac.new(self._key(), patient_id.encode("utf-8"), hashlib.sha256)
        return f"p-{digest.hexdigest()[:_SHOWN]}"

    def _key(self) -> bytes:
        with suppress(FileNotFoundError):
            return self._checked(self._path.read_bytes())
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(f".{KEY_NAME}.{secrets.token_hex(8)}")
        fresh.touch(mode=0o600)
        try:
            fresh.write_bytes(secrets.token_bytes(_KEY_BYTES))
            with suppress(FileExistsError):  # another process was first: its key counts
                self._path.hardlink_to(fresh)
        finally:
            fresh.unlink(missing_ok=True)
        return self._checked(self._path.read_bytes())

    def _checked(self, key: bytes) -> bytes:
        if len(key) != _KEY_BYTES:
            raise StoreError(
                f"found {len(key)} bytes in {self._path} – expected {_KEY_BYTES}. Restore the file "
                "from a backup; without it, films of one patient cannot be brought together.",
                code="damaged-key",
            )
        return key
