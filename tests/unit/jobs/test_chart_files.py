"""One patient's stay is read out of tables and documents; anything else is refused."""

import gzip
import io
import json
from typing import Any

import pytest
from openpyxl import Workbook

from thoracle.core.errors import ChartError
from thoracle.jobs.chart_files import DECLARED, LAYOUTS, WUHAN, ChartFile, read_chart_file
from thoracle.jobs.chart_measurements import ReadDocument

ROWS = (
    ("patient", "variable", "value", "unit", "time_h"),
    ("7", "LDH", "250", "U/L", "0.5"),
    ("7", "hs-CRP", "41", "mg/L", "24"),
    ("7", "LDH", "many", "U/L", "24"),
)
DOCUMENT = {
    "patient": "7",
    "measurements": [{"variable": "ldh", "value": 250, "unit": "U/L", "time_h": 0.5}],
}
WUHAN_ROWS = (
    (
        *("PATIENT_ID", "RE_DATE", "age", "gender", "Admission time", "Discharge time"),
        *("outcome", "Lactate dehydrogenase"),
    ),
    ("1", "2020-01-31 10:00", "73", "1", "2020-01-30 22:00", "2020-02-17 12:00", "0", "306"),
)


def _csv(rows: tuple[tuple[str, ...], ...]) -> bytes:
    return ("\n".join(",".join(one) for one in rows) + "\n").encode()


def _read(content: bytes, **said: Any) -> ReadDocument:
    return read_chart_file(ChartFile(name="ward.csv", content=content, **said))


def _refusal(content: bytes, **said: Any) -> ChartError:
    with pytest.raises(ChartError) as caught:
        _read(content, **said)
    return caught.value


def test_a_table_of_measurements_is_read_and_its_rows_are_counted_as_a_spreadsheet_does() -> None:
    read = _read(_csv(ROWS), admitted_at="2026-02-27T08:00")
    assert read.patient == "7"
    assert read.noted.chart.values.tolist() == [250.0, 41.0]
    assert read.noted.chart.admitted_at == "2026-02-27T08:00"
    (out,) = read.noted.notes.kept_out
    assert (out.kind, out.places) == ("not a number", (4,))


def test_a_compressed_table_and_a_workbook_say_the_same() -> None:
    book, content = Workbook(), io.BytesIO()
    for one in ROWS:
        book.active.append(one)
    book.save(content)
    for packed in (gzip.compress(_csv(ROWS)), content.getvalue()):
        assert _read(packed).noted.chart.values.tolist() == [250.0, 41.0]
    book.create_sheet("notes")
    book.active.title = "values"
    content = io.BytesIO()
    book.save(content)
    assert "found ward.xlsx with 2 sheets" in _refusal(content.getvalue()).text
    read = _read(content.getvalue(), sheet="values")
    assert read.noted.chart.values.tolist() == [250.0, 41.0]


def test_moments_count_from_an_admission_that_is_said_beside_the_file() -> None:
    rows = (("variable", "value", "unit", "at"), ("ldh", "250", "U/L", "2026-02-28T08:00"))
    read = _read(_csv(rows), admitted_at="2026-02-27T08:00")
    assert read.noted.chart.times_h.tolist() == [24.0]


def test_a_table_with_semicolons_has_decimal_commas() -> None:
    lines = (
        "variable;value;unit;time_h",
        "nt_probnp;1,234;ng/L;0,5",
        "ldh;1.234;U/L;1",
        "ferritin;250;ug/l;2",
    )
    read = _read("\r\n".join(lines).encode())
    assert read.noted.chart.values.tolist() == [1.234, 250.0]
    assert read.noted.chart.times_h.tolist() == [0.5, 2.0]
    (out,) = read.noted.notes.kept_out
    assert (out.kind, out.variable, out.places) == ("not a number", "ldh", (3,))


def test_dated_rows_with_a_column_for_each_variable_are_read() -> None:
    read = _read(_csv(WUHAN_ROWS), layout=WUHAN)
    chart = read.noted.chart
    assert (read.patient, chart.age_years, chart.sex) == ("1", 73.0, "M")
    assert chart.times_h.tolist() == [12.0]
    assert chart.values.tolist() == [306.0]


def test_a_table_is_read_as_its_schema_declares() -> None:
    schema = b"""
name = "ward"
layout = "wide"
patient = "id"
time = { column = "hour", kind = "hours" }
values = [{ variable = "ldh", column = "LDH", unit = "U/L" }]
"""
    content = b"id,hour,LDH\n7,3,250\n"
    file = ChartFile(name="ward.csv", content=content, layout=DECLARED, schema=schema)
    read = read_chart_file(file)
    assert read.patient == "7"
    assert read.noted.chart.times_h.tolist() == [3.0]
    assert _refusal(content, layout=DECLARED).code == "chart-no-schema"


