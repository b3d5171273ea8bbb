"""Kept scans are opened for a comparison with the mask and the day that was meant, or refused."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from tests.unit.ct.chest import chest
from tests.unit.jobs.kept_chests import keep_chest

from thoracle.core.errors import StoreError
from thoracle.ct.follow_up import LUNG, POI
from thoracle.ct.repeatability import amounts
from thoracle.jobs.ct_kept_visits import Wanted, checked, kept_visit
from thoracle.jobs.ct_visits import FollowUpError
from thoracle.store.results import ResultStore, open_store
from thoracle.store.scan_types import NewMask

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    with open_store(tmp_path, database_url=None) as opened:
        yield opened


def _refused(store: ResultStore, *wanted: Wanted, keeps_dates: bool = False) -> str:
    with pytest.raises((FollowUpError, StoreError)) as caught:
        checked(store, wanted, keeps_dates=keeps_dates)
    return caught.value.code


def test_a_kept_scan_comes_with_its_labels_numbers_and_day(store: ResultStore) -> None:
    scan, labels = chest()
    kept_id = keep_chest(store, chest(), NOW)
    (wanted,) = checked(store, [Wanted(scan_id=kept_id, when=" 5 ")], keeps_dates=False)
    visit = kept_visit(store, wanted)
    assert np.array_equal(visit.seen.labeled.label_map, labels)
    found = amounts(labels, scan.spacing_mm)
    assert visit.seen.visit.value(LUNG) == pytest.approx(found["lung"].ml)
    percent = 100 * found["infection"].ml / found["lung"].ml
    assert visit.seen.visit.value(POI) == pytest.approx(percent)
    assert visit.seen.visit.surface_mm2["infection"] == found["infection"].surface_mm2
    assert (visit.seen.visit.day_number, visit.seen.visit.when) == (5, "day 5")
    assert visit.seen.labeled.scan.facts.patient_id == "p-1"
    assert (visit.seen.labeled_by, visit.bundle and visit.bundle.name) == ("ct 1.0.0", "ct")
    assert visit.compared.scan_id == kept_id


def test_a_readers_version_is_by_the_reader(store: ResultStore) -> None:
    kept_id = keep_chest(store, chest(), NOW)
    scan = store.scans.get(kept_id)
    content = store.scans.mask(kept_id, scan.masks[0].id)
    new = NewMask(content=content, reader="ana", measures=scan.masks[0].measures)
    second = store.scans.add_mask(kept_id, new, now=NOW + timedelta(seconds=1))
    (newest,) = checked(store, [Wanted(scan_id=kept_id, when="0")], keeps_dates=False)
    assert newest.mask_id == second
    visit = kept_visit(store, newest)
    assert (visit.seen.labeled_by, visit.bundle) == ("ana", None)
    named = Wanted(scan_id=kept_id, mask_id=scan.masks[0].id, when="0")
    assert checked(store, [named], keeps_dates=False) == (named,)


def test_the_kept_study_date_counts_where_nothing_is_said(store: ResultStore) -> None:
    kept_id = keep_chest(store, chest(), NOW, study_date="20200331")
    (wanted,) = checked(store, [Wanted(scan_id=kept_id)], keeps_dates=False)
    visit = kept_visit(store, wanted).seen.visit
    assert (visit.day, visit.is_dated, visit.when) == (date(2020, 3, 31), True, "2020-03-31")
    other = replace(wanted, when="2020-04-02")
    (reason,) = kept_visit(store, other).seen.assumptions
    assert reason.code == "ct-compare-other-date"
    assert "2020-03-31" in reason.text


def test_days_are_never_guessed_mixed_or_kept_against_the_setting(store: ResultStore) -> None:
    one, other = (keep_chest(store, chest(seed=seed), NOW) for seed in (1, 2))
    assert _refused(store, Wanted(scan_id=one)) == "ct-compare-no-date"
    mixed = Wanted(scan_id=one, when="0"), Wanted(scan_id=other, when="2020-03-31")
    assert _refused(store, *mixed, keeps_dates=True) == "ct-compare-no-date"
    dated = [replace(one, when="2020-03-31") for one in mixed]
    assert _refused(store, *dated) == "ct-compare-date"
    assert len(checked(store, dated, keeps_dates=True)) == 2
    for wrong in ("31.3.2020", "-4", "99999", "2020-02-31"):
        assert _refused(store, Wanted(scan_id=one, when=wrong), keeps_dates=True) == (
            "ct-compare-date"
        )


def test_what_is_not_there_or_named_twice_is_refused(store: ResultStore) -> None:
    one = keep_chest(store, chest(), NOW)
    other = keep_chest(store, chest(), NOW, measured=False)
    assert _refused(store, *[Wanted(scan_id=one, when="0")] * 2) == "ct-compare-twice"
    assert _refused(store, Wanted(scan_id=other, when="0")) == "mask-unmeasured"
    assert _refused(store, Wanted(scan_id=one, mask_id=other, when="0")) == "unknown-mask"
