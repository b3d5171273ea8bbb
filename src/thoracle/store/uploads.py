"""Uploads that wait for a job: whole files on disk, gone when nobody needs them."""

import os
import re
import secrets
import shutil
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from thoracle.core.errors import StoreError
from thoracle.store.ids import ENTROPY_BYTES, checked_id, new_id

FOLDER: Final = "uploads"
_NAME: Final = re.compile(r"scan\.(zip|nii|nii\.gz)")


class UploadStore:
    """Uploaded files of one installation, each in a folder of its own.

    Parameters
    ----------
    root
        Folder that holds them.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def begin(self, *, now: datetime) -> str:
        """Make room for one upload that only the owner of this process can read.

        Parameters
        ----------
        now
            With a time zone.

        Returns
        -------
        str
            Its id; write into `folder` of it.
        """
        upload_id = new_id(now, secrets.token_bytes(ENTROPY_BYTES))
        self._root.mkdir(parents=True, exist_ok=True)
        (self._root / upload_id).mkdir(mode=0o700)
        return upload_id

    def folder(self, upload_id: str) -> Path:
        """Return the folder of an upload, which need not exist any more."""
        return self._root / checked_id(upload_id)

    def name(self, upload_id: str, part: Path, name: str) -> None:
        """Give a finished file its name, and see to it that it is on disk.

        Parameters
        ----------
        upload_id
            From `begin`.
        part
            The file, written under any other name in the folder.
        name
            `scan.zip`, `scan.nii` or `scan.nii.gz`.

        Raises
        ------
        ValueError
            The name is another one.
        """
        if _NAME.fullmatch(name) is None:
            raise ValueError(f"found the name {name!r} – expected scan.zip, .nii or .nii.gz.")
        with part.open("rb") as stream:
            os.fsync(stream.fileno())
        part.rename(self.folder(upload_id) / name)

    def file(self, upload_id: str) -> Path:
        """Return the file of an upload.

        Raises
        ------
        StoreError
            It is gone.
        """
        folder = self.folder(upload_id)
        names = list(folder.iterdir()) if folder.is_dir() else []
        for path in names:
            if _NAME.fullmatch(path.name):
                return path
        raise StoreError(
            "found the uploaded scan removed already – expected it to wait for its job, a day at "
            "most. Send it again.",
            code="upload-gone",
        )

    def remove(self, upload_id: str) -> None:
        """Remove an upload; nothing happens where there is none."""
        shutil.rmtree(self.folder(upload_id), ignore_errors=True)

    def remove_older(self, than: datetime, *, needed: Collection[str]) -> int:
        """Remove uploads that began before a time, but for those that are needed.

        Parameters
        ----------
        than
            With a time zone.
        needed
            Ids that stay.

        Returns
        -------
        int
            How many were removed.
        """
        if not self._root.is_dir():
            return 0
        old = [
            path
            for path in self._root.iterdir()
            if path.name not in needed and datetime.fromtimestamp(path.stat().st_mtime, UTC) < than
        ]
        for path in old:
            shutil.rmtree(path, ignore_errors=True)
        return len(old)
