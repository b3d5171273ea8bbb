"""A backup brings back results, pictures, readings, users and pseudonyms, or nothing at all."""

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from tests.unit.ct.chest import chest
from tests.unit.jobs.kept_chests import keep_chest

from thoracle.core.errors import StoreError
from thoracle.core.results import FileResult, Status
from thoracle.imaging.encode import png_bytes
from thoracle.jobs.backup import ROWS_NAME, back_up, restore
from thoracle.jobs.pseudonyms import Pseudonyms
from thoracle.jobs.results import FILM_NAME
from thoracle.store.chart_types import ChartFacts, NewChart
from thoracle.store.comparison_types import ComparedScan, NewComparison
from thoracle.store.recording_types import NewRecording, RecordingFacts
from thoracle.store.results import ResultStore, open_store
from thoracle.store.types import NewReading, NewResult

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> Iterator[ResultStore]:
    with open_store(home, database_url=None) as opened:
        result = FileResult(file="a.png", sha256="0" * 64, status=Status.ANALYZED)
        pictures = {FILM_NAME: png_bytes(np.zeros((4, 4), np.uint8))}
        kept = opened.save(NewResult(result=result, pictures=pictures), now=NOW)
        opened.readings.save(kept, NewReading(reader="ana", agrees=True), now=NOW)
        yield opened


def test_what_was_backed_up_comes_back(store: ResultStore, home: Path, tmp_path: Path) -> None:
    pseudonym = Pseudonyms(home, keeps_identifiers=False).of("Doe")
    path = tmp_path / "copies" / "today.zip"
    assert back_up(store, home, path) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    other = tmp_path / "other"
    with open_store(other, database_url=None) as fresh:
        assert restore(fresh, other, path) == 2
        (line,) = fresh.list_results(9)
        assert line == store.list_results(9)[0]
        assert fresh.picture(line.id, FILM_NAME) == store.picture(line.id, FILM_NAME)
        assert fresh.readings.everything() == store.readings.everything()
    assert Pseudonyms(other, keeps_identifiers=False).of("Doe") == pseudonym


def test_a_comparison_comes_back_with_its_reports(
    store: ResultStore, home: Path, tmp_path: Path
) -> None:
    scans = [keep_chest(store, chest(seed=seed), NOW) for seed in (1, 2)]
    compared = tuple(ComparedScan(scan_id=one, mask_id="m") for one in scans)
    files = {"report-en.pdf": b"%PDF", "report-en.html": b"<p>", "timeline-en.svg": b"<svg>"}
    files |= {"changes.csv": b"from", "step-1-slice-2.png": b"PNG"}
    new = NewComparison(scans=compared, document={}, files=files)
    kept = store.comparisons.save(new, now=NOW)
    assert back_up(store, home, tmp_path / "today.zip") == 4
    with open_store(tmp_path / "other", database_url=None) as fresh:
        restore(fresh, tmp_path / "other", tmp_path / "today.zip")
        assert fresh.comparisons.get(kept).scans == compared
        assert {name: fresh.comparisons.file(kept, name) for name in files} == files


def test_a_recording_comes_back_with_its_traces(
    store: ResultStore, home: Path, tmp_path: Path
) -> None:
    facts = RecordingFacts(
        file="a.csv",
        sha256="0" * 64,
        sensor="belt",
        rate_hz=25.0,
        duration_s=60.0,
        breaths_per_minute=None,
        apneas=0,
        pattern=None,
    )
    kept = store.recordings.save(NewRecording(facts=facts, document={}, traces=b"NPZ"), now=NOW)
    assert back_up(store, home, tmp_path / "today.zip") == 2
    with open_store(tmp_path / "other", database_url=None) as fresh:
        restore(fresh, tmp_path / "other", tmp_path / "today.zip")
        assert fresh.recordings.get(kept).line.facts == facts
        assert fresh.recordings.traces(kept) == b"NPZ"


def test_a_store_in_use_is_not_overwritten(store: ResultStore, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "today.zip"
    back_up(store, home, path)
    with pytest.raises(StoreError, match="expected an empty store"):
        restore(store, home, path)


@pytest.mark.parametrize("content", [b"", b"not a zip"])
def test_another_file_is_no_backup(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.zip"
    path.write_bytes(content)
    with (
        open_store(tmp_path / "fresh", database_url=None) as fresh,
        pytest.raises(StoreError, match="no backup that can be read") as caught,
    ):
        restore(fresh, tmp_path / "fresh", path)
    assert caught.value.code == "damaged-backup"


def test_a_cut_backup_restores_nothing(store: ResultStore, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "today.zip"
    back_up(store, home, path)
    path.write_bytes(path.read_bytes()[:-30])
    with open_store(tmp_path / "fresh", database_url=None) as fresh:
        with pytest.raises(StoreError):
            restore(fresh, tmp_path / "fresh", path)
        assert fresh.list_results(9) == ()


def test_names_that_lead_elsewhere_are_left_out(
    store: ResultStore, home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "today.zip"
    back_up(store, home, path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../evil.png", b"x")
        archive.writestr("results/../../evil.png", b"x")
        archive.writestr("thoracle.sqlite3", b"x")
    with open_store(tmp_path / "fresh", database_url=None) as fresh:
        restore(fresh, tmp_path / "fresh", path)
        assert len(fresh.list_results(9)) == 1
    assert not list(tmp_path.rglob("evil.png"))


def test_a_place_that_cannot_be_written_is_told_and_nothing_is_left(
    store: ResultStore, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="found no way to write") as caught:
        back_up(store, home, tmp_path / "file" / "today.zip")
    assert caught.value.code == "backup-unwritable"


def test_rows_come_first_in_the_file(store: ResultStore, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "today.zip"
    back_up(store, home, path)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist()[0] == ROWS_NAME


def test_a_chart_comes_back_with_all_its_versions(
    store: ResultStore, home: Path, tmp_path: Path
) -> None:
    facts = ChartFacts(file="a.csv", sha256="0" * 64, measurements=1, last_h=2.0, risk=None)
    new = NewChart(facts=facts, document={"measurements": []}, reading=None)
    kept = store.charts.save(new, now=NOW)
    store.charts.add(kept, new, after=1, now=NOW)
    assert back_up(store, home, tmp_path / "today.zip") == 2
    with open_store(tmp_path / "other", database_url=None) as fresh:
        restore(fresh, tmp_path / "other", tmp_path / "today.zip")
        assert fresh.charts.get(kept) == store.charts.get(kept)
