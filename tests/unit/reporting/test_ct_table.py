"""Numbers for other programs: every cell of the table stands in the JSON, and nobody is named."""

import csv
import io
import json
from dataclasses import replace

from tests.unit.reporting.ct_case import case, empty_case

from thoracle.ct.measures import measures_from_json
from thoracle.reporting.ct_table import COLUMNS, SCHEMA, ct_csv, ct_json


def test_the_table_has_the_numbers_of_every_region() -> None:
    one = case(variants=1)
    rows = list(csv.DictReader(io.StringIO(ct_csv(one.found.measures).decode())))
    assert tuple(rows[0]) == COLUMNS
    found = {(row["region"], row["quantity"]): row for row in rows}
    for region in one.found.measures.regions:
        row = found[region.name, "lung_ml"]
        assert float(row["value"]) == region.lung_ml.value
        assert float(row["low"]) == region.lung_ml.low
    assert found["both", "percentage_of_infection"]["is_lower_bound"] == ""
    assert found["both", "lung_ml"]["is_lower_bound"] == "false"
    (lesion,) = one.found.measures.lesions.largest
    assert float(found["lesion_1", "sphericity"]["value"]) == lesion.sphericity
    assert float(found["right", "ground_glass_median_hu"]["value"]) < 0.0


def test_unknown_is_an_empty_cell() -> None:
    rows = list(csv.DictReader(io.StringIO(ct_csv(empty_case().found.measures).decode())))
    found = {(row["region"], row["quantity"]): row["value"] for row in rows}
    assert found["both", "percentage_of_infection"] == ""
    assert found["right", "lung_ml"] == ""
    assert found["both", "lung_ml"] == "0.0"


def test_the_json_can_be_read_back_and_says_where_it_comes_from() -> None:
    one = case(window=True)
    content = json.loads(ct_json(one.found))
    assert content["schema"] == SCHEMA
    assert measures_from_json(content["measures"]) == one.found.measures
    assert content["labels"]["bundle"]["version"] == "1.2.3"
    assert content["scan"]["window_hu"] == [-1350.0, 150.0]
    assert content["scan"]["assumptions"][0]["code"] == "scan-window-assumed"
    assert content["software_version"] == "9.9.9"


def test_nothing_in_the_json_names_the_patient() -> None:
    one = case()
    facts = replace(
        one.found.scan.facts, patient_id="Jane Doe", study_date="20200301", series_uid="1.2.3.4"
    )
    found = replace(one.found, scan=replace(one.found.scan, facts=facts))
    text = ct_json(found).decode()
    for secret in ("Jane", "20200301", "1.2.3.4"):
        assert secret not in text
