"""Numbers are printed with unit and interval, unknown ones as such, and a course in its order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from thoracle.core.languages import ENGLISH_TEXTS, language
from thoracle.ct.measures import Quantity, measures_from_json
from thoracle.store.results import ResultStore
from thoracle.store.scan_types import Scan
from thoracle.web.pages.ct_numbers import (
    counted_lesions,
    course,
    headline,
    interval,
    number_rows,
    quantity,
    who,
)

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def scan(store: ResultStore, ct_scan: str) -> Scan:
    return store.scans.get(ct_scan)


@pytest.mark.parametrize(
    ("value", "unit", "text", "spread"),
    [
        (Quantity(value=2.34, low=2.0, high=3.06), "%", "2.3 %", "(2.0–3.1)"),
        (Quantity(value=5346.4, low=5300, high=5400), "ml", "5346 ml", "(5300–5400)"),
        (Quantity(value=0.24), "ml", "0.2 ml", ""),
        (Quantity(value=None), "%", "unknown", ""),
        (Quantity(value=1.0, low=None, high=2.0), "%", "1.0 %", ""),
    ],
)
def test_a_number_has_its_unit_and_its_interval(
    value: Quantity, unit: str, text: str, spread: str
) -> None:
    assert quantity(value, unit, ENGLISH_TEXTS) == text
    assert interval(value, unit, ENGLISH_TEXTS) == spread
    assert quantity(Quantity(value=2.34), "%", language("pt")) == "2,3 %"


def test_a_list_says_percentage_and_volume_or_nothing(scan: Scan) -> None:
    assert headline(None, ENGLISH_TEXTS) == {"poi": "", "lung": ""}
    assert headline(replace(scan.masks[0], measures=None), ENGLISH_TEXTS)["poi"] == ""
    said = headline(scan.masks[0], ENGLISH_TEXTS)
    assert said["poi"].endswith(" %")
    assert said["lung"].endswith(" ml")


def test_rows_say_where_volumes_are_lower_bounds(scan: Scan) -> None:
    assert scan.masks[0].measures is not None
    measures = measures_from_json(scan.masks[0].measures)
    cut = tuple(replace(one, is_lower_bound=one.side == "left") for one in measures.regions)
    rows = number_rows(replace(measures, regions=cut), ENGLISH_TEXTS)
    bounds = [[cell["is_bound"] for cell in row["cells"]] for row in rows]  # type: ignore[attr-defined]
    assert bounds == [[False] * 3, *[[False, False, True]] * 3]
    assert counted_lesions(measures, ENGLISH_TEXTS)["title"].startswith("Lesions of 0.1 ml")


def test_a_mask_is_told_by_its_maker_and_time(scan: Scan) -> None:
    assert who(scan.masks[0], ENGLISH_TEXTS) == "Network, 2026-03-01 11:00 UTC"
    assert who(replace(scan.masks[0], reader="bo"), ENGLISH_TEXTS).startswith("bo, ")


def test_a_course_goes_by_study_date_where_all_are_known(scan: Scan) -> None:
    late = replace(scan, id="b", study_date="20200101", created_at=START + timedelta(days=2))
    early = replace(scan, id="a", study_date="20200301")
    told = course([early, late], ENGLISH_TEXTS)
    assert told["by_study_date"]
    assert [(one["id"], one["when"]) for one in told["lines"]] == [
        ("b", "2020-01-01"),
        ("a", "2020-03-01"),
    ]
    unknown = course([early, replace(late, study_date=None)], ENGLISH_TEXTS)
    assert not unknown["by_study_date"]
    assert [one["id"] for one in unknown["lines"]] == ["a", "b"]


def test_a_course_is_drawn_from_two_scans_on_with_higher_up(scan: Scan) -> None:
    assert course([scan], ENGLISH_TEXTS)["points"] == []
    told = course(
        [scan, replace(scan, id="b", created_at=START + timedelta(days=4))], ENGLISH_TEXTS
    )
    first, second = told["points"]
    assert first["x"] < second["x"]
    assert first["high"] <= first["y"] <= first["low"]
    assert told["ticks"][0]["y"] > told["ticks"][-1]["y"]
    assert [one["text"] for one in told["ends"]] == ["2026-03-01", "2026-03-05"]
    nothing = replace(scan, masks=())
    assert course([nothing, nothing], ENGLISH_TEXTS)["points"] == []
