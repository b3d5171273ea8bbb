"""A program sends a scan, follows its job, and fetches volume, masks and numbers."""

import gzip
from datetime import UTC, datetime

import numpy as np
import pytest
from fastapi.testclient import TestClient
from nibabel.nifti1 import Nifti1Image

from thoracle.jobs.ct_files import ScanGrid, volume_nifti
from thoracle.jobs.ct_jobs import labels_of
from thoracle.store.results import ResultStore
from thoracle.web.schemas_ct import JobSchema, ScanSchema

SCANS = "/api/v1/ct/scans"
JOBS = "/api/v1/ct/jobs"
NOW = datetime(2026, 3, 1, 13, tzinfo=UTC)
NOBODYS = "018f3b0e-7c00-7abc-8def-0123456789ab"
REFUSED = "found values 0 to 4095 – expected HU. Say which window: --assume-window LOW HIGH."


def _sent(client: TestClient) -> str:
    return str(client.post(SCANS, content=b"PK\x03\x04").json()["id"])


def _refuse(store: ResultStore) -> None:
    claimed = store.jobs.claim(["ct_quantify"], worker="w", now=NOW)
    assert claimed is not None
    store.jobs.fail(claimed.lease, code="scan-not-hu", text=REFUSED, now=NOW)


def test_a_job_is_followed_to_its_end(client: TestClient, store: ResultStore) -> None:
    job_id = _sent(client)
    queued = client.get(f"{JOBS}/{job_id}").json()
    assert JobSchema.model_validate(queued).state == "queued"
    claimed = store.jobs.claim(["ct_quantify"], worker="w", now=NOW)
    assert claimed is not None
    store.jobs.report(claimed.lease, stage="segment", progress=0.4)
    running = client.get(f"{JOBS}/{job_id}").json()
    assert (running["state"], running["stage"], running["progress"]) == ("running", "segment", 0.4)
    assert "token" not in str(running)
    store.jobs.finish(claimed.lease, result_id=NOBODYS, now=NOW)
    assert client.get(f"{JOBS}/{job_id}").json()["result_id"] == NOBODYS


def test_a_waiting_job_is_cancelled_and_its_upload_goes(
    client: TestClient, store: ResultStore
) -> None:
    job_id = _sent(client)
    answer = client.post(f"{JOBS}/{job_id}/cancel")
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    assert not store.uploads.folder(store.jobs.get(job_id).input["upload"]).exists()
    assert client.post(f"{JOBS}/{job_id}/cancel").json()["state"] == "cancelled"


def test_a_refused_scan_is_read_again_on_a_users_word(
    client: TestClient, store: ResultStore
) -> None:
    job_id = _sent(client)
    _refuse(store)
    refused = client.get(f"{JOBS}/{job_id}").json()
    assert refused["error"] == {"code": "scan-not-hu", "text": REFUSED}
    assert refused["asks"] == ["window"]
    said = {"responsible": True, "window_low": -1350, "window_high": 150}
    again = client.post(f"{JOBS}/{job_id}/trust", json=said)
    assert again.status_code == 202
    job = store.jobs.get(again.json()["id"])
    assert job.id != job_id
    assert job.input["assume_window"] == [-1350.0, 150.0]
    assert job.input["upload"] == store.jobs.get(job_id).input["upload"]


def test_trust_is_asked_only_of_what_was_refused_and_is_still_there(
    client: TestClient, store: ResultStore
) -> None:
    job_id = _sent(client)
    said = {"responsible": True, "slice_spacing_mm": 6}
    early = client.post(f"{JOBS}/{job_id}/trust", json=said)
    assert (early.status_code, early.json()["code"]) == (422, "job-not-failed")
    _refuse(store)
    careless = client.post(f"{JOBS}/{job_id}/trust", json={**said, "responsible": False})
    assert careless.status_code == 422
    store.uploads.remove(store.jobs.get(job_id).input["upload"])
    late = client.post(f"{JOBS}/{job_id}/trust", json=said)
    assert (late.status_code, late.json()["code"]) == (422, "upload-gone")


