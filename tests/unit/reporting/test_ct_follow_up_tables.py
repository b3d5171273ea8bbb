"""JSON and table hold every number, and nothing that is not one."""

import csv
import io
import json

import pytest
from tests.unit.ct.courses import course

from thoracle.reporting.ct_follow_up_tables import COLUMNS, changes_csv, follow_up_document


def test_the_document_is_plain_json_with_every_part() -> None:
    document = json.loads(json.dumps(follow_up_document(course()), allow_nan=False))
    assert document["schema"] == "thoracle ct follow-up 1"
    assert [one["date"] for one in document["scans"]] == ["2020-03-01", "2020-03-09"]
    (step,) = document["steps"]
    assert step["days"] == 8
    assert step["registration"]["fit"] == "good"
    assert step["places"]["new"]["ml"] > step["places"]["new"]["low_ml"]
    assert document["overall"] is None
    assert document["repeatability"]["pairs"] == 1
    changes = {(one["kind"], one["region"]): one for one in step["changes"]}
    assert changes["infection", "both"]["verdict"] == "grew"


def test_a_distance_that_is_infinite_is_null() -> None:
    document = follow_up_document(course(dice=0.0))
    assert document["steps"][0]["registration"]["after"]["surface_mm"] is None
    assert document["steps"][0]["places"] is None


def test_the_table_has_a_row_for_each_number_and_step() -> None:
    told = course(radii=(20.0, 34.0, 28.0))
    rows = list(csv.DictReader(io.StringIO(changes_csv(told).decode("utf-8"))))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 3 * len(told.steps[0].step.changes)
    assert [rows[0][name] for name in ("from", "to", "days", "unit")] == [
        "2020-03-01", "2020-03-09", "8", "%",
    ]  # fmt: skip
    assert (rows[-1]["from"], rows[-1]["to"]) == ("2020-03-01", "2020-03-17")
    one = rows[1]
    assert float(one["after"]) - float(one["before"]) == pytest.approx(float(one["absolute"]))
