"""Results as JSON and as tables: the same facts, and no formula for a spreadsheet."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from thoracle.core.results import FileResult, Finding, Status
from thoracle.jobs.documents import (
    CSV_COLUMNS,
    history_json,
    result_document,
    results_csv,
    summary_document,
)
from thoracle.store.types import ResultSummary, StoredResult

LINE = ResultSummary(
    id="017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    created_at=datetime(2026, 3, 1, tzinfo=UTC),
    file="a.png",
    sha256="0" * 64,
    status=Status.ANALYZED,
    gate_kind=None,
    top_label="COVID-19",
    format="PNG",
    parent_id=None,
    owner="ana",
    risk=0.9,
)


def test_a_table_has_every_column_of_a_line() -> None:
    rows = list(csv.DictReader(io.StringIO(results_csv([LINE]).decode("utf-8"))))
    assert set(CSV_COLUMNS) == set(summary_document(LINE))
    assert rows[0]["risk"] == "0.9"
    assert rows[0]["gate_kind"] == ""


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\t1"])
def test_a_formula_is_disarmed(name: str) -> None:
    table = results_csv([replace(LINE, file=name)]).decode("utf-8")
    assert next(csv.DictReader(io.StringIO(table)))["file"] == f"'{name}"


def test_a_document_says_what_is_concluded() -> None:
    finding = Finding(label="COVID-19", logit=1, probability=0.9, threshold=0.3, is_positive=True)
    result = FileResult(file="a", sha256="0", status=Status.ANALYZED, findings=(finding,))
    said = result_document(StoredResult(summary=LINE, result=result, picture_names=()))
    assert said["trust"] == {"verdict": "decided", "label": "COVID-19", "reasons": []}
    assert said["owner"] == "ana"


def test_the_history_as_json_is_one_object_however_it_is_paged() -> None:
    def written(*pages: list[ResultSummary]) -> object:
        return json.loads(b"".join(history_json(pages)))

    named = replace(LINE, file="Tórax.png")
    expected = {"results": [summary_document(LINE), summary_document(named)]}
    assert written([LINE, named]) == written([LINE], [], [named]) == expected
    assert written() == written([]) == {"results": []}
