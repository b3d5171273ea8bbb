"""A program has scans compared, follows the job, and fetches what changed."""

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from thoracle.jobs import ct_comparisons
from thoracle.store.results import ResultStore
from thoracle.web.schemas_ct import ComparisonSchema

COMPARISONS = "/api/v1/ct/comparisons"
JOBS = "/api/v1/ct/jobs"
NOW = datetime(2026, 3, 1, 13, tzinfo=UTC)
PAIR = tuple[str, str]


@pytest.fixture(autouse=True)
def _with_simpleitk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ct_comparisons, "can_compare", lambda: True)


def _wanted(pair: PAIR) -> dict[str, object]:
    return {"scans": [{"scan_id": one, "when": str(5 * at)} for at, one in enumerate(pair)]}


def test_a_comparison_is_queued_refused_and_answered_for(
    client: TestClient, store: ResultStore, ct_pair: PAIR
) -> None:
    answer = client.post(COMPARISONS, json=_wanted(ct_pair))
    assert (answer.status_code, answer.json()["kind"]) == (202, "ct_compare")
    job_id = answer.json()["id"]
    assert answer.headers["location"] == f"{JOBS}/{job_id}"
    claimed = store.jobs.claim(["ct_compare"], worker="w", now=NOW)
    assert claimed is not None
    store.jobs.fail(claimed.lease, code="ct-match-failed", text="Or say --same-patient.", now=NOW)
    assert client.get(f"{JOBS}/{job_id}").json()["asks"] == ["patient"]
    said = {"responsible": True, "same_patient": True}
    again = client.post(f"{JOBS}/{job_id}/trust", json=said).json()
    assert store.jobs.get(again["id"]).input["same_patient"] is True


def test_days_are_asked_for_and_scans_must_be_there(client: TestClient, ct_pair: PAIR) -> None:
    undated = client.post(COMPARISONS, json={"scans": [{"scan_id": one} for one in ct_pair]})
    assert (undated.status_code, undated.json()["code"]) == (422, "ct-compare-no-date")
    nobodys = "018f3b0e-7c00-7abc-8def-0123456789ab"
    gone = client.post(COMPARISONS, json=_wanted((ct_pair[0], nobodys)))
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown-scan")
    assert client.post(COMPARISONS, json={"scans": []}).status_code == 422


def test_what_changed_is_listed_fetched_and_deleted(
    client: TestClient, ct_comparison: str, ct_pair: PAIR
) -> None:
    page = client.get(COMPARISONS, params={"limit": 1, "patient": "p-1"}).json()
    shown = client.get(f"{COMPARISONS}/{ct_comparison}").json()
    assert page == {"comparisons": [shown], "next": None}
    found = ComparisonSchema.model_validate(shown)
    assert [one.scan_id for one in found.scans] == list(ct_pair)
    assert found.changes["steps"][0]["changes"][0]["verdict"]
    report = client.get(f"{COMPARISONS}/{ct_comparison}/files/report-en.pdf")
    assert report.headers["content-type"] == "application/pdf"
    picture = found.pictures[0][0].file
    assert client.get(f"{COMPARISONS}/{ct_comparison}/files/{picture}").content[1:4] == b"PNG"
    assert client.delete(f"{COMPARISONS}/{ct_comparison}").status_code == 204
    assert client.get(f"{COMPARISONS}/{ct_comparison}").status_code == 404
