"""What readers say is checked, compared, and exported as a manifest that training reads."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import StoreError
from thoracle.core.results import FileResult, Finding, Status
from thoracle.datasets.manifest import read_manifest
from thoracle.imaging.encode import png_bytes
from thoracle.jobs.readings import (
    MARKS_MAX,
    agreements,
    consensus,
    export_readings,
    marks_of,
    reading_document,
    save_reading,
)
from thoracle.jobs.results import PIXELS_NAME
from thoracle.store.results import ResultStore, open_store
from thoracle.store.types import Mark, MarkKind, NewReading, NewResult

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BOX = {"kind": "box", "points": [[0.1, 0.2], [0.3, 0.4]]}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    with open_store(tmp_path / "home", database_url=None) as opened:
        yield opened


def _kept(store: ResultStore, *, patient: str | None = None, film: bool = True) -> str:
    top = Finding(label="COVID-19", logit=1, probability=0.8, threshold=0.3, is_positive=True)
    result = FileResult(file="a.png", sha256="0" * 64, status=Status.ANALYZED, findings=(top,))
    pictures = {PIXELS_NAME: png_bytes(np.full((8, 8), 90, np.uint8))} if film else {}
    return store.save(NewResult(result=result, patient=patient, pictures=pictures), now=NOW)


def _say(store: ResultStore, result_id: str, reader: str, second: int = 0, **said: object) -> None:
    new = NewReading(reader=reader, **said)  # type: ignore[arg-type]
    save_reading(store, result_id, new, now=NOW + timedelta(seconds=second))


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "circle", "points": [[0.1, 0.2], [0.3, 0.4]]},
        {"kind": "box", "points": [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]},
        {"kind": "box", "points": [[0.1, 0.2], [0.3, 1.4]]},
        {"kind": "stroke", "points": [[0.1, 0.2]]},
        {"kind": "stroke", "points": [[0.1, float("nan")], [0.3, 0.4]]},
        {"kind": "stroke", "points": "0.1"},
        {"points": []},
        {},
    ],
)
def test_a_mark_of_another_form_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(StoreError, match="mark of another form") as caught:
        marks_of([said])
    assert caught.value.code == "reading-marks"


def test_marks_are_read_and_written_alike(store: ResultStore) -> None:
    marks = marks_of([BOX])
    assert marks == (Mark(kind=MarkKind.BOX, points=((0.1, 0.2), (0.3, 0.4))),)
    kept = _kept(store)
    _say(store, kept, "ana", marks=marks)
    (reading,) = store.readings.of_results([kept])
    assert reading_document(reading)["marks"] == [BOX]


def test_an_empty_or_endless_reading_is_refused(store: ResultStore) -> None:
    kept = _kept(store)
    with pytest.raises(StoreError, match="empty reading"):
        _say(store, kept, "ana", comment="  ")
    with pytest.raises(StoreError, match="Draw less"):
        _say(store, kept, "ana", marks=marks_of([BOX] * (MARKS_MAX + 1)))


def test_readers_agree_on_what_each_said_last(store: ResultStore) -> None:
    films = [_kept(store) for _ in range(4)]
    for film in films:
        _say(store, film, "ana", agrees=True)
    _say(store, films[0], "rui", agrees=True)
    _say(store, films[1], "rui", finding="No finding")
    _say(store, films[2], "rui", finding="No finding")
    _say(store, films[2], "rui", second=1, finding="COVID-19")
    _say(store, films[3], "eva", comment="only a comment")
    (found,) = agreements(store)
    assert (found.first, found.second, found.kappa.n) == ("ana", "rui", 3)
    assert found.kappa.value == pytest.approx(0.0)


def test_a_consensus_is_what_more_than_half_say() -> None:
    assert consensus({"a": "x"}) == "x"
    assert consensus({"a": "x", "b": "y"}) is None
    assert consensus({"a": "x", "b": "y", "c": "x"}) == "x"


def test_films_with_a_consensus_become_a_manifest(store: ResultStore, tmp_path: Path) -> None:
    covid, normal, split, odd, bare = (
        *(_kept(store, patient=f"p-{i}") for i in range(4)),
        _kept(store, film=False),
    )
    _say(store, covid, "ana", agrees=True)
    _say(store, normal, "ana", agrees=False, finding="No finding")
    _say(store, normal, "rui", finding="no finding")
    _say(store, split, "ana", finding="No finding")
    _say(store, split, "rui", agrees=True)
    _say(store, odd, "ana", finding="Foreign body")
    _say(store, bare, "ana", agrees=True)
    done = export_readings(store, tmp_path / "out")
    assert (done.films, done.without_consensus, done.without_label, done.without_film) == (
        1,
        2,
        1,
        1,
    )
    manifest = read_manifest(tmp_path / "out" / "manifest.csv")
    (film,) = manifest.films
    assert film.finding == "COVID-19"
    assert film.patient == "readings:p-0"
    assert manifest.resolve(film).read_bytes().startswith(b"\x89PNG")


def test_who_only_disagrees_counts_as_a_reader_and_his_film_as_left_out(
    store: ResultStore, tmp_path: Path
) -> None:
    alone, torn, outvoted = (_kept(store) for _ in range(3))
    says = {
        alone: [False],
        torn: [True, False],  # one of two names a finding: no majority
        outvoted: [True, True, False],
    }
    for result_id, words in says.items():
        for number, agrees in enumerate(words):
            reading = NewReading(reader=f"r{number}", agrees=agrees)
            save_reading(store, result_id, reading, now=NOW)
    done = export_readings(store, tmp_path / "out")
    assert (done.films, done.without_consensus) == (1, 2)


def test_nothing_is_written_where_nobody_agrees(store: ResultStore, tmp_path: Path) -> None:
    assert export_readings(store, tmp_path / "out").films == 0
    assert not (tmp_path / "out").exists()
