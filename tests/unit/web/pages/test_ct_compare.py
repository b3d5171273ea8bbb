"""A patient's scans are chosen and compared, and what changed is shown in words."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from thoracle.core.settings import settings
from thoracle.jobs import ct_comparisons
from thoracle.store.job_types import Claim
from thoracle.store.results import ResultStore
from thoracle.web.pages import ct_compare

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
REFUSED = "found two different values – expected one patient. Check, or say --same-patient."
PAIR = tuple[str, str]


@pytest.fixture(autouse=True)
def can(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    def say(there: bool) -> None:
        monkeypatch.setattr(ct_comparisons, "can_compare", lambda: there)
        monkeypatch.setattr(ct_compare, "can_compare", lambda: there)

    say(True)
    return say


def _claimed(store: ResultStore) -> Claim:
    claimed = store.jobs.claim(["ct_compare"], worker="w", now=NOW)
    assert claimed is not None
    return claimed


def _sent(client: TestClient, pair: PAIR) -> str:
    said = {"scan": list(pair), f"when-{pair[0]}": "0", f"when-{pair[1]}": "5"}
    to = client.post("/ct/comparisons", data=said, follow_redirects=False)
    assert to.status_code == 303
    return to.headers["location"].rsplit("/", 1)[1]


def test_first_and_last_are_chosen_and_days_are_asked_for(
    client: TestClient, ct_pair: PAIR
) -> None:
    page = client.get("/ct/patients/p-1").text
    assert page.count('name="scan"') == page.count('autocomplete="off" checked') == 2
    assert page.count('type="number"') == 2
    assert "No dates are kept here" in page


def test_dates_are_asked_for_where_they_may_be_kept(
    client: TestClient, ct_pair: PAIR, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THORACLE_KEEP_IDENTIFIERS", "true")
    settings.cache_clear()
    page = client.get("/ct/patients/p-1").text
    settings.cache_clear()
    assert page.count('type="date"') == 2
    assert "the date is kept with the comparison" in page


def test_a_scan_is_compared_with_any_other_by_who_answers_for_it(
    client: TestClient, store: ResultStore, ct_pair: PAIR
) -> None:
    address = f"/ct/scans/{ct_pair[1]}"
    assert f'href="{address}/compare"' in client.get(address).text
    page = client.get(f"{address}/compare").text
    assert page.count('name="scan"') == 2
    assert page.count('autocomplete="off" checked') == 1
    assert 'name="same_patient" value="true" required' in page
    said = {"scan": list(ct_pair), f"when-{ct_pair[0]}": "0", f"when-{ct_pair[1]}": "5"}
    client.post("/ct/comparisons", data={**said, "same_patient": "true"}, follow_redirects=False)
    client.post("/ct/comparisons", data=said, follow_redirects=False)
    assert client.get(f"{address}/compare").text.count('href="/ct/jobs/') == 2
    assert _claimed(store).job.input["same_patient"] is True
    assert _claimed(store).job.input["same_patient"] is False


def test_alone_there_is_nothing_to_compare_a_scan_with(client: TestClient, ct_scan: str) -> None:
    page = client.get(f"/ct/scans/{ct_scan}/compare").text
    assert "There is no other scan with numbers yet." in page
    assert 'name="scan"' not in page


def test_a_scan_tells_of_its_comparisons(
    client: TestClient, ct_pair: PAIR, ct_comparison: str
) -> None:
    page = client.get(f"/ct/scans/{ct_pair[0]}/compare").text
    assert f'href="/ct/comparisons/{ct_comparison}"' in page


def test_one_scan_offers_nothing_to_compare(client: TestClient, ct_scan: str) -> None:
    assert "Compare scans" not in client.get("/ct/patients/p-1").text


def test_without_simpleitk_the_button_is_off_and_says_what_brings_it(
    client: TestClient, ct_pair: PAIR, can: Callable[[bool], None]
) -> None:
    can(False)
    page = client.get("/ct/patients/p-1").text
    assert "thoracle[ct]" in page
    assert 'type="submit" disabled' in page
    assert client.post("/ct/comparisons", data={"scan": list(ct_pair)}).status_code == 503


def test_a_comparison_is_sent_followed_and_leads_to_its_page(
    client: TestClient, store: ResultStore, ct_pair: PAIR, ct_comparison: str
) -> None:
    job_id = _sent(client, ct_pair)
    assert f"/ct/jobs/{job_id}" in client.get("/ct/patients/p-1").text
    claimed = _claimed(store)
    store.jobs.report(claimed.lease, stage="register", progress=0.5)
    page = client.get(f"/ct/jobs/{job_id}").text
    assert "Comparing chest-4.zip, chest-5.zip" in page
    assert "laying the scans over each other" in page
    store.jobs.finish(claimed.lease, result_id=ct_comparison, now=NOW)
    to = client.get(f"/ct/jobs/{job_id}", follow_redirects=False)
    assert to.headers["location"] == f"/ct/comparisons/{ct_comparison}"


def test_a_refusal_can_be_answered_for(
    client: TestClient, store: ResultStore, ct_pair: PAIR
) -> None:
    job_id = _sent(client, ct_pair)
    store.jobs.fail(_claimed(store).lease, code="ct-match-patient", text=REFUSED, now=NOW)
    assert "Are these scans of one patient?" in client.get(f"/ct/jobs/{job_id}").text
    assert client.post(f"/ct/jobs/{job_id}/trust").status_code == 422
    to = client.post(
        f"/ct/jobs/{job_id}/trust", data={"same_patient": "true"}, follow_redirects=False
    )
    again = store.jobs.get(to.headers["location"].rsplit("/", 1)[1])
    assert again.input["same_patient"] is True
    store.jobs.fail(_claimed(store).lease, code="ct-match-mirrored", text="mirrored.", now=NOW)
    assert "/trust" not in client.get(f"/ct/jobs/{again.id}").text


def test_one_that_is_cancelled_speaks_of_no_file(client: TestClient, ct_pair: PAIR) -> None:
    page = client.post(f"/ct/jobs/{_sent(client, ct_pair)}/cancel").text
    assert "nothing of it is kept" in page
    assert "file that was sent" not in page
    assert 'href="/ct/patients/p-1"' in page


def test_what_changed_is_shown_in_words_and_pictures(
    client: TestClient, ct_comparison: str, ct_pair: PAIR
) -> None:
    page = client.get(f"/ct/comparisons/{ct_comparison}").text
    assert "Percentage of infection" in page
    assert "In words:" in page
    assert page.count(".png") >= 2
    for name in ("timeline-en.svg", "report-en.pdf", "report-en.html", "changes.csv"):
        assert client.get(f"/ct/comparisons/{ct_comparison}/files/{name}").status_code == 200
        assert f"/files/{name}" in page
    assert all(f"/ct/scans/{one}?mask=" in page for one in ct_pair)
    other = client.get(f"/ct/comparisons/{ct_comparison}", headers={"Accept-Language": "pt"}).text
    assert "report-pt.pdf" in other
    assert "Em palavras" in other
    assert f"/ct/comparisons/{ct_comparison}" in client.get("/ct/patients/p-1").text


def test_it_is_deleted_and_leads_back_to_the_patient(
    client: TestClient, ct_comparison: str
) -> None:
    to = client.post(f"/ct/comparisons/{ct_comparison}/delete", follow_redirects=False)
    assert to.headers["location"] == "/ct/patients/p-1"
    assert client.get(f"/ct/comparisons/{ct_comparison}").status_code == 404