def test_a_scan_is_listed_shown_and_deleted(
    client: TestClient, store: ResultStore, ct_scan: str
) -> None:
    (line,) = client.get(SCANS).json()["scans"]
    shown = client.get(f"{SCANS}/{ct_scan}").json()
    assert line == shown
    scan = ScanSchema.model_validate(shown)
    assert scan.masks[0].measures is not None
    assert scan.masks[0].measures["regions"][0]["name"] == "both"
    assert client.get(SCANS, params={"patient": "p-2"}).json()["scans"] == []
    assert client.delete(f"{SCANS}/{ct_scan}").status_code == 204
    assert client.get(f"{SCANS}/{ct_scan}").status_code == 404


def test_the_list_leads_on_to_older_scans(client: TestClient, ct_scan: str) -> None:
    page = client.get(SCANS, params={"limit": 1}).json()
    assert page["next"] is None
    assert client.get(SCANS, params={"before": ct_scan}).json()["scans"] == []


def test_volume_and_mask_lie_on_one_grid(
    client: TestClient, store: ResultStore, ct_scan: str
) -> None:
    mask_id = store.scans.get(ct_scan).masks[0].id
    volume = client.get(f"{SCANS}/{ct_scan}/volume")
    mask = client.get(f"{SCANS}/{ct_scan}/masks/{mask_id}")
    assert volume.headers["content-type"] == "application/gzip"
    images = [Nifti1Image.from_bytes(gzip.decompress(one.content)) for one in (volume, mask)]
    assert images[0].shape == images[1].shape
    assert np.array_equal(images[0].affine, images[1].affine)
    assert set(np.unique(np.asarray(images[1].dataobj))) <= {0, 1, 2, 3}


def test_a_corrected_mask_becomes_a_version_that_waits_for_its_numbers(
    client: TestClient, store: ResultStore, ct_scan: str
) -> None:
    scan = store.scans.get(ct_scan)
    first = scan.masks[0].id
    drawn = labels_of(scan, store.scans.mask(ct_scan, first)).copy()
    drawn[drawn == 2] = 3
    content = volume_nifti(drawn, ScanGrid.of(scan.document).affine)
    answer = client.post(
        f"{SCANS}/{ct_scan}/masks", params={"parent_id": first, "minutes": 3.5}, content=content
    )
    assert answer.status_code == 201
    version = store.scans.get(ct_scan).masks[1]
    assert (version.id, version.minutes, version.parent_id) == (answer.json()["id"], 3.5, first)
    assert store.jobs.get(answer.json()["job_id"]).kind == "ct_measure"
    assert answer.headers["location"] == f"{SCANS}/{ct_scan}/masks/{version.id}"


@pytest.mark.parametrize(
    ("params", "content", "status"),
    [
        ({}, b"no mask", 422),
        ({"minutes": "-1"}, b"", 422),
        ({"parent_id": NOBODYS}, None, 404),
    ],
)
def test_a_mask_that_does_not_fit_is_refused(
    client: TestClient,
    store: ResultStore,
    ct_scan: str,
    params: dict[str, str],
    content: bytes | None,
    status: int,
) -> None:
    whole = store.scans.mask(ct_scan, store.scans.get(ct_scan).masks[0].id)
    sent = whole if content is None else content
    answer = client.post(f"{SCANS}/{ct_scan}/masks", params=params, content=sent)
    assert answer.status_code == status
    assert len(store.scans.get(ct_scan).masks) == 1


@pytest.mark.parametrize(
    "path", [f"{SCANS}/{NOBODYS}", f"{SCANS}/{NOBODYS}/volume", f"{JOBS}/{NOBODYS}", f"{JOBS}/x"]
)
def test_what_is_not_there_is_404(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
