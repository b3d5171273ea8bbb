"""One scan of a follow-up: its file, its labels, its date, its numbers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tests.unit.ct.chest import chest

from thoracle.core.errors import ImageError
from thoracle.ct.follow_up import LUNG, POI
from thoracle.ct.repeatability import amounts
from thoracle.ct.types import Segmentation
from thoracle.imaging.sandbox import DecoderPool
from thoracle.imaging.scan import CtScan
from thoracle.jobs import ct_visits
from thoracle.jobs.ct_files import volume_nifti
from thoracle.jobs.ct_visits import (
    GIVEN,
    FollowUpError,
    FollowUpOptions,
    GivenScan,
    Labeler,
    amounts_of,
    see,
)


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool(workers=1, memory_mb=1536, cpu_s=10, pixels_max=1_000_000) as one:
        yield one


@pytest.fixture
def given(tmp_path: Path) -> GivenScan:
    scan, labels = chest()
    (tmp_path / "scan.nii.gz").write_bytes(volume_nifti(scan.hu, scan.affine))
    (tmp_path / "labels.nii.gz").write_bytes(volume_nifti(labels, scan.affine))
    return GivenScan(
        path=tmp_path / "scan.nii.gz", labels=tmp_path / "labels.nii.gz", day="2020-03-05"
    )


def _dated(monkeypatch: pytest.MonkeyPatch, study_date: str | None) -> None:
    scan, _ = chest()
    facts = replace(scan.facts, study_date=study_date)
    monkeypatch.setattr(ct_visits, "open_scan", lambda *_: replace(scan, facts=facts))


def test_a_scan_is_measured_by_its_given_labels(given: GivenScan, pool: DecoderPool) -> None:
    scan, labels = chest()
    options = FollowUpOptions()
    found = see(given, options, Labeler(options), pool)
    assert np.array_equal(found.labeled.label_map, labels)
    assert (found.visit.day, found.labeled_by) == (date(2020, 3, 5), GIVEN)
    known = amounts(labels, scan.spacing_mm)
    assert found.visit.value(LUNG) == pytest.approx(known["lung"].ml)
    assert found.visit.value("ground_glass") == pytest.approx(known["ground_glass"].ml)
    assert found.visit.value(POI) == pytest.approx(100 * known["infection"].ml / known["lung"].ml)
    # The lesion lies on the patient's right, which is at the left of the picture.
    assert found.visit.value("infection", "right") == found.visit.value("infection")
    assert found.visit.value("infection", "left") == 0.0
    assert not found.visit.varied
    assert amounts_of(given, options, Labeler(options), pool)["lung"] == known["lung"]


def test_the_study_date_is_taken_from_the_files(
    given: GivenScan, pool: DecoderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _dated(monkeypatch, "20200401")
    options = FollowUpOptions()
    found = see(replace(given, day=None), options, Labeler(options), pool)
    assert (found.visit.day, found.assumptions) == (date(2020, 4, 1), ())


def test_a_date_against_the_files_is_told(
    given: GivenScan, pool: DecoderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _dated(monkeypatch, "20200401")
    options = FollowUpOptions()
    found = see(given, options, Labeler(options), pool)
    assert found.visit.day == date(2020, 3, 5)
    assert [one.code for one in found.assumptions] == ["ct-compare-other-date"]
    assert "2020-04-01" in found.assumptions[0].text


@pytest.mark.parametrize("filed", [None, "", "2020", "20201340"])
def test_without_a_date_nothing_is_guessed(
    given: GivenScan, pool: DecoderPool, monkeypatch: pytest.MonkeyPatch, filed: str | None
) -> None:
    _dated(monkeypatch, filed)
    options = FollowUpOptions()
    with pytest.raises(FollowUpError, match="never guessed") as caught:
        see(replace(given, day=None), options, Labeler(options), pool)
    assert caught.value.code == "ct-compare-no-date"


@pytest.mark.parametrize("said", ["yesterday", "2020-02-30", "05/03/2020"])
def test_a_day_that_is_none_is_told(given: GivenScan, pool: DecoderPool, said: str) -> None:
    options = FollowUpOptions()
    with pytest.raises(FollowUpError, match="expected a day as 2020-03-31") as caught:
        see(replace(given, day=said), options, Labeler(options), pool)
    assert caught.value.code == "ct-compare-date"


def test_labels_that_are_not_there_are_told(given: GivenScan, pool: DecoderPool) -> None:
    options = FollowUpOptions()
    missing = replace(given, labels=given.path.parent / "none.nii.gz")
    with pytest.raises(ImageError, match=r"none\.nii\.gz"):
        see(missing, options, Labeler(options), pool)


def test_without_labels_the_bundle_labels_the_scan_and_its_variants(
    given: GivenScan, pool: DecoderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, labels = chest()
    more = chest(radius_mm=36.0)[1]

    class Segmenter:
        bundle = SimpleNamespace(name="ct", version="1", digest="d")

        def __init__(self, bundle: str, *, threads: int) -> None:
            assert (bundle, threads) == ("opened ct", 1)

        def segment(self, _scan: CtScan) -> Segmentation:
            return Segmentation(label_map=labels)

        def variants(self, _scan: CtScan) -> Iterator[Segmentation]:
            yield Segmentation(label_map=more)

    monkeypatch.setattr("thoracle.ct.model.CtSegmenter", Segmenter)
    monkeypatch.setattr("thoracle.inference.bundle.open_bundle", lambda name: f"opened {name}")
    options = FollowUpOptions()
    labeler = Labeler(options)
    assert labeler.reference is None
    found = see(replace(given, labels=None), options, labeler, pool)
    assert (found.labeled_by, found.visit.varied) == ("ct", True)
    infection = found.visit.values["infection", "both"]
    assert infection.low == infection.value
    assert infection.high is not None
    assert infection.value is not None
    assert infection.high > infection.value
    assert labeler.reference is not None
    assert labeler.reference.name == "ct"
