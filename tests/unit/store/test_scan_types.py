"""The newest mask of a scan is the newest whose numbers are known."""

from datetime import UTC, datetime

from thoracle.store.scan_types import Mask, Scan

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _mask(name: str, *, is_measured: bool) -> Mask:
    return Mask(
        id=name,
        scan_id="scan",
        created_at=NOW,
        reader=None,
        minutes=None,
        parent_id=None,
        measures={"lung": 1} if is_measured else None,
    )


def test_a_version_still_being_measured_is_not_the_newest() -> None:
    first, second = _mask("first", is_measured=True), _mask("second", is_measured=False)
    scan = Scan(
        id="scan",
        created_at=NOW,
        file="a.zip",
        sha256="0" * 64,
        owner=None,
        patient=None,
        study_date=None,
        document={},
        masks=(first, second),
    )
    assert scan.newest == first
