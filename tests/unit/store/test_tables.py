"""Times are UTC whatever their zone, and JSON has no NaN."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import create_engine
from sqlalchemy.dialects import sqlite

from thoracle.store.tables import METADATA, RESULTS, UtcDateTime, to_strict_json

DIALECT = sqlite.dialect()


def test_a_time_goes_in_with_any_zone_and_comes_out_in_utc() -> None:
    kind = UtcDateTime()
    brazil = datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=-3)))
    bound = kind.process_bind_param(brazil, DIALECT)
    assert bound == datetime(2026, 3, 1, 12)  # noqa: DTZ001  (naive is what the database gets)
    assert kind.process_result_value(bound, DIALECT) == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_no_time_stays_no_time() -> None:
    assert UtcDateTime().process_bind_param(None, DIALECT) is None
    assert UtcDateTime().process_result_value(None, DIALECT) is None


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        UtcDateTime().process_bind_param(datetime(2026, 3, 1), DIALECT)  # noqa: DTZ001


def test_nan_is_refused_because_postgresql_cannot_read_it() -> None:
    assert to_strict_json({"share": None}) == '{"share": null}'
    with pytest.raises(ValueError, match="JSON compliant"):
        to_strict_json({"share": float("nan")})


def test_the_tables_can_be_made_as_declared() -> None:
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.connect() as connection:
        assert connection.execute(RESULTS.select()).all() == []
    engine.dispose()
