import json
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook

from thoracle.core.errors import ChartError
from thoracle.core.files import sha256_of, sha256_of_file
from thoracle.datasets.prognosis.cohort import write_cohort
from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.jobs.prognosis_files import file_bytes, open_charts
from thoracle.prognosis.variables import place_of

TABLE = (
    "patient,time_h,variable,value,unit\n"
    "made-up,2,ldh,300,U/L\n"
    "made-up,26,ldh,410,U/L\n"
    "made-up,26,hs_crp,60000,mg/L\n"
)


def test_a_cohorts_folder_is_opened_with_the_digest_of_its_facts(tmp_path: Path) -> None:
    cohort = simulate_cohort(5, rng=np.random.default_rng(0))
    write_cohort(cohort, tmp_path / "cohort")
    opened = open_charts(tmp_path / "cohort")
    assert [one.patient for one in opened.charts] == [one.patient for one in cohort.charts]
    assert opened.sha256 == sha256_of_file(tmp_path / "cohort" / "cohort.json")
    assert opened.kept_out == ()


def test_one_patients_table_is_opened_and_says_what_was_kept_out(tmp_path: Path) -> None:
    path = tmp_path / "made_up.csv"
    path.write_text(TABLE)
    opened = open_charts(path)
    (chart,) = opened.charts
    assert chart.patient == "made-up"
    assert chart.variables.tolist() == [place_of("ldh")] * 2
    assert chart.values.tolist() == [300.0, 410.0]
    assert opened.sha256 == sha256_of_file(path)
    assert len(opened.kept_out) == 1
    assert "hs_crp" in opened.kept_out[0]


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ChartError, match=r"found no readable file at .*absent") as caught:
        open_charts(tmp_path / "absent.csv")
    assert caught.value.code == "chart-file"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ChartError, match="found no readable file"):
        file_bytes(tmp_path)


def test_a_folder_without_a_cohort_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ChartError, match=r"expected a cohort"):
        open_charts(tmp_path)


def _bundle(patient: str) -> str:
    quantity = {"value": 320, "code": "U/L", "system": "http://unitsofmeasure.org"}
    resources = [
        {"resourceType": "Patient", "id": patient, "gender": "male"},
        {
            "resourceType": "Encounter",
            "id": f"e{patient}",
            "status": "finished",
            "subject": {"reference": f"Patient/{patient}"},
            "period": {"start": "2020-02-01T10:00:00Z"},
        },
        {
            "resourceType": "Observation",
            "status": "final",
            "subject": {"reference": f"Patient/{patient}"},
            "effectiveDateTime": "2020-02-01T12:00:00Z",
            "code": {"coding": [{"system": "http://loinc.org", "code": "14804-9"}]},
            "valueQuantity": quantity,
        },
    ]
    entries = [{"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


def test_fhir_bundles_are_opened_alone_and_by_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "ward"
    folder.mkdir()
    for patient in ("7", "8"):
        (folder / f"{patient}.json").write_text(_bundle(patient))
    lone, both = open_charts(folder / "7.json"), open_charts(folder)
    assert lone.charts[0].values.tolist() == [320.0]
    assert lone.sha256 == sha256_of_file(folder / "7.json")
    assert len(both.charts) == 2
    listed = "".join(f"{sha256_of_file(folder / n)}  {n}\n" for n in ("7.json", "8.json"))
    assert both.sha256 == sha256_of(listed.encode())


def test_a_table_is_opened_by_its_schema(tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_text("id,hour,Hb\na,2,12\nb,3,13.5\n")
    (tmp_path / "ward.toml").write_text(
        'name = "ward"\nlayout = "wide"\npatient = "id"\nlicense = "CC0"\ncitation = "Made up."\n'
        'time = { column = "hour", kind = "hours" }\n'
        '[[values]]\ncolumn = "Hb"\nvariable = "hemoglobin"\nunit = "g/dL"\n'
    )
    opened = open_charts(tmp_path / "ward.csv", schema=tmp_path / "ward.toml")
    assert [(one.patient, one.values.tolist()) for one in opened.charts] == [
        ("a", [120.0]),
        ("b", [135.0]),
    ]
    assert opened.sha256 == sha256_of_file(tmp_path / "ward.csv")


def test_an_admission_may_be_said_beside_a_file(tmp_path: Path) -> None:
    path = tmp_path / "made_up.csv"
    path.write_text("at,variable,value,unit\n2020-02-02T10:00,ldh,300,U/L\n")
    opened = open_charts(path, admitted_at="2020-02-01T10:00")
    assert opened.charts[0].times_h.tolist() == [24.0]


def test_a_bundle_without_a_stay_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text('{"resourceType": "Bundle"}')
    for path in (tmp_path / "empty.json", tmp_path):
        with pytest.raises(ChartError, match="found no Encounter in"):
            open_charts(path)


def test_a_workbooks_sheet_is_named_behind_its_path(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["no", "chart"])
    values = book.create_sheet("values")
    for line in TABLE.splitlines():
        values.append(line.split(","))
    book.save(tmp_path / "ward.xlsx")
    opened = open_charts(tmp_path / "ward.xlsx#values")
    assert opened.charts[0].values.tolist() == [300.0, 410.0]
    assert opened.sha256 == sha256_of_file(tmp_path / "ward.xlsx")
