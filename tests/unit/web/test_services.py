"""Services: file names are only names, and one film at a time enters the analyzer."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from thoracle.jobs.pseudonyms import Pseudonyms
from thoracle.jobs.results import NOBODY
from thoracle.store.results import ResultStore
from thoracle.web.options import WebOptions
from thoracle.web.services import Extras, Services, clean_name


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("film.png", "film.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\films\\one.dcm", "one.dcm"),
        ("Tórax 1.png", "Tórax 1.png"),
        ("", "unnamed"),
        ("/", "unnamed"),
        ("x" * 300, "x" * 255),
    ],
)
def test_only_the_last_part_of_a_name_is_kept(sent: str, kept: str) -> None:
    assert clean_name(sent) == kept


@pytest.mark.parametrize("parallel", [1, 2])
def test_no_more_films_than_allowed_are_analyzed_at_a_time(
    analyzer: Any, store: ResultStore, parallel: int
) -> None:
    options = WebOptions(upload_limit_mb=1, loopback_only=True, parallel=parallel, waiting_max=12)
    services = Services(analyzer, store, options)
    with ThreadPoolExecutor(6) as pool:
        saved = list(
            pool.map(lambda i: services.analyze(b"film", name=f"{i}.png", asked=NOBODY), range(12))
        )
    assert 1 <= analyzer.most_running <= parallel
    assert len({one.id for one in saved}) == 12
    assert len(store.list_results(99)) == 12


def test_the_clock_of_the_options_dates_a_result(
    analyzer: Any, store: ResultStore, options: WebOptions
) -> None:
    services = Services(analyzer, store, options)
    first, second = (services.analyze(b"film", name="a.png", asked=NOBODY).id for _ in range(2))
    assert store.load(first).summary.created_at.second == 0
    assert store.load(second).summary.created_at.second == 1


def test_a_patient_is_kept_under_a_pseudonym(
    store: ResultStore, options: WebOptions, tmp_path: Path, analyzer: Any
) -> None:
    named = analyzer.analyze_bytes(b"film", file="a.dcm")
    radiograph = replace(named.radiograph, patient_id="Doe 12345")

    class Named(type(analyzer)):  # type: ignore[misc]
        def analyze_bytes(self, *_: object, **__: object) -> Any:
            return replace(named, radiograph=radiograph)

    pseudonyms = Pseudonyms(tmp_path, keeps_identifiers=False)
    services = Services(Named(), store, options, extras=Extras(pseudonyms=pseudonyms))
    first, second = (services.analyze(b"film", name="a", asked=NOBODY).id for _ in range(2))
    kept = {store.load(one).summary.patient for one in (first, second)}
    assert kept == {pseudonyms.of("Doe 12345")}
    assert all("Doe" not in str(one) for one in kept)
    assert all(b"Doe" not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
