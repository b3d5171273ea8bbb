"""From files of two dates to what changed, or to why they are not compared."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from tests.unit.ct.chest import affine_of, chest, moved
from tests.unit.ct.courses import followed, seen_scan

from thoracle.ct.course import Course, SeenScan
from thoracle.ct.follow_up import Verdict
from thoracle.imaging.sandbox import DecoderPool
from thoracle.jobs import ct_compare
from thoracle.jobs.ct_compare import (
    FollowUpError,
    FollowUpOptions,
    GivenScan,
    compare_scans,
    learn_repeatability,
)
from thoracle.jobs.ct_files import volume_nifti

PLACE = (8.0, -12.0, 250.0)


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool(workers=1, memory_mb=1536, cpu_s=10, pixels_max=1_000_000) as one:
        yield one


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> list[GivenScan]:
    """Return a chest, and the same one on another day, moved, with a larger lesion."""
    folder = tmp_path_factory.mktemp("scans")
    true = moved(turn_degrees=5.0, shift_mm=PLACE, scale=0.97)
    made = {
        "2020-03-01": chest(radius_mm=20.0),
        "2020-03-06": chest(true, affine=affine_of(shift=PLACE), radius_mm=34.0),
    }
    scans = []
    for day, (scan, labels) in made.items():
        paths = folder / f"{day}.nii.gz", folder / f"{day}-labels.nii.gz"
        paths[0].write_bytes(volume_nifti(scan.hu, scan.affine))
        paths[1].write_bytes(volume_nifti(labels, scan.affine))
        scans.append(GivenScan(path=paths[0], labels=paths[1], day=day))
    return scans


@pytest.fixture(scope="module")
def compared(given: list[GivenScan], pool: DecoderPool) -> Course:
    """Compare them, the later one named first."""
    return compare_scans(given[::-1], FollowUpOptions(), pool)


def _as_seen(monkeypatch: pytest.MonkeyPatch, scans: Sequence[SeenScan], dice: float) -> None:
    waiting = iter(scans)
    monkeypatch.setattr(ct_compare, "see", lambda *_: next(waiting))
    monkeypatch.setattr(
        ct_compare, "follow", lambda a, b, *_, **__: followed(a[0], b[0], dice=dice)
    )


def _two() -> list[SeenScan]:
    return [seen_scan(1, 20.0), seen_scan(9, 30.0, seed=2)]


def _named(one: SeenScan, patient: str) -> SeenScan:
    scan = one.labeled.scan
    known = replace(scan, facts=replace(scan.facts, patient_id=patient))
    return replace(one, labeled=replace(one.labeled, scan=known))


def test_dates_decide_the_order_and_the_growth_is_told(compared: Course) -> None:
    assert [str(one.visit.day) for one in compared.scans] == ["2020-03-01", "2020-03-06"]
    (one,) = compared.steps
    assert one.step.days == 5
    assert one.step.change("infection").verdict is Verdict.GREW
    assert one.became is not None
    assert one.became.new.ml > 10 * one.became.resolved.ml
    assert (compared.overall, compared.bundle) == (None, None)


def test_one_scan_is_too_few(given: list[GivenScan], pool: DecoderPool) -> None:
    with pytest.raises(FollowUpError, match="found 1 scans") as caught:
        compare_scans(given[:1], FollowUpOptions(), pool)
    assert caught.value.code == "ct-compare-one"


def test_scans_that_do_not_fit_are_refused_unless_the_user_answers_for_the_patient(
    given: list[GivenScan], pool: DecoderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _as_seen(monkeypatch, _two(), dice=0.7)
    with pytest.raises(FollowUpError, match="Or say --same-patient") as caught:
        compare_scans(given, FollowUpOptions(), pool)
    assert caught.value.code == "ct-match-failed"
    _as_seen(monkeypatch, _two(), dice=0.7)
    course = compare_scans(given, FollowUpOptions(same_patient=True), pool)
    assert course.steps[0].became is None
    (said,) = course.steps[0].match.reasons
    assert said.code == "ct-compare-same-patient"
    assert "expected at least" in said.text
    assert course.steps[0].step.change("infection").verdict is Verdict.GREW


def test_files_of_two_patients_are_refused_or_answered_for(
    given: list[GivenScan], pool: DecoderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (_named(one, name) for one, name in zip(_two(), "AB", strict=True))
    _as_seen(monkeypatch, (first, second), dice=0.97)
    with pytest.raises(FollowUpError, match=r"Patient ID \(0010,0020\)") as caught:
        compare_scans(given, FollowUpOptions(), pool)
    assert caught.value.code == "ct-match-patient"
    _as_seen(monkeypatch, (first, second), dice=0.97)
    course = compare_scans(given, FollowUpOptions(same_patient=True), pool)
    assert course.scans[-1].assumptions[-1].code == "ct-compare-same-patient"


def test_the_same_files_twice_are_refused_whatever_the_user_says(
    given: list[GivenScan], pool: DecoderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _as_seen(monkeypatch, [seen_scan(1, 20.0), seen_scan(9, 20.0)], dice=0.97)
    with pytest.raises(FollowUpError, match="the same files twice"):
        compare_scans(given, FollowUpOptions(same_patient=True), pool)


def test_three_scans_are_followed_one_by_one_and_over_all(
    given: list[GivenScan], pool: DecoderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    three = [seen_scan(20, 28.0, seed=3), *_two()]
    _as_seen(monkeypatch, three, dice=0.97)
    course = compare_scans([*given, given[0]], FollowUpOptions(), pool)
    assert [one.step.days for one in course.steps] == [8, 11]
    assert course.overall is not None
    assert course.overall.days == 19


def test_noise_is_learned_from_files(given: list[GivenScan], pool: DecoderPool) -> None:
    first, second = given
    found = learn_repeatability([(first, second)], FollowUpOptions(), pool, labeled_by="a formula")
    assert (found.pairs, found.labeled_by) == (1, "a formula")
    # Balls of 20 and 34 mm lie 14 mm apart; faces of voxels are 1.5 times a ball's surface.
    assert 14 / 2**0.5 / 2 < found.border_mm["infection"] < 14 / 2**0.5
