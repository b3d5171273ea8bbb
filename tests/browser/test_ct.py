"""A person at a desk and one at a phone send a scan, follow its job, look, and correct the mask."""

import importlib.util
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from thoracle.jobs.ct_jobs import labels_of
from thoracle.store.results import ResultStore

pytestmark = pytest.mark.browser

BITMAP = "document.getElementById('ct').viewer.nv.drawBitmap.join()"
NO_FIT = "found lungs that do not overlap – expected one patient's. Or say --same-patient."
REFUSED = "found grey – expected HU. Say which window: --assume-window LOW HIGH."


def _fakes() -> Any:
    path = Path(__file__).parents[1] / "unit" / "web" / "conftest.py"
    spec = importlib.util.spec_from_file_location("thoracle_web_fakes", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def scan_id(store: ResultStore) -> str:
    fakes = _fakes()
    fakes.keep_ct(store, _now() - timedelta(days=4), seed=5)
    kept: str = fakes.keep_ct(store, _now() - timedelta(hours=1))
    return kept


def _claim(store: ResultStore) -> Any:
    claimed = store.jobs.claim(["ct_quantify"], worker="w", now=_now())
    assert claimed is not None
    return claimed.lease


def test_a_scan_is_sent_followed_trusted_and_found(
    person: Any, store: ResultStore, scan_id: str
) -> None:
    page = person.page
    person.open("/ct")
    person.look("ct-list")
    page.get_by_role("link", name=person.w["ct_new"], exact=True).click()
    person.look("ct-new")
    page.set_input_files("#file", person.file("chest.zip", b"PK\x03\x04" + bytes(5000)))
    page.get_by_role("button", name=person.w["ct_upload_button"], exact=True).click()
    page.wait_for_url("**/ct/jobs/*")
    lease = _claim(store)
    store.jobs.report(lease, stage="segment", progress=0.42)
    expect(page.locator("#job")).to_contain_text("42 %")
    person.look("ct-job")
    page.reload()  # and a page that is loaded again knows as much
    expect(page.locator("#job")).to_contain_text("42 %")
    store.jobs.fail(lease, code="scan-not-hu", text=REFUSED, now=_now())
    expect(page.locator("#job .alert")).to_contain_text("expected HU")
    person.look("ct-trust")
    page.fill("[name=window_low]", "-1350")
    page.fill("[name=window_high]", "150")
    page.check("#responsible")
    page.get_by_role("button", name=person.w["ct_trust_button"], exact=True).click()
    lease = _claim(store)
    assert store.jobs.get(lease.job_id).input["assume_window"] == [-1350.0, 150.0]
    store.jobs.finish(lease, result_id=scan_id, now=_now())
    page.wait_for_url(f"**/ct/scans/{scan_id}")


def test_a_running_job_is_cancelled(person: Any, store: ResultStore) -> None:
    page = person.page
    job_id = store.jobs.submit("ct_quantify", {"file": "a.zip"}, owner="ana", now=_now())
    lease = _claim(store)
    person.open(f"/ct/jobs/{job_id}")
    page.get_by_role("button", name=person.w["ct_job_cancel"], exact=True).click()
    expect(page.locator("#job")).to_contain_text(person.w["ct_job_cancelling"])
    store.jobs.drop(lease, now=_now())
    expect(page.locator("#job")).to_contain_text(person.w["ct_job_cancelled"])


def test_the_scan_is_looked_at_in_planes_and_windows(person: Any, scan_id: str) -> None:
    page = person.page
    person.open(f"/ct/scans/{scan_id}")
    expect(page.locator("#ct.ready")).to_be_visible()
    person.look("ct-scan")
    for plane in ("render", "coronal", "all", "axial"):
        page.locator(f"label[for=plane-{plane}]").click()
    page.locator("[data-label='1']").uncheck()
    page.select_option("[data-part=window]", "-160,240")
    assert page.evaluate("document.getElementById('ct').viewer.volume.cal_max") == 240


def test_a_mask_is_corrected_and_kept_as_a_version(
    person: Any, store: ResultStore, scan_id: str
) -> None:
    page = person.page
    person.open(f"/ct/scans/{scan_id}")
    expect(page.locator("#ct.ready")).to_be_visible()
    page.locator("[data-part=begin]").click()
    page.locator("label[for=pen-3]").click()
    before = page.evaluate(BITMAP)
    _draw(page, -0.22)
    assert page.evaluate(BITMAP) != before
    page.locator("[data-part=undo]").click()
    assert page.evaluate(BITMAP) == before
    _draw(page, -0.22)
    person.look("ct-draw")
    page.locator("[data-part=save]").click()
    page.wait_for_url("**mask=*")
    expect(page.locator("#ct.ready")).to_be_visible()
    person.look("ct-saved")
    _check_version(store, scan_id)


def _check_version(store: ResultStore, scan_id: str) -> None:
    """Check that one square of consolidation was added in one slice, at the patient's right."""
    scan = store.scans.get(scan_id)
    first, second = scan.masks
    assert second.parent_id == first.id
    assert second.reader is not None
    assert second.minutes is not None
    assert 0 < second.minutes < 10
    old, new = (labels_of(scan, store.scans.mask(scan_id, one.id)) for one in (first, second))
    changed = np.argwhere(old != new)
    assert 0 < len(changed) < 100
    assert set(new[old != new]) == {3}
    assert len(set(changed[:, 0])) == 1
    assert changed[:, 2].max() < old.shape[2] / 2  # the left of the screen


def _draw(page: Any, across: float) -> None:
    """Draw a small square beside the middle of the stage, by a share of its width."""
    page.locator("#ct .stage").scroll_into_view_if_needed()  # on a phone the tools are below
    box = page.locator("#ct canvas").bounding_box()
    x, y = box["x"] + box["width"] * (0.5 + across), box["y"] + box["height"] * 0.5
    page.mouse.move(x, y)
    page.mouse.down()
    for dx, dy in ((20, 0), (20, 20), (0, 20), (0, 0)):
        page.mouse.move(x + dx, y + dy, steps=3)
    page.mouse.up()


def test_a_patients_course_is_drawn(person: Any, scan_id: str) -> None:
    person.open("/ct/patients/p-1")
    assert person.page.locator(".ct-course .point").count() == 2
    person.look("ct-course")


def test_two_scans_are_compared_and_what_changed_is_read(
    person: Any, store: ResultStore, scan_id: str
) -> None:
    page = person.page
    person.open("/ct/patients/p-1")
    days = page.locator("input[type=number]")
    expect(days).to_have_count(2)
    days.nth(1).fill("4")
    person.look("ct-choose")
    page.get_by_role("button", name=person.w["ct_compare_button"], exact=True).click()
    page.wait_for_url("**/ct/jobs/*")
    claimed = store.jobs.claim(["ct_compare"], worker="w", now=_now())
    assert claimed is not None
    assert [one["when"] for one in claimed.job.input["scans"]] == ["0", "4"]
    store.jobs.report(claimed.lease, stage="register", progress=0.4)
    expect(page.locator("#job")).to_contain_text("40 %")
    store.jobs.fail(claimed.lease, code="ct-match-failed", text=NO_FIT, now=_now())
    expect(page.locator("#job .alert")).to_be_visible()
    page.reload()
    person.look("ct-same")
    page.check("#same")
    page.get_by_role("button", name=person.w["ct_compare_same_button"], exact=True).click()
    claimed = store.jobs.claim(["ct_compare"], worker="w", now=_now())
    assert claimed is not None
    assert claimed.job.input["same_patient"] is True
    pair = [one["scan"] for one in claimed.job.input["scans"]]
    made = _fakes().keep_comparison(store, pair, _now())
    store.jobs.finish(claimed.lease, result_id=made, now=_now())
    page.wait_for_url(f"**/ct/comparisons/{made}")
    for one in page.locator("main img").all():
        one.scroll_into_view_if_needed()
        person.wait_until("[...document.images].some(one => one.complete && one.naturalWidth)")
    person.look("ct-comparison")


def test_without_webgl_the_numbers_still_stand(person: Any, scan_id: str) -> None:
    person.page.add_init_script(
        "HTMLCanvasElement.prototype.getContext = () => null;"  # as an old browser has it
    )
    person.open(f"/ct/scans/{scan_id}")
    expect(person.page.locator("#ct.without .fallback")).to_be_visible()
    expect(person.page.locator(".ct-numbers")).to_be_visible()
