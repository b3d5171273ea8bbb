"""Scans are listed, sent, followed while they are read, and read again on a user's word."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from thoracle.core.languages import language
from thoracle.store.job_types import Claim
from thoracle.store.results import ResultStore
from thoracle.store.scan_types import NewMask
from thoracle.web.pages.ct import asks_for, in_the_form

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
REFUSED = (
    "found no Image Position (Patient) – expected one. Say the distance: --slice-spacing MM. "
    "found grey – expected HU. Say which window: --assume-window LOW HIGH."
)


def _sent(client: TestClient) -> str:
    answer = client.post(
        "/ct/new", files={"file": ("chest.zip", b"PK\x03\x04")}, follow_redirects=False
    )
    assert answer.status_code == 303
    return answer.headers["location"].rsplit("/", 1)[1]


def _claimed(store: ResultStore) -> Claim:
    claimed = store.jobs.claim(["ct_quantify", "ct_measure"], worker="w", now=NOW)
    assert claimed is not None
    return claimed


def test_without_scans_the_list_leads_to_sending_one(client: TestClient) -> None:
    page = client.get("/ct").text
    assert "No scan has been read yet." in page
    assert 'href="/ct/new"' in page


def test_the_list_shows_scans_and_what_is_not_done(
    client: TestClient, store: ResultStore, ct_scan: str
) -> None:
    job_id = _sent(client)
    page = client.get("/ct").text
    assert f'href="/ct/scans/{ct_scan}"' in page
    assert 'href="/ct/patients/p-1"' in page
    assert f'href="/ct/jobs/{job_id}"' in page
    assert "waiting" in page
    assert client.get("/ct", params={"before": ct_scan}).text.count("/ct/scans/") == 0


def test_corrected_masks_are_counted_and_wait_until_a_network_learned_from_them(
    client: TestClient, store: ResultStore, ct_scan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Corrected masks" not in client.get("/ct").text
    for minutes in (2.5, 3.0):
        drawn = NewMask(content=b"drawn", reader="Bo <b>", minutes=minutes)
        last = store.scans.add_mask(ct_scan, drawn, now=NOW + timedelta(minutes=minutes))
    page = client.get("/ct").text
    assert "1 corrected, 6 minutes of readers measured; 1 wait to be learned from." in page
    assert '<td class="text-break">Bo &lt;b&gt;</td><td>5.5</td><td>2</td><td>waits</td>' in page
    portuguese = client.get("/ct", headers={"Accept-Language": "pt-BR"}).text
    assert "<td>5,5</td><td>2</td><td>aguarda</td>" in portuguese
    monkeypatch.setattr("thoracle.web.pages.ct.learned_by", lambda _: (last,))
    page = client.get("/ct").text
    assert "0 wait to be learned from." in page
    assert "<td>learned</td>" in page


def test_the_form_says_what_it_takes_and_whether_it_can_be_read(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for there in (True, False):
        monkeypatch.setattr("thoracle.web.pages.ct.has_ct", lambda there=there: there)
        page = client.get("/ct/new").text
        assert ("No network for CT" in page) is not there
    assert 'data-bytes-max="1024000000"' in page


def test_a_job_that_runs_tells_how_far_it_is_and_asks_again(
    client: TestClient, store: ResultStore
) -> None:
    job_id = _sent(client)
    assert 'hx-trigger="every 1s"' in client.get(f"/ct/jobs/{job_id}").text
    claimed = _claimed(store)
    store.jobs.report(claimed.lease, stage="segment", progress=0.31)
    page = client.get(f"/ct/jobs/{job_id}").text
    assert "31 %" in page
    assert "drawing lungs and infection" in page
    store.jobs.give_back(claimed.lease, now=NOW)
    _claimed(store)
    assert "Attempt 2" in client.get(f"/ct/jobs/{job_id}").text


def test_one_that_is_done_leads_to_its_scan(
    client: TestClient, store: ResultStore, ct_scan: str
) -> None:
    job_id = _sent(client)
    store.jobs.finish(_claimed(store).lease, result_id=ct_scan, now=NOW)
    to = client.get(f"/ct/jobs/{job_id}", follow_redirects=False)
    assert (to.status_code, to.headers["location"]) == (303, f"/ct/scans/{ct_scan}")
    asked = client.get(f"/ct/jobs/{job_id}", headers={"HX-Request": "true"})
    assert asked.headers["hx-redirect"] == f"/ct/scans/{ct_scan}"


def test_a_job_is_cancelled_now_or_at_its_workers_next_heartbeat(
    client: TestClient, store: ResultStore
) -> None:
    waiting, running = _sent(client), None
    page = client.post(f"/ct/jobs/{waiting}/cancel").text
    assert "This job was cancelled" in page
    assert not store.uploads.folder(store.jobs.get(waiting).input["upload"]).exists()
    running = _sent(client)
    _claimed(store)
    assert "Being cancelled" in client.post(f"/ct/jobs/{running}/cancel").text


def test_trust_is_asked_after_a_refusal_for_what_it_names(
    client: TestClient, store: ResultStore
) -> None:
    job_id = _sent(client)
    assert "window_low" not in client.get(f"/ct/jobs/{job_id}").text
    store.jobs.fail(_claimed(store).lease, code="scan-refused", text=REFUSED, now=NOW)
    page = client.get(f"/ct/jobs/{job_id}").text
    assert REFUSED.split(" – ", maxsplit=1)[0] in page
    assert 'name="window_low"' in page
    assert 'name="slice_spacing_mm"' in page
    assert 'name="grey_low"' not in page
    said: dict[str, Any] = {"window_low": "-1350", "window_high": "150", "responsible": "true"}
    to = client.post(f"/ct/jobs/{job_id}/trust", data=said, follow_redirects=False)
    again = store.jobs.get(to.headers["location"].rsplit("/", 1)[1])
    assert again.input["assume_window"] == [-1350.0, 150.0]
    store.jobs.fail(_claimed(store).lease, code="x", text="--slice-spacing MM.", now=NOW)
    kept = client.get(f"/ct/jobs/{again.id}").text
    assert 'type="hidden" name="window_low" value="-1350.0"' in kept


def test_other_failures_ask_for_nothing(client: TestClient, store: ResultStore) -> None:
    job_id = _sent(client)
    store.jobs.fail(_claimed(store).lease, code="zip-empty", text="found no file.", now=NOW)
    page = client.get(f"/ct/jobs/{job_id}").text
    assert "found no file." in page
    assert "/trust" not in page
    gone = _sent(client)
    store.jobs.fail(_claimed(store).lease, code="scan-refused", text=REFUSED, now=NOW)
    store.uploads.remove(store.jobs.get(gone).input["upload"])
    assert "/trust" not in client.get(f"/ct/jobs/{gone}").text


def test_a_page_that_asks_whether_a_job_ended_is_loaded_anew_and_says_each_reason(
    client: TestClient, store: ResultStore
) -> None:
    job_id, asking = _sent(client), {"HX-Request": "true"}
    assert "hx-refresh" not in client.get(f"/ct/jobs/{job_id}", headers=asking).headers
    said = REFUSED.replace("MM. ", "MM.\n")
    store.jobs.fail(_claimed(store).lease, code="scan-refused", text=said, now=NOW)
    answer = client.get(f"/ct/jobs/{job_id}", headers=asking)
    assert (answer.headers["hx-refresh"], answer.text) == ("true", "")
    assert client.get(f"/ct/jobs/{job_id}").text.count('<p class="mb-1">found') == 2


def test_a_refused_scan_stays_in_the_list_for_as_long_as_it_can_be_read_again(
    client: TestClient, store: ResultStore
) -> None:
    job_id = _sent(client)
    store.jobs.fail(_claimed(store).lease, code="scan-refused", text=REFUSED, now=NOW)
    assert f"/ct/jobs/{job_id}" in client.get("/ct").text


def test_a_patient_has_a_course(client: TestClient, ct_scan: str) -> None:
    page = client.get("/ct/patients/p-1").text
    assert f"/ct/scans/{ct_scan}" in page
    assert client.get("/ct/patients/p-2").status_code == 404


@pytest.mark.parametrize(
    ("code", "said", "shown"),
    [
        (
            "en",
            "Say: --slice-spacing MM, below 0.",
            "Say: “From one slice to the next, mm”, below 0.",
        ),
        ("en", "Leave out --assume-window.", "Leave out “The values are the grey of this window”."),
        ("pt", "Diga --grey-range BLACK WHITE.", "Diga “Valores de cinza do preto e do branco”."),
        (
            "en",
            "Or say --same-patient.",
            "Or say “I know that these scans are of one patient, and answer for it”.",
        ),
    ],
)
def test_a_page_names_the_fields_of_its_form_not_a_commands_options(
    code: str, said: str, shown: str
) -> None:
    assert in_the_form(said, language(code)) == shown


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("", ()),
        ("--assume-window LOW HIGH", ("window",)),
        (REFUSED, ("window", "spacing")),
        ("--grey-range BLACK WHITE; --series UID", ("grey", "series")),
        ("Check the files, or say --same-patient.", ("patient",)),
    ],
)
def test_what_a_refusal_asks_for_is_read_off_its_sentence(text: str, asks: tuple[str]) -> None:
    assert asks_for(text) == asks
