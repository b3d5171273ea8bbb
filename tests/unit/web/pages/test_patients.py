"""Films of one patient are brought together, and two of them compared in numbers."""

import re
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from thoracle.core.results import BundleReference, Score, Severity
from thoracle.jobs.results import Asked, save_result
from thoracle.store.results import ResultStore
from thoracle.web.options import WebOptions


@pytest.fixture
def pair(analyzer: Any, store: ResultStore, options: WebOptions) -> tuple[str, str]:
    earlier = analyzer.analyze_bytes(b"film", file="first.png")
    chances = (0.6, 0.2, 0.2)
    findings = tuple(
        replace(one, probability=chance, is_positive=chance >= one.threshold)
        for one, chance in zip(earlier.result.findings, chances, strict=True)
    )
    later = replace(earlier, result=replace(earlier.result, file="second.png", findings=findings))
    asked = Asked(patient="p-1")
    first, second = (
        save_result(store, one, now=options.now(), asked=asked) for one in (earlier, later)
    )
    return first, second


def test_a_patient_has_a_page_with_all_films(client: TestClient, pair: tuple[str, str]) -> None:
    page = client.get("/patients/p-1").text
    assert re.findall(r">(\w+)\.png</a>", page) == ["second", "first"]
    assert page.count(" checked") == 2
    assert "Patient p-1" in client.get(f"/results/{pair[0]}").text
    assert client.get("/patients/p-2").status_code == 404


def test_two_films_are_compared_the_earlier_first(
    client: TestClient, pair: tuple[str, str]
) -> None:
    page = client.get("/compare", params={"result_id": [pair[1], pair[0]]}).text
    assert page.index("first.png") < page.index("second.png")
    assert "83.1 %" in page
    assert "20.0 %" in page
    assert "-63.1" in page
    assert page.count("crosses its threshold") == 2
    assert "Nothing says" not in page
    assert "Another bundle" not in page
    assert page.count("data-viewer") == 2


def test_what_does_not_compare_is_said(
    client: TestClient,
    analyzer: Any,
    store: ResultStore,
    options: WebOptions,
    pair: tuple[str, str],
) -> None:
    one = analyzer.analyze_bytes(b"film", file="other.png")
    other = BundleReference(name="radiograph", version="2", digest="e" * 64)
    changed = replace(one.result, provenance=replace(one.result.provenance, bundles=(other,)))
    third = save_result(store, replace(one, result=changed), now=options.now())
    page = client.get("/compare", params={"result_id": [pair[0], third]}).text
    assert "Nothing says that these two films are of one patient." in page
    assert "Another bundle made one of the two results" in page


def test_one_film_cannot_be_compared(client: TestClient, pair: tuple[str, str]) -> None:
    assert client.get("/compare", params={"result_id": [pair[0]]}).status_code == 422


def test_the_course_of_severity_stands_beside_the_films_that_have_one(
    client: TestClient, analyzer: Any, store: ResultStore, options: WebOptions
) -> None:
    severity = Severity(
        zones=(1.0, 2.0, 3.0, 0.0, 0.5, 1.0),
        brixia=Score(value=7.5, low=2.2, high=12.8),
        extent=Score(value=4.0, low=1.0, high=6.9),
        opacity=Score(value=2.5, low=0.4, high=4.6),
        coverage=0.9,
        films=199,
        patients=132,
        error=2.77,
        reader_difference=1.84,
    )
    plain = analyzer.analyze_bytes(b"film", file="plain.png")
    scored = replace(plain, result=replace(plain.result, file="scored.png", severity=severity))
    for one in (plain, scored):
        result_id = save_result(store, one, now=options.now(), asked=Asked(patient="p-2"))
    page = client.get("/patients/p-2").text
    assert page.count("Brixia 7.5") == 1
    assert "two readers of one film differ" in page
    shown = client.get(f"/results/{result_id}").text
    assert "7.5 of 18 (interval 2.2 to 12.8)" in shown
    assert shown.index("Right lung") < shown.index("Left lung")
    document = client.get(f"/api/v1/analyses/{result_id}").json()
    assert document["severity"]["zones"] == [1.0, 2.0, 3.0, 0.0, 0.5, 1.0]
    assert client.get(f"/api/v1/analyses/{result_id}/report.pdf").status_code == 200


def test_a_patient_without_scores_has_no_course(client: TestClient, pair: tuple[str, str]) -> None:
    assert pair
    assert "Brixia" not in client.get("/patients/p-1").text
