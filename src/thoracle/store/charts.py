"""Charts of patients: a row for each stay, and one for each version of what was known of it."""

import secrets
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from thoracle.core.errors import StoreError
from thoracle.store.aging import delete_older
from thoracle.store.chart_types import (
    ChartFacts,
    ChartLine,
    ChartVersion,
    NewChart,
    StoredChart,
)
from thoracle.store.faults import telling
from thoracle.store.ids import ENTROPY_BYTES, checked_id, new_id
from thoracle.store.queries import latest, narrowed
from thoracle.store.tables import CHART_VERSIONS, CHARTS
from thoracle.store.types import EVERYTHING, Search

_FACTS: Final = tuple(one.name for one in fields(ChartFacts))
_OF_THE_FIRST: Final = ("owner", "patient", "admitted_at")
_WITHOUT_DOCUMENTS: Final = tuple(
    one for one in CHART_VERSIONS.columns if one.name not in ("document", "reading")
)


class ChartStore:
    """Charts of one installation; safe to use from several threads and processes.

    Parameters
    ----------
    engine
        From `thoracle.store.engine.open_engine`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, new: NewChart, *, now: datetime) -> str:
        """Keep a chart with its first version, both or neither.

        Parameters
        ----------
        new
            What is kept.
        now
            With a time zone.

        Returns
        -------
        str
            Its id; ids sort by time.
        """
        made_id = new_id(now, secrets.token_bytes(ENTROPY_BYTES))
        row = {**asdict(new.facts), "id": made_id, "created_at": now, "changed_at": now}
        with telling(new.facts.file), self._engine.begin() as connection:
            connection.execute(insert(CHARTS).values(**row, versions=1))
            _keep(connection, new, chart_id=made_id, version=1, now=now)
        return made_id

    def add(self, chart_id: str, new: NewChart, *, after: int, now: datetime) -> int:
        """Keep another version of a chart; those before it stay as they are.

        Parameters
        ----------
        chart_id
            Of a kept chart.
        new
            All that is known by now; whose it is and who sent it first are not changed by it.
        after
            The version that it was made from.
        now
            With a time zone.

        Returns
        -------
        int
            Its number.

        Raises
        ------
        StoreError
            Somebody else has added to it meanwhile; or, as everywhere, there is no such chart.
        """
        facts = asdict(new.facts)
        changed = {name: facts[name] for name in _FACTS if name not in _OF_THE_FIRST}
        query = update(CHARTS).where(CHARTS.c.id == checked_id(chart_id))
        query = query.where(CHARTS.c.versions == after)
        with telling(new.facts.file), self._engine.begin() as connection:
            made = query.values(**changed, changed_at=now, versions=after + 1)
            is_added = connection.execute(made).rowcount
            if not is_added:
                _row(connection, chart_id)
                raise StoreError(
                    "found that somebody added to this chart meanwhile – expected the version it "
                    "was made from. Send it again: what was added is kept.",
                    code="chart-changed",
                )
            _keep(connection, new, chart_id=chart_id, version=after + 1, now=now)
        return after + 1

    def get(self, chart_id: str, *, version: int | None = None) -> StoredChart:
        """Return one version of a chart with all that is told of it.

        Parameters
        ----------
        chart_id
            Of a kept chart.
        version
            Its number; None is the newest.

        Returns
        -------
        StoredChart
            With the history of all versions.

        Raises
        ------
        StoreError
            There is no such version of it; or, as everywhere, no such chart.
        """
        of_it = CHART_VERSIONS.c.chart_id == checked_id(chart_id)
        with self._engine.connect() as connection:
            row = _row(connection, chart_id)
            wanted = row.versions if version is None else version
            query = select(CHART_VERSIONS).where(of_it, CHART_VERSIONS.c.version == wanted)
            found = connection.execute(query).one_or_none()
            if found is None:
                raise StoreError(
                    f"found no version {wanted} of this chart – expected 1 to {row.versions}. Take "
                    "one from its page.",
                    code="unknown-chart",
                )
            listed = select(*_WITHOUT_DOCUMENTS).where(of_it).order_by(CHART_VERSIONS.c.version)
            history = tuple(_version(one) for one in connection.execute(listed))
        return StoredChart(
            line=_line(row),
            history=history,
            version=wanted,
            document=found.document,
            reading=found.reading,
        )

    def list_charts(
        self, limit: int, *, before: str | None = None, search: Search = EVERYTHING
    ) -> tuple[ChartLine, ...]:
        """Return charts, the newest first.

        Parameters
        ----------
        limit
            At most this many.
        before
            Only those older than this one; None begins with the newest.
        search
            What they are narrowed to; what only films have finds none.

        Returns
        -------
        tuple of ChartLine
            Empty where there is nothing (more).
        """
        query = latest(CHARTS, limit, before=before).where(*narrowed(search, CHARTS))
        with self._engine.connect() as connection:
            return tuple(_line(row) for row in connection.execute(query))

    def of_stay(self, patient: str, admitted_at: str) -> ChartLine | None:
        """Return the newest chart of a stay; None where none is kept.

        Parameters
        ----------
        patient
            A pseudonym.
        admitted_at
            When the stay began; "" is one whose beginning nobody said.

        Returns
        -------
        ChartLine or None
            To be added to.
        """
        query = latest(CHARTS, 1, patient=patient).where(CHARTS.c.admitted_at == admitted_at)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _line(row)

    def delete(self, chart_id: str) -> None:
        """Delete a chart with all its versions, for good; one that is not there is a StoreError."""
        versions = delete(CHART_VERSIONS).where(CHART_VERSIONS.c.chart_id == chart_id)
        with self._engine.begin() as connection:
            _row(connection, checked_id(chart_id))
            connection.execute(delete(CHARTS).where(CHARTS.c.id == chart_id))
            connection.execute(versions)

    def delete_older(self, than: datetime) -> int:
        """Delete every chart that nobody has added to since a time; return how many."""
        return delete_older(self._engine, CHARTS, than, self.delete, by="changed_at")


def _keep(
    connection: Connection, new: NewChart, *, chart_id: str, version: int, now: datetime
) -> None:
    facts = new.facts
    row = {
        "chart_id": chart_id,
        "version": version,
        "created_at": now,
        "sender": facts.owner,
        "file": facts.file,
        "sha256": facts.sha256,
        "measurements": facts.measurements,
        "document": dict(new.document),
        "reading": None if new.reading is None else dict(new.reading),
    }
    connection.execute(insert(CHART_VERSIONS).values(**row))


def _row(connection: Connection, chart_id: str) -> Row[Any]:
    """Return a chart's row.

    Raises
    ------
    StoreError
        There is no such chart.
    """
    query = select(CHARTS).where(CHARTS.c.id == chart_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise StoreError(
            f"found no chart {chart_id} – expected one that was kept and not deleted. Take an id "
            "from the list of charts.",
            code="unknown-chart",
        )
    return row


def _line(row: Row[Any]) -> ChartLine:
    facts = ChartFacts(**{name: getattr(row, name) for name in _FACTS})
    return ChartLine(
        id=row.id,
        created_at=row.created_at,
        changed_at=row.changed_at,
        versions=row.versions,
        facts=facts,
    )


def _version(row: Row[Any]) -> ChartVersion:
    names = [one.name for one in fields(ChartVersion)]
    return ChartVersion(**{name: getattr(row, name) for name in names})
