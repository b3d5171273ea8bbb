"""Schemas: what is kept, read back as JSON, fits what the interface promises."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from thoracle.core.results import FileResult, Reason, Status
from thoracle.jobs.documents import result_document, summary_document
from thoracle.store.types import ResultSummary, StoredResult
from thoracle.web.schemas import ProblemSchema, ResultSchema, SummarySchema

LINE = ResultSummary(
    id="017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    created_at=datetime(2026, 3, 1, tzinfo=UTC),
    file="a.png",
    sha256="a" * 64,
    status=Status.FAILED,
    gate_kind=None,
    top_label=None,
    format=None,
    parent_id=None,
)
FAILED = StoredResult(
    summary=LINE,
    result=FileResult(
        file="a.png",
        sha256="a" * 64,
        status=Status.FAILED,
        error=Reason(code="image", text="found a knot."),
    ),
    picture_names=(),
)


def test_no_field_of_a_result_is_left_undescribed() -> None:
    result, line = result_document(FAILED), summary_document(LINE)
    assert set(ResultSchema.model_fields) == set(result)
    assert set(SummarySchema.model_fields) == set(line)
    assert ResultSchema.model_validate(result).model_dump(mode="json")["error"] == result["error"]
    assert SummarySchema.model_validate(line).status is Status.FAILED


def test_a_problem_is_an_error() -> None:
    with pytest.raises(ValidationError):
        ProblemSchema(type="about:blank", title="a", status=200, detail="b", code="c")
