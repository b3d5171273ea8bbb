"""A comparison of kept scans is a job: asked for, done with a true change found, or refused."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.unit.ct.chest import affine_of, chest, moved
from tests.unit.ct.courses import course
from tests.unit.jobs.kept_chests import keep_chest

from thoracle.core.errors import MissingExtraError, StoreError
from thoracle.jobs import ct_comparisons
from thoracle.jobs.ct_comparisons import (
    COMPARE,
    COMPARE_PARTS,
    compare,
    compare_work,
    course_files,
    submit_comparison,
)
from thoracle.jobs.ct_kept_visits import Wanted
from thoracle.jobs.ct_visits import FollowUpError
from thoracle.jobs.job_run import do
from thoracle.jobs.long_work import Reporter, Task
from thoracle.store.comparison_types import Comparison
from thoracle.store.job_types import Job, JobState
from thoracle.store.results import ResultStore, open_store
from thoracle.store.scan_types import NewMask

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLACE = (8.0, -12.0, 250.0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    with open_store(tmp_path, database_url=None) as opened:
        yield opened


@pytest.fixture
def chests(store: ResultStore) -> list[str]:
    """Keep a chest, and the same one on another day, moved, with a larger lesion."""
    true = moved(turn_degrees=5.0, shift_mm=PLACE, scale=0.97)
    later = chest(true, affine=affine_of(shift=PLACE), radius_mm=34.0, seed=2)
    return [keep_chest(store, one, NOW) for one in (chest(radius_mm=20.0, seed=2), _other(later))]


def _other(made: Any) -> Any:
    from dataclasses import replace

    scan, labels = made
    return replace(scan, sha256="b" * 64), labels


def _asked(store: ResultStore, wanted: Sequence[Wanted], *, same_patient: bool = False) -> Job:
    return submit_comparison(
        store, wanted, same_patient=same_patient, keeps_dates=False, owner="ana", now=NOW
    )


def _task(store: ResultStore, folder: Path) -> Task:
    claimed = store.jobs.claim([COMPARE], worker="one", now=NOW)
    assert claimed is not None
    return Task(
        store=store,
        home=folder,
        job=claimed.job,
        lease=claimed.lease,
        progress=Reporter(store.jobs, claimed.lease, COMPARE_PARTS),
        now=lambda: NOW,
    )


def _only(store: ResultStore) -> Comparison:
    (found,) = store.comparisons.list_comparisons(9)
    return found


def test_the_growth_of_a_kept_lesion_is_found_kept_and_drawn(
    store: ResultStore, chests: list[str], tmp_path: Path
) -> None:
    pytest.importorskip("SimpleITK")
    later, earlier = Wanted(scan_id=chests[1], when="5"), Wanted(scan_id=chests[0], when="0")
    job = _asked(store, [later, earlier])  # the later one named first: days decide
    compare(_task(store, tmp_path))
    found = _only(store)
    ended = store.jobs.get(job.id)
    assert (ended.state, ended.result_id, ended.progress) == (JobState.DONE, found.id, 1.0)
    assert [one.scan_id for one in found.scans] == chests
    assert (found.owner, found.patient) == ("ana", "p-1")
    (step,) = found.document["changes"]["steps"]
    assert (step["from"], step["to"], step["days"]) == ("day 0", "day 5", 5)
    grown = next(one for one in step["changes"] if one["kind"] == "infection")
    assert grown["verdict"] == "grew"
    assert step["registration"]["fit"] == "good"
    assert found.document["changes"]["provenance"]["bundle"]["name"] == "ct"
    picture = found.document["pictures"][0][0]["file"]
    assert store.comparisons.file(found.id, picture).startswith(b"\x89PNG")
    assert "dia 5" in found.document["views"]["pt"]["steps"][0]["title"]


def test_other_lungs_are_refused_until_the_user_answers_for_the_patient(
    store: ResultStore, chests: list[str], tmp_path: Path
) -> None:
    pytest.importorskip("SimpleITK")
    stranger = keep_chest(store, chest(radius_mm=20.0, seed=3), NOW, patient="p-2")
    wanted = [Wanted(scan_id=chests[0], when="0"), Wanted(scan_id=stranger, when="5")]
    job = _asked(store, wanted)
    assert job.input["patient"] is None
    do(compare, _task(store, tmp_path))
    refused = store.jobs.get(job.id)
    assert (refused.state, refused.error_code) == (JobState.FAILED, "ct-match-patient")
    assert "--same-patient" in (refused.error_text or "")
    _asked(store, wanted, same_patient=True)
    do(compare, _task(store, tmp_path))
    assumed = _only(store).document["changes"]["scans"][-1]["assumptions"]
    assert assumed[-1]["code"] == "ct-compare-same-patient"


def test_masks_of_two_hands_are_warned_of(
    store: ResultStore, chests: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = course()
    ct = made.scans[0], made.scans[1]
    from dataclasses import replace

    by_ana = replace(made, scans=(ct[0], replace(ct[1], labeled_by="ana")))
    monkeypatch.setattr(ct_comparisons, "compare_seen", lambda *_, **__: by_ana)
    monkeypatch.setattr(ct_comparisons, "can_compare", lambda: True)
    scan = store.scans.get(chests[1])
    content = store.scans.mask(scan.id, scan.masks[0].id)
    mask = NewMask(content=content, reader="ana", measures=scan.masks[0].measures)
    store.scans.add_mask(scan.id, mask, now=NOW)
    _asked(store, [Wanted(scan_id=one, when=str(at)) for at, one in enumerate(chests)])
    compare(_task(store, tmp_path))
    (step,) = _only(store).document["changes"]["steps"]
    assert step["warnings"][0]["code"] == "ct-compare-labelers"
    assert "given labels before, ana after" in step["warnings"][0]["text"]


def test_a_scan_that_is_gone_is_the_jobs_answer(
    store: ResultStore, chests: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ct_comparisons, "can_compare", lambda: True)
    job = _asked(store, [Wanted(scan_id=one, when="0") for one in chests])
    store.scans.delete(chests[0])
    do(compare, _task(store, tmp_path))
    assert store.jobs.get(job.id).error_code == "unknown-scan"


def test_every_language_has_its_page_and_reports() -> None:
    document, files = course_files(course())
    assert set(document["views"]) == {"en", "pt"}
    assert {name for name in files if not name.startswith("step")} == {
        "changes.csv", "timeline-en.svg", "timeline-pt.svg", "report-en.html", "report-en.pdf",
        "report-pt.html", "report-pt.pdf",
    }  # fmt: skip
    named = {one["file"] for step in document["pictures"] for one in step}
    assert named == {name for name in files if name.startswith("step")}
    json.dumps(document, allow_nan=False)


def test_too_few_too_many_and_no_simpleitk_are_refused_at_once(
    store: ResultStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Wanted(scan_id="018f3b0e-7c00-7abc-8def-0123456789ab", when="0")
    for count in (0, 1, 7):
        with pytest.raises(FollowUpError, match=f"found {count} scans"):
            _asked(store, [one] * count)
    monkeypatch.setattr(ct_comparisons, "can_compare", lambda: False)
    with pytest.raises(MissingExtraError, match=r"thoracle\[ct\]"):
        _asked(store, [one, one])
    monkeypatch.setattr(ct_comparisons, "can_compare", lambda: True)
    with pytest.raises((FollowUpError, StoreError)):
        _asked(store, [one, one])
    assert store.jobs.list_jobs(9) == ()


def test_the_shares_of_the_stages_are_a_whole() -> None:
    work, parts = compare_work()
    assert work is compare
    assert sum(parts.values()) == pytest.approx(1.0)
