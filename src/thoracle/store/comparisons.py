"""Comparisons of CT scans: rows and files, together or not at all, gone with any of their scans."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, delete, insert, select

from thoracle.core.errors import StoreError
from thoracle.store.aging import delete_older, remove_leftovers
from thoracle.store.comparison_types import ComparedScan, Comparison, NewComparison
from thoracle.store.faults import telling
from thoracle.store.folders import read_file, remove_folder, write_folder
from thoracle.store.ids import ENTROPY_BYTES, checked_id, new_id
from thoracle.store.job_types import Lease
from thoracle.store.jobs import end_with
from thoracle.store.queries import latest
from thoracle.store.tables import COMPARED, COMPARISONS, JOBS, SCANS

_WHAT: Final = "the comparison"


class ComparisonStore:
    """Comparisons of one installation; safe to use from several threads and processes.

    Parameters
    ----------
    engine
        From `thoracle.store.engine.open_engine`.
    root
        Folder that holds one folder for each comparison.
    """

    def __init__(self, engine: Engine, root: Path) -> None:
        self._engine = engine
        self._root = root

    def save(self, new: NewComparison, *, now: datetime, lease: Lease | None = None) -> str:
        """Keep a comparison; where a job made it, end the job with it.

        Parameters
        ----------
        new
            What is kept.
        now
            With a time zone.
        lease
            Of the job; if it is lost, nothing is kept.

        Returns
        -------
        str
            The comparison's id; ids sort by time. That one of its scans is gone is a StoreError,
            and nothing is kept.
        """
        made_id = new_id(now, secrets.token_bytes(ENTROPY_BYTES))
        row = {
            "id": made_id,
            "created_at": now,
            "owner": new.owner,
            "patient": new.patient,
            "document": dict(new.document),
        }
        with telling(_WHAT):
            try:
                write_folder(self._root, made_id, new.files)
                with self._engine.begin() as connection:
                    _need_scans(connection, new.scans)
                    connection.execute(insert(COMPARISONS).values(**row))
                    connection.execute(insert(COMPARED), list(_compared_rows(made_id, new.scans)))
                    if lease is not None:
                        end_with(connection, lease, result_id=made_id, now=now)
            except BaseException:
                remove_folder(self._root, made_id)
                raise
        return made_id

    def get(self, comparison_id: str) -> Comparison:
        """Return one comparison.

        Raises
        ------
        StoreError
            There is no such comparison.
        """
        query = select(COMPARISONS).where(COMPARISONS.c.id == checked_id(comparison_id))
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                raise StoreError(_unknown_text(comparison_id), code="unknown-comparison")
            return _comparison(row, _compared(connection, [comparison_id]))

    def list_comparisons(
        self, limit: int, *, before: str | None = None, patient: str | None = None
    ) -> tuple[Comparison, ...]:
        """Return comparisons, the newest first.

        Parameters
        ----------
        limit
            At most this many.
        before
            Only those older than this one; None begins with the newest.
        patient
            Only this patient's; None for anybody's.

        Returns
        -------
        tuple of Comparison
            Empty where there is nothing (more).
        """
        query = latest(COMPARISONS, limit, before=before, patient=patient)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
            scans = _compared(connection, [row.id for row in rows])
        return tuple(_comparison(row, scans) for row in rows)

    def file(self, comparison_id: str, name: str) -> bytes:
        """Return one of a comparison's pictures or reports."""
        return read_file(self._root, comparison_id, name)

    def delete(self, comparison_id: str) -> None:
        """Delete a comparison with its files and the job that made it.

        Raises
        ------
        StoreError
            There is no such comparison.
        """
        with self._engine.begin() as connection:
            deleted = _forget(connection, [checked_id(comparison_id)])
        if not deleted:
            raise StoreError(_unknown_text(comparison_id), code="unknown-comparison")
        self.remove_files([comparison_id])

    def forget_of(self, connection: Connection, scan_id: str) -> tuple[str, ...]:
        """Forget all comparisons of a scan in the transaction that deletes it.

        Parameters
        ----------
        connection
            In a transaction.
        scan_id
            Of the scan.

        Returns
        -------
        tuple of str
            Their ids, for `remove_files` once the transaction has ended.
        """
        query = select(COMPARED.c.comparison_id).where(COMPARED.c.scan_id == scan_id).distinct()
        found = tuple(connection.execute(query).scalars())
        _forget(connection, found)
        return found

    def remove_files(self, comparison_ids: Sequence[str]) -> None:
        """Remove the files of comparisons that were forgotten."""
        for one in comparison_ids:
            remove_folder(self._root, one)

    def delete_older(self, than: datetime) -> int:
        """Delete every comparison older than a time; return how many."""
        return delete_older(self._engine, COMPARISONS, than, self.delete)

    def remove_leftovers(self, *, older_than: datetime) -> int:
        """Remove folders that a killed process left without a row; return how many."""
        return remove_leftovers(self._engine, COMPARISONS, self._root, older_than=older_than)


def _need_scans(connection: Connection, scans: Sequence[ComparedScan]) -> None:
    """Hold the scans until the transaction ends, so that none is deleted under the comparison.

    Raises
    ------
    StoreError
        One is gone already.
    """
    wanted = {one.scan_id for one in scans}
    query = select(SCANS.c.id).where(SCANS.c.id.in_(wanted)).with_for_update(read=True)
    gone = wanted - set(connection.execute(query).scalars())
    if gone:
        raise StoreError(
            f"found no scan {min(gone)} – expected one that was kept and not deleted. Take an id "
            "from the list of scans.",
            code="unknown-scan",
        )


def _forget(connection: Connection, comparison_ids: Sequence[str]) -> int:
    ids = list(comparison_ids)
    found = connection.execute(delete(COMPARISONS).where(COMPARISONS.c.id.in_(ids))).rowcount
    connection.execute(delete(COMPARED).where(COMPARED.c.comparison_id.in_(ids)))
    connection.execute(delete(JOBS).where(JOBS.c.result_id.in_(ids)))
    return found


def _compared_rows(made_id: str, scans: Sequence[ComparedScan]) -> list[dict[str, Any]]:
    return [
        {
            "comparison_id": made_id,
            "place": place,
            "scan_id": one.scan_id,
            "mask_id": one.mask_id,
        }
        for place, one in enumerate(scans)
    ]


def _compared(
    connection: Connection, comparison_ids: Sequence[str]
) -> dict[str, list[ComparedScan]]:
    query = select(COMPARED).where(COMPARED.c.comparison_id.in_(list(comparison_ids)))
    found: dict[str, list[ComparedScan]] = {one: [] for one in comparison_ids}
    for row in connection.execute(query.order_by(COMPARED.c.comparison_id, COMPARED.c.place)):
        one = ComparedScan(scan_id=row.scan_id, mask_id=row.mask_id)
        found[row.comparison_id].append(one)
    return found


def _comparison(row: Row[Any], scans: Mapping[str, Sequence[ComparedScan]]) -> Comparison:
    return Comparison(
        id=row.id,
        created_at=row.created_at,
        owner=row.owner,
        patient=row.patient,
        scans=tuple(scans[row.id]),
        document=row.document,
    )


def _unknown_text(comparison_id: str) -> str:
    return (
        f"found no comparison {comparison_id} – expected one that was kept and not deleted, nor "
        "any of its scans. Take an id from the list of comparisons."
    )
