"""Errors: the right status, one sentence, and a trace in the log only where it is our fault."""

import errno
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from thoracle.core.errors import BundleError, ImageError, StoreError, ThoracleError
from thoracle.datasets.prognosis.fhir_bundle import BundleFileError
from thoracle.store.faults import FullStoreError
from thoracle.web.line import BusyError, GoneError
from thoracle.web.problems import add_error_answers, known_error_response

SCOPE: dict[str, Any] = {"type": "http", "path": "/api/v1/analyses", "headers": []}


@pytest.mark.parametrize(
    ("error", "status", "retry_after"),
    [
        (ImageError("found a knot – expected a film. Send one.", code="image-odd"), 422, None),
        (StoreError("found none.", code="unknown-result"), 404, None),
        (StoreError("found a lock.", code="store-locked"), 503, "5"),
        (FullStoreError(), 507, None),
        (BundleError("found no bundle."), 503, None),
        (BundleFileError("found no resources."), 422, None),  # a kind of ChartError
        (StoreError("found another.", code="chart-changed"), 409, None),
        (BusyError(7), 429, "7"),
    ],
)
def test_the_code_says_the_status(
    error: ThoracleError, status: int, retry_after: str | None
) -> None:
    answer = known_error_response(SCOPE, error)
    assert answer.status_code == status
    assert answer.headers.get("retry-after") == retry_after


def _client(error: Exception) -> TestClient:
    app = FastAPI()
    add_error_answers(app)

    @app.get("/api/fail")
    def fail(number: int = 0) -> None:
        raise error

    return TestClient(app, raise_server_exceptions=False)


def test_a_full_disk_is_told_and_any_other_fault_of_the_system_is_ours() -> None:
    full = _client(OSError(errno.ENOSPC, "secret path")).get("/api/fail")
    assert (full.status_code, full.json()["code"]) == (507, "no-room")
    assert "secret" not in full.text
    other = _client(OSError(errno.EIO, "secret path")).get("/api/fail")
    assert (other.status_code, other.json()["code"]) == (500, "internal")
    assert "secret" not in other.text


def test_who_has_gone_is_told_nothing() -> None:
    answer = _client(GoneError()).get("/api/fail")
    assert (answer.status_code, answer.content) == (499, b"")


def test_what_does_not_fit_is_named() -> None:
    answer = _client(GoneError()).get("/api/fail?number=many")
    assert answer.status_code == 422
    assert answer.json()["fields"] == ["query.number"]
    assert answer.json()["detail"] == (
        "Found “many” for number – expected a whole number. Correct it, then send it again."
    )


def test_a_page_speaks_of_its_form() -> None:
    app = FastAPI()
    add_error_answers(app)

    @app.get("/results")
    def results(number: int = 0) -> None:
        """Answer nothing."""

    answer = TestClient(app).get("/results?number=many")
    assert answer.status_code == 422
    assert "The form held a value" in answer.text
