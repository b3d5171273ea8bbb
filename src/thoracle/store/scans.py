"""CT scans and the versions of their masks: rows, and volumes on disk, together or not at all."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from thoracle.core.errors import StoreError
from thoracle.core.files import write_atomically
from thoracle.store.aging import delete_older, remove_leftovers
from thoracle.store.comparisons import ComparisonStore
from thoracle.store.faults import telling
from thoracle.store.folders import read_file, remove_folder, write_folder
from thoracle.store.ids import ENTROPY_BYTES, checked_id, new_id
from thoracle.store.job_types import Lease
from thoracle.store.jobs import end_with
from thoracle.store.queries import latest, narrowed
from thoracle.store.scan_types import Mask, NewMask, NewScan, Scan
from thoracle.store.tables import JOBS, MASKS, SCANS
from thoracle.store.types import EVERYTHING, Search

VOLUME_NAME: Final = "volume.nii.gz"
VIEW_NAME: Final = "view.nii.gz"


class ScanStore:
    """Scans of one installation; safe to use from several threads and processes.

    Parameters
    ----------
    engine
        From `thoracle.store.engine.open_engine`.
    root
        Folder that holds one folder for each scan.
    comparisons
        Of the same installation: one goes with any of its scans.
    """

    def __init__(self, engine: Engine, root: Path, comparisons: ComparisonStore) -> None:
        self._engine = engine
        self._root = root
        self._comparisons = comparisons

    def save(
        self, new: NewScan, mask: NewMask, *, now: datetime, lease: Lease | None = None
    ) -> str:
        """Keep a scan with its first mask; where a job made them, end the job with it.

        Parameters
        ----------
        new, mask
            What is kept.
        now
            With a time zone.
        lease
            Of the job; if it is lost, nothing is kept.

        Returns
        -------
        str
            The scan's id; ids sort by time.
        """
        scan_id, mask_id = _fresh(now), _fresh(now)
        files = {VOLUME_NAME: new.volume, **_mask_files(mask, mask_id)}
        if new.view is not None:
            files[VIEW_NAME] = new.view
        row = {
            "id": scan_id,
            "created_at": now,
            "file": new.file,
            "sha256": new.sha256,
            "owner": new.owner,
            "patient": new.patient,
            "study_date": new.study_date,
            "document": dict(new.document),
        }
        with telling(new.file):
            self._save(scan_id, files, (row, _mask_row(mask, mask_id, scan_id, now)), lease)
        return scan_id

    def add_mask(self, scan_id: str, mask: NewMask, *, now: datetime) -> str:
        """Keep another version of a scan's mask.

        Parameters
        ----------
        scan_id
            Of a kept scan.
        mask
            The version; its parent is one of the same scan's.
        now
            With a time zone.

        Returns
        -------
        str
            The version's id.

        Raises
        ------
        StoreError
            There is no such scan, or its parent is none of its versions.
        """
        known = self.get(scan_id).masks
        if mask.parent_id is not None and mask.parent_id not in {one.id for one in known}:
            raise StoreError(
                f"found no mask {mask.parent_id} of this scan – expected one of its versions. "
                "Load the page again.",
                code="unknown-mask",
            )
        mask_id = _fresh(now)
        folder, files = self._root / checked_id(scan_id), _mask_files(mask, mask_id)
        with telling("the mask"):
            try:
                for name, content in files.items():
                    write_atomically(folder / name, content)
                with self._engine.begin() as connection:
                    row = _mask_row(mask, mask_id, scan_id, now)
                    connection.execute(insert(MASKS).values(**row))
            except BaseException:
                for name in files:
                    (folder / name).unlink(missing_ok=True)
                raise
        return mask_id

    def set_measures(
        self, mask_id: str, measures: Mapping[str, Any], *, now: datetime, lease: Lease
    ) -> None:
        """Keep the numbers of a mask, and end the job that measured them; both or neither."""
        query = update(MASKS).where(MASKS.c.id == checked_id(mask_id))
        with self._engine.begin() as connection:
            connection.execute(query.values(measures=dict(measures)))
            found = select(MASKS.c.scan_id).where(MASKS.c.id == mask_id)
            end_with(connection, lease, result_id=connection.execute(found).scalar(), now=now)

    def get(self, scan_id: str) -> Scan:
        """Return one scan with all versions of its mask.

        Raises
        ------
        StoreError
            There is no such scan.
        """
        query = select(SCANS).where(SCANS.c.id == checked_id(scan_id))
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                raise StoreError(_unknown_text(scan_id), code="unknown-scan")
            return _scan(row, _masks(connection, [scan_id]))

    def list_scans(
        self,
        limit: int,
        *,
        before: str | None = None,
        patient: str | None = None,
        search: Search = EVERYTHING,
        only_corrected: bool = False,
    ) -> tuple[Scan, ...]:
        """Return scans, the newest first.

        Parameters
        ----------
        limit
            At most this many.
        before
            Only scans older than this one; None begins with the newest.
        patient
            Only this patient's; None for anybody's.
        search
            What they are narrowed to; what only films have finds none.
        only_corrected
            Only scans with a mask that a reader made.

        Returns
        -------
        tuple of Scan
            Empty where there is nothing (more).
        """
        query = latest(SCANS, limit, before=before, patient=patient)
        query = query.where(*narrowed(search, SCANS))
        if only_corrected:
            by_readers = select(MASKS.c.scan_id).where(MASKS.c.reader.is_not(None))
            query = query.where(SCANS.c.id.in_(by_readers))
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
            masks = _masks(connection, [row.id for row in rows])
        return tuple(_scan(row, masks) for row in rows)

    def volume(self, scan_id: str, *, as_view: bool = False) -> bytes:
        """Return a scan's HU as a compressed NIfTI file: whole, or as small as viewers get it."""
        return self._file(scan_id, VIEW_NAME if as_view else VOLUME_NAME, VOLUME_NAME)

    def mask(self, scan_id: str, mask_id: str, *, as_view: bool = False) -> bytes:
        """Return one version of a scan's mask as a compressed NIfTI file, whole or as a view."""
        whole = mask_name(mask_id)
        return self._file(scan_id, f"view-{whole}" if as_view else whole, whole)

    def _file(self, scan_id: str, name: str, instead: str) -> bytes:
        has_it = (self._root / checked_id(scan_id) / name).is_file()
        return read_file(self._root, scan_id, name if has_it else instead)

    def delete(self, scan_id: str) -> None:
        """Delete a scan with its volume, masks, jobs and comparisons.

        Parameters
        ----------
        scan_id
            Of a kept scan.

        Raises
        ------
        StoreError
            There is no such scan.
        """
        checked_id(scan_id)
        with self._engine.begin() as connection:
            deleted = connection.execute(delete(SCANS).where(SCANS.c.id == scan_id)).rowcount
            connection.execute(delete(MASKS).where(MASKS.c.scan_id == scan_id))
            connection.execute(delete(JOBS).where(JOBS.c.result_id == scan_id))
            compared = self._comparisons.forget_of(connection, scan_id)
        if not deleted:
            raise StoreError(_unknown_text(scan_id), code="unknown-scan")
        remove_folder(self._root, scan_id)
        self._comparisons.remove_files(compared)

    def delete_older(self, than: datetime) -> int:
        """Delete every scan older than a time; return how many."""
        return delete_older(self._engine, SCANS, than, self.delete)

    def remove_leftovers(self, *, older_than: datetime) -> int:
        """Remove folders that a killed process left without a row; return how many."""
        return remove_leftovers(self._engine, SCANS, self._root, older_than=older_than)

    def _save(
        self,
        scan_id: str,
        files: Mapping[str, bytes],
        rows: tuple[Mapping[str, Any], Mapping[str, Any]],
        lease: Lease | None,
    ) -> None:
        scan, mask = rows
        try:
            write_folder(self._root, scan_id, files)
            with self._engine.begin() as connection:
                connection.execute(insert(SCANS).values(**scan))
                connection.execute(insert(MASKS).values(**mask))
                if lease is not None:
                    end_with(connection, lease, result_id=scan_id, now=scan["created_at"])
        except BaseException:
            remove_folder(self._root, scan_id)
            raise