def test_a_bundle_of_observations_is_read_and_one_without_a_stay_says_so() -> None:
    patient = {"resourceType": "Patient", "id": "7", "gender": "female", "birthDate": "1960"}
    encounter = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "finished",
        "subject": {"reference": "Patient/7"},
        "period": {"start": "2026-02-27T08:00:00Z"},
    }
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "subject": {"reference": "Patient/7"},
        "encounter": {"reference": "Encounter/e"},
        "effectiveDateTime": "2026-02-27T20:00:00Z",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2532-0"}]},
        "valueQuantity": {"value": 250, "unit": "U/L", "code": "U/L"},
    }
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in (patient, encounter, observation)],
    }
    read = _read(json.dumps(bundle).encode())
    assert read.noted.chart.values.tolist() == [250.0]
    assert read.noted.chart.times_h.tolist() == [12.0]
    assert (read.patient, read.noted.chart.sex) == ("7", "F")
    alone = json.dumps({**bundle, "entry": [{"resource": observation}]}).encode()
    for content in (alone, json.dumps({**bundle, "entry": []}).encode()):
        error = _refusal(content)
        assert error.code == "chart-patients"
        assert "found no Encounter in ward.csv" in error.text
    said = _read(alone, admitted_at="2026-02-27T08:00")
    assert (said.patient, said.noted.chart.times_h.tolist()) == ("7", [12.0])


def test_a_file_without_a_stay_says_why() -> None:
    content = _csv((WUHAN_ROWS[0], ("1", "2020-01-31 10:00", "73", "1", "", "", "0", "306")))
    error = _refusal(content, layout=WUHAN)
    assert (error.code, "found no stay in ward.csv" in error.text) == ("chart-patients", True)
    assert "ward.csv, row 2: found no time of admission" in error.text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ala 7 (março).csv", "Ala 7 (março).csv"),
        ("ward.csv.gz", "ward.csv"),
        ("../../etc/passwd#x", "passwdx.csv"),
        ("\0.csv", "chart.csv"),
        ("é" * 300, "é" * 60 + ".csv"),
    ],
)
def test_what_was_kept_out_names_the_file_that_was_sent(name: str, said: str) -> None:
    content = _csv((*WUHAN_ROWS, ("1", "", "", "", "", "", "", "400")))
    read = read_chart_file(ChartFile(name=name, content=content, layout=WUHAN))
    assert [one.text.partition(", row")[0] for one in read.noted.notes.kept_out] == [said]


def test_a_document_is_recognized_by_its_content() -> None:
    read = _read(b"\xef\xbb\xbf\n " + json.dumps(DOCUMENT).encode(), admitted_at="2026-02-27T08:00")
    assert read.noted.chart.values.tolist() == [250.0]
    assert read.noted.chart.admitted_at == "2026-02-27T08:00"
    own = {**DOCUMENT, "admitted_at": "2026-02-01T00:00"}
    read = _read(json.dumps(own).encode(), admitted_at="2026-02-27T08:00")
    assert read.noted.chart.admitted_at == "2026-02-01T00:00"  # the file's own counts


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"[1]", "chart-json", "is no object"),
        (b"{", "chart-json", "begins like JSON"),
        (b"{" * 100_000, "chart-json", "begins like JSON"),
        (b"a,b\n1,2\n", "chart-columns", "found columns a, b in ward.csv"),
        (b"", "chart-table", "found nothing in ward.csv"),
        (b"\xff\xfe\x00", "chart-table", "expected"),
        (b"PK\x03\x04 no workbook", "chart-table", "expected an Excel workbook"),
        (gzip.compress(_csv(ROWS))[:-9], "chart-table", "cut off"),
        (b"\x1f\x8b broken", "chart-table", "damaged"),
        (_csv((*ROWS, ("8", "LDH", "1", "U/L", "1"))), "chart-patients", "2 values of patient"),
    ],
)
def test_what_is_no_chart_is_refused(content: bytes, code: str, said: str) -> None:
    error = _refusal(content)
    assert error.code == code
    assert said in error.text


def test_stays_of_several_patients_are_refused() -> None:
    other = ("2", *WUHAN_ROWS[1][1:])
    error = _refusal(_csv((*WUHAN_ROWS, other)), layout=WUHAN)
    assert (error.code, "found 2 stays" in error.text) == ("chart-patients", True)


def test_an_unknown_layout_is_refused() -> None:
    error = _refusal(_csv(ROWS), layout="sideways")
    assert error.code == "chart-layout"
    assert all(one in error.text for one in LAYOUTS)
