"""A comparison is asked for with days, asked again on a user's word, and its files are sent."""

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from thoracle.core.errors import ImageError
from thoracle.jobs import ct_comparisons
from thoracle.store.results import ResultStore
from thoracle.web.ct_comparing import begin_comparison, compare_anyway, comparison_file, wanted_of
from thoracle.web.line import BusyError
from thoracle.web.services import Services

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAIR = tuple[str, str]


@pytest.fixture
def services(client: TestClient) -> Services:
    found: Services = client.app.state.services  # type: ignore[attr-defined]  # a FastAPI app
    return found


@pytest.fixture(autouse=True)
def _with_simpleitk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ct_comparisons, "can_compare", lambda: True)


def test_days_of_a_form_go_with_the_scans_that_were_chosen() -> None:
    said = {"when-a": " 0 ", "when-b": "", "when-c": "9"}
    assert [(one.scan_id, one.when) for one in wanted_of(said, ["b", "a"])] == [
        ("b", None),
        ("a", "0"),
    ]


def test_a_refused_comparison_is_queued_again_for_whoever_answers_for_it(
    services: Services, store: ResultStore, ct_pair: PAIR
) -> None:
    wanted = wanted_of({f"when-{ct_pair[0]}": "0", f"when-{ct_pair[1]}": "5"}, ct_pair)
    job = begin_comparison(services, wanted, same_patient=False, owner="ana")
    assert (job.kind, job.input["patient"]) == ("ct_compare", "p-1")
    with pytest.raises(ImageError, match="a job that is queued"):
        compare_anyway(services, job, {"same_patient": "true"})
    claimed = store.jobs.claim(["ct_compare"], worker="w", now=NOW)
    assert claimed is not None
    store.jobs.fail(claimed.lease, code="ct-match-failed", text="no. --same-patient", now=NOW)
    failed = store.jobs.get(job.id)
    with pytest.raises(HTTPException) as caught:
        compare_anyway(services, failed, {})
    assert caught.value.status_code == 422
    again = compare_anyway(services, failed, {"same_patient": True})
    assert again.id != job.id
    assert again.input == {**job.input, "same_patient": True}
    assert again.owner == "ana"


def test_a_long_line_of_jobs_takes_no_more(
    services: Services, store: ResultStore, ct_pair: PAIR
) -> None:
    for _ in range(services.options.jobs_max):
        store.jobs.submit("ct_measure", {}, owner=None, now=NOW)
    with pytest.raises(BusyError):
        begin_comparison(services, wanted_of({}, ct_pair), same_patient=False, owner=None)


def test_files_are_sent_as_what_they_are(services: Services, ct_comparison: str) -> None:
    for name, kind, how in (
        ("report-en.pdf", "application/pdf", "inline"),
        ("report-pt.html", "text/html; charset=utf-8", "attachment"),
        ("timeline-en.svg", "image/svg+xml", "inline"),
        ("changes.csv", "text/csv; charset=utf-8", "attachment"),
    ):
        content, headers = comparison_file(services, ct_comparison, name)
        assert content
        assert headers["Content-Type"] == kind
        assert headers["Content-Disposition"].startswith(how)
    for name in ("../x.png", "a.nii.gz", "report.exe"):
        with pytest.raises(HTTPException):
            comparison_file(services, ct_comparison, name)