def mask_name(mask_id: str) -> str:
    """Return the name of the file of a version of a mask."""
    return f"mask-{checked_id(mask_id)}.nii.gz"


def _mask_files(mask: NewMask, mask_id: str) -> dict[str, bytes]:
    files = {mask_name(mask_id): mask.content}
    if mask.view is not None:
        files[f"view-{mask_name(mask_id)}"] = mask.view
    return files


def _fresh(now: datetime) -> str:
    return new_id(now, secrets.token_bytes(ENTROPY_BYTES))


def _mask_row(new: NewMask, mask_id: str, scan_id: str, now: datetime) -> dict[str, Any]:
    return {
        "id": mask_id,
        "scan_id": scan_id,
        "created_at": now,
        "reader": new.reader,
        "minutes": new.minutes,
        "parent_id": new.parent_id,
        "measures": None if new.measures is None else dict(new.measures),
    }


def _masks(connection: Connection, scan_ids: Sequence[str]) -> dict[str, list[Mask]]:
    query = select(MASKS).where(MASKS.c.scan_id.in_(list(scan_ids))).order_by(MASKS.c.id)
    found: dict[str, list[Mask]] = {one: [] for one in scan_ids}
    for row in connection.execute(query):
        found[row.scan_id].append(Mask(**{name: getattr(row, name) for name in Mask.__slots__}))
    return found


def _scan(row: Row[Any], masks: Mapping[str, Sequence[Mask]]) -> Scan:
    return Scan(
        id=row.id,
        created_at=row.created_at,
        file=row.file,
        sha256=row.sha256,
        owner=row.owner,
        patient=row.patient,
        study_date=row.study_date,
        document=row.document,
        masks=tuple(masks[row.id]),
    )


def _unknown_text(scan_id: str) -> str:
    return (
        f"found no scan {scan_id} – expected one that was kept and not deleted. Take an id from "
        "the list of scans."
    )
