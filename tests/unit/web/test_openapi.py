"""The interface answers as its own OpenAPI says, whatever a program sends."""

from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from thoracle.store.results import ResultStore
from thoracle.web.app import create_app
from thoracle.web.options import WebOptions

ANALYSES = "/api/v1/analyses"
SCANS = "/api/v1/ct/scans"
COMPARISONS = "/api/v1/ct/comparisons"
JOBS = "/api/v1/ct/jobs"
RECORDINGS = "/api/v1/breathing/recordings"
CHARTS = "/api/v1/charts"
PROBLEM = "application/problem+json"
EXAMPLES = 20
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
OPERATIONS = (
    ("POST", ANALYSES),
    ("GET", ANALYSES),
    ("GET", "/results.json"),
    ("GET", ANALYSES + "/{result_id}"),
    ("DELETE", ANALYSES + "/{result_id}"),
    ("GET", ANALYSES + "/{result_id}/maps/{place}"),
    ("GET", ANALYSES + "/{result_id}/report.pdf"),
    ("GET", ANALYSES + "/{result_id}/readings"),
    ("POST", ANALYSES + "/{result_id}/readings"),
    ("GET", ANALYSES + "/{result_id}/texture"),
    ("POST", ANALYSES + "/{result_id}/texture"),
    ("POST", SCANS),
    ("GET", SCANS),
    ("GET", SCANS + "/{scan_id}"),
    ("DELETE", SCANS + "/{scan_id}"),
    ("GET", SCANS + "/{scan_id}/volume"),
    ("GET", SCANS + "/{scan_id}/report.pdf"),
    ("POST", SCANS + "/{scan_id}/masks"),
    ("GET", SCANS + "/{scan_id}/masks/{mask_id}"),
    ("POST", COMPARISONS),
    ("GET", COMPARISONS),
    ("GET", COMPARISONS + "/{comparison_id}"),
    ("DELETE", COMPARISONS + "/{comparison_id}"),
    ("GET", COMPARISONS + "/{comparison_id}/files/{name}"),
    ("POST", RECORDINGS),
    ("GET", RECORDINGS),
    ("GET", RECORDINGS + "/{recording_id}"),
    ("DELETE", RECORDINGS + "/{recording_id}"),
    ("GET", RECORDINGS + "/{recording_id}/windows"),
    ("POST", CHARTS),
    ("POST", CHARTS + "/predict"),
    ("GET", CHARTS),
    ("GET", CHARTS + "/{chart_id}"),
    ("DELETE", CHARTS + "/{chart_id}"),
    ("GET", CHARTS + "/{chart_id}/reading"),
    ("GET", CHARTS + "/{chart_id}/measurements"),
    ("GET", JOBS + "/{job_id}"),
    ("POST", JOBS + "/{job_id}/cancel"),
    ("POST", JOBS + "/{job_id}/trust"),
    ("POST", "/api/v1/sessions"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/healthz"),
)
# Where a value can be wrong in kind; any text is an id, though perhaps nobody's.
WITH_VALUES = (
    ("POST", ANALYSES),
    ("GET", ANALYSES),
    ("GET", "/results.json"),
    ("GET", ANALYSES + "/{result_id}/maps/{place}"),
    ("POST", ANALYSES + "/{result_id}/readings"),
    ("GET", SCANS),
    ("POST", SCANS + "/{scan_id}/masks"),
    ("POST", JOBS + "/{job_id}/trust"),
    ("GET", RECORDINGS),
    ("GET", CHARTS),
    ("GET", CHARTS + "/{chart_id}"),
    ("POST", "/api/v1/sessions"),
)
HERE = {"host": "127.0.0.1"}
few = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def app(analyzer: Any, store: ResultStore, options: WebOptions) -> FastAPI:
    return create_app(analyzer, store, options=options)


@pytest.fixture
def described(app: FastAPI) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", app, headers=HERE)


@pytest.fixture
def kept(client: TestClient) -> str:
    answer = client.post(ANALYSES, files={"files": ("film.png", b"film")})
    return str(answer.json()["results"][0]["id"])


def test_every_operation_is_tried(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    found = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert found == set(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_answers_to_what_fits_are_those_that_are_described(
    described: Any, method: str, path: str
) -> None:
    _try(described[path][method], GenerationMode.POSITIVE)


@pytest.mark.parametrize(("method", "path"), [one for one in OPERATIONS if "{result_id}" in one[1]])
def test_answers_about_a_kept_result_are_those_that_are_described(
    described: Any, method: str, path: str, kept: str
) -> None:
    """Among them one that can be good: the ids that are made up are nobody's."""
    named = {"result_id": kept} | ({"place": 0} if "{place}" in path else {})
    _try(described[path][method], GenerationMode.POSITIVE, path_parameters=named)


@pytest.mark.parametrize(("method", "path"), WITH_VALUES)
def test_answers_to_what_does_not_fit_are_those_that_are_described(
    described: Any, method: str, path: str
) -> None:
    _try(described[path][method], GenerationMode.NEGATIVE)


def _try(operation: Any, mode: GenerationMode, **fixed: Any) -> None:
    @few
    @given(case=operation.as_strategy(generation_mode=mode, **fixed))
    def answers(case: Any) -> None:
        case.call_and_validate(headers=HERE, checks=CHECKS)

    answers()
