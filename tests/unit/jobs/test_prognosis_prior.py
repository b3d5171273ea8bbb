import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import scipy

from thoracle.core.errors import BundleError, ChartError
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.measured import measured
from thoracle.jobs.prognosis_prior import PriorRequest, film_diagnosis, share_judged
from thoracle.prognosis.prior import at_prevalence
from thoracle.prognosis.types import Chart


@pytest.fixture
def film() -> dict[str, Any]:
    bundles = [open_bundle(name).reference for name in ("gate", "radiograph")]
    return {
        "file": "film.png",
        "findings": [
            {"label": "No finding", "probability": 0.2},
            {"label": "COVID-19", "probability": 0.7},
        ],
        "provenance": {
            "bundles": [
                {"name": one.name, "version": one.version, "digest": one.digest} for one in bundles
            ]
        },
    }


def _request(folder: Path, film: Any, *, week: str | None = None) -> PriorRequest:
    (folder / "film.json").write_text(json.dumps(film))
    (folder / "table.csv").write_text(
        "place,week,cases,population\nPorto,2020-W06,40,1000\nPorto,2020-W05,10,1000\n"
    )
    return PriorRequest(
        film=folder / "film.json", table=folder / "table.csv", place="Porto", week=week
    )


def test_the_share_is_that_of_the_films_that_the_bundle_was_judged_on() -> None:
    bundle = open_bundle("radiograph")
    counts = measured(bundle).counts["COVID-19"]
    share = share_judged(bundle)
    assert share.value == counts.support / counts.films
    peer = scipy.stats.binomtest(counts.support, counts.films).proportion_ci(method="wilson")
    assert (share.low, share.high) == pytest.approx((peer.low, peer.high))


def test_the_week_is_that_of_the_index_time(
    tmp_path: Path, film: dict[str, Any], sick_chart: Chart
) -> None:
    # Admitted on a Saturday, 1 February 2020: week 5; two days later week 6.
    first, later = (
        film_diagnosis(_request(tmp_path, [film]), sick_chart, index_h=hours)
        for hours in (0.0, 48.0)
    )
    assert (first.week, first.prevalence) == ("2020-W05", 0.01)
    assert (later.week, later.prevalence) == ("2020-W06", 0.04)
    share = share_judged(open_bundle("radiograph")).value
    expected = at_prevalence(0.7, calibrated_at=share, prevalence=0.01)
    assert first.probability == pytest.approx(expected)
    assert (first.label, first.film_probability) == ("COVID-19", 0.7)


def test_a_week_that_is_said_needs_no_date(
    tmp_path: Path, film: dict[str, Any], sick_chart: Chart
) -> None:
    undated = replace(sick_chart, admitted_at="")
    found = film_diagnosis(_request(tmp_path, film, week="2020-W05"), undated, index_h=0.0)
    assert found.week == "2020-W05"


@pytest.mark.parametrize(
    "broken", [[], {}, "film", [{}, {}], {"findings": [], "provenance": {"bundles": []}}]
)
def test_what_is_no_single_film_is_refused(tmp_path: Path, broken: Any, sick_chart: Chart) -> None:
    with pytest.raises(ChartError, match="found no single film's probability") as caught:
        film_diagnosis(_request(tmp_path, broken, week="2020-W05"), sick_chart, index_h=0.0)
    assert caught.value.code == "chart-film"


def test_a_film_of_another_bundle_is_refused(
    tmp_path: Path, film: dict[str, Any], sick_chart: Chart
) -> None:
    film["provenance"]["bundles"][1]["digest"] = "ab" * 32
    with pytest.raises(BundleError, match="told by another radiograph"):
        film_diagnosis(_request(tmp_path, film, week="2020-W05"), sick_chart, index_h=0.0)


def test_a_bundle_that_was_judged_on_nothing_is_refused() -> None:
    with pytest.raises(BundleError, match="found no films with and without COVID-19"):
        share_judged(open_bundle("gate"))


def test_a_table_that_is_no_text_is_refused(
    tmp_path: Path, film: dict[str, Any], sick_chart: Chart
) -> None:
    request = _request(tmp_path, film, week="2020-W05")
    request.table.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ChartError, match="which is no UTF-8 text"):
        film_diagnosis(request, sick_chart, index_h=0.0)
