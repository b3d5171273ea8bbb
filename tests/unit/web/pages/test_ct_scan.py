"""The page of a scan shows its numbers, leads to its masks, and takes new ones."""

import json
import re
from datetime import UTC, datetime, timedelta

from fastapi.testclient import TestClient

from thoracle.jobs.ct_files import ScanGrid, volume_nifti
from thoracle.jobs.ct_jobs import labels_of
from thoracle.store.results import ResultStore
from thoracle.store.scan_types import NewMask

LATER = datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(minutes=5)
NOBODYS = "018f3b0e-7c00-7abc-8def-0123456789ab"


def _config(page: str) -> dict[str, str]:
    found = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    config: dict[str, str] = json.loads(found[1])
    return config


def test_the_page_holds_numbers_mask_and_where_they_come_from(
    client: TestClient, store: ResultStore, ct_scan: str
) -> None:
    page = client.get(f"/ct/scans/{ct_scan}").text
    assert "chest-4.zip" in page
    measures = store.scans.get(ct_scan).masks[0].measures
    assert measures is not None
    poi = measures["regions"][0]["percentage_of_infection"]["value"]
    assert f"{poi:.1f} %" in page
    assert "In brackets the least and the greatest of 1 variants" in page
    assert "1.0.0 (dddddddddddd)" in page
    assert "46 × 32 × 17; 8 × 8 × 16 mm" in page


def test_the_viewer_gets_volume_and_mask(
    client: TestClient, store: ResultStore, ct_scan: str
) -> None:
    config = _config(client.get(f"/ct/scans/{ct_scan}").text)
    for name in ("volume", "mask"):
        answer = client.get(config[name])
        assert answer.content[:2] == b"\x1f\x8b"
        assert "immutable" in answer.headers["cache-control"]
    assert config["mask_id"] == store.scans.get(ct_scan).masks[0].id


def test_each_version_of_the_mask_can_be_shown(
    client: TestClient, store: ResultStore, ct_scan: str
) -> None:
    first = store.scans.get(ct_scan).masks[0]
    whole = store.scans.mask(ct_scan, first.id)
    new = NewMask(content=whole, reader="bo", minutes=4.25, parent_id=first.id)
    second = store.scans.add_mask(ct_scan, new, now=LATER)
    page = client.get(f"/ct/scans/{ct_scan}").text  # the newest whose numbers are known
    assert _config(page)["mask_id"] == first.id
    assert "4.2 min" in page
    assert "drawn on Network" in page
    job_id = store.jobs.submit("ct_measure", {"mask": second}, owner="bo", now=LATER)
    page = client.get(f"/ct/scans/{ct_scan}", params={"mask": second}).text
    assert _config(page)["mask_id"] == second
    assert "are being measured" in page
    assert f"/ct/jobs/{job_id}" in page
    assert client.get(f"/ct/scans/{ct_scan}", params={"mask": NOBODYS}).status_code == 404


def test_a_mask_that_was_drawn_elsewhere_is_taken(
    client: TestClient, store: ResultStore, ct_scan: str
) -> None:
    scan = store.scans.get(ct_scan)
    labels = labels_of(scan, store.scans.mask(ct_scan, scan.masks[0].id))
    content = volume_nifti(labels, ScanGrid.of(scan.document).affine)
    files = {"file": ("mask.nii.gz", content)}
    address = f"/ct/scans/{ct_scan}/masks"
    to = client.post(address, files=files, data={"minutes": "12,5"}, follow_redirects=False)
    version = store.scans.get(ct_scan).masks[1]
    assert to.headers["location"] == f"/ct/scans/{ct_scan}?mask={version.id}"
    assert (version.minutes, version.parent_id) == (12.5, None)
    for wrong in ({"minutes": "long"}, {"minutes": "-1"}):
        assert client.post(address, files=files, data=wrong).status_code == 422
    assert client.post(address, data={"minutes": "1"}).status_code == 422
    assert len(store.scans.get(ct_scan).masks) == 2


def test_what_was_taken_on_trust_stands_first(
    client: TestClient, store: ResultStore, ct_scan: str
) -> None:
    assert "Taken on trust" not in client.get(f"/ct/scans/{ct_scan}").text
    assert "reader" not in store.scans.get(ct_scan).document


def test_a_scan_is_deleted_with_all_of_it(
    client: TestClient, store: ResultStore, ct_scan: str
) -> None:
    to = client.post(f"/ct/scans/{ct_scan}/delete", follow_redirects=False)
    assert to.headers["location"] == "/ct"
    assert store.scans.list_scans(9) == ()
    assert client.get(f"/ct/scans/{ct_scan}").status_code == 404
