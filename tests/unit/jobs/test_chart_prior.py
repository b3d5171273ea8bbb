"""A film's diagnosis follows the local prevalence, and only where both are known."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from thoracle.core.errors import ChartError
from thoracle.core.results import BundleReference, FileResult, Finding, Provenance, Status
from thoracle.core.settings import settings
from thoracle.evaluation.confusion import BinaryCounts
from thoracle.jobs.chart_prior import film_at, newest_film, prevalences
from thoracle.jobs.measured import Measured
from thoracle.store.results import ResultStore, open_store
from thoracle.store.types import NewResult

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DIGEST = "d" * 64
MEASURED = Measured(
    name="radiograph",
    version="1",
    digest=DIGEST,
    calibration="shipped",
    calibration_films=50,
    films=200,
    counts={"COVID-19": BinaryCounts(tp=90, fp=20, fn=10, tn=80)},
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    with open_store(tmp_path, database_url=None) as opened:
        yield opened


@pytest.fixture
def _table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "prevalences.csv"
    path.write_text("place,week,prevalence,low,high\nPorto,2026-W09,0.5,0.5,0.5\n")
    monkeypatch.setenv("THORACLE_PREVALENCE", str(path))
    settings.cache_clear()


def _keep(store: ResultStore, probability: float, *, digest: str = DIGEST) -> str:
    result = FileResult(
        file="film.png",
        sha256="a" * 64,
        status=Status.ANALYZED,
        findings=(
            Finding(
                label="COVID-19",
                logit=0.0,
                probability=probability,
                threshold=0.5,
                is_positive=True,
            ),
        ),
        provenance=Provenance(
            sha256="a" * 64,
            software_version="0.1.0",
            bundles=(BundleReference(name="radiograph", version="1", digest=digest),),
            runtime="fake",
            precision="fp32",
            gate_overridden=False,
        ),
    )
    return store.save(NewResult(result=result, patient="p-1"), now=NOW)


def test_without_a_table_there_are_no_prevalences() -> None:
    assert prevalences() == ()


@pytest.mark.usefixtures("_table")
def test_a_probability_at_the_share_it_was_judged_at_stays_as_it_is(store: ResultStore) -> None:
    kept = _keep(store, 0.8)
    film = newest_film(store, "p-1", MEASURED)
    assert film is not None
    assert (film.result_id, film.probability) == (kept, 0.8)
    told = film_at(film, MEASURED, place="Porto", week="2026-W09")
    assert told is not None
    assert told.probability == pytest.approx(0.8)
    with pytest.raises(ChartError, match="found no place 'Faro'"):
        film_at(film, MEASURED, place="Faro", week="2026-W09")


@pytest.mark.usefixtures("_table")
def test_a_bundle_that_was_not_judged_gives_nothing_to_start_from(store: ResultStore) -> None:
    _keep(store, 0.8)
    film = newest_film(store, "p-1", MEASURED)
    assert film is not None
    for counts in ({}, {"COVID-19": BinaryCounts(tp=9, fp=0, fn=1, tn=0)}):
        unjudged = replace(MEASURED, counts=counts)
        assert film_at(film, unjudged, place="Porto", week="2026-W09") is None


def test_films_of_nobody_or_of_another_bundle_do_not_count(store: ResultStore) -> None:
    _keep(store, 0.8, digest="e" * 64)
    assert newest_film(store, "p-1", MEASURED) is None
    assert newest_film(store, None, MEASURED) is None
    assert newest_film(store, "p-2", MEASURED) is None


def test_a_table_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THORACLE_PREVALENCE", str(tmp_path / "missing.csv"))
    settings.cache_clear()
    with pytest.raises(ChartError, match="Correct THORACLE_PREVALENCE") as caught:
        prevalences()
    assert caught.value.code == "chart-prevalence-table"
