"""Lesions that grew by a known factor in a synthetic thorax, scanned on another grid, elsewhere."""

from datetime import date

import numpy as np
import pytest

from thoracle.ct.course import Followed, SeenScan, follow
from thoracle.ct.follow_up import Verdict, Visit
from thoracle.ct.match import Fit
from thoracle.ct.quantify import measure
from thoracle.ct.register import Coarse, coarse_view
from thoracle.ct.repeatability import LESIONS, amounts, read_repeatability
from thoracle.ct.transitions import Labeled
from thoracle.datasets.thorax import Thorax
from thoracle.datasets.thorax_phantom import Phantom, Scanner, phantom
from thoracle.datasets.thorax_shapes import Lesion
from thoracle.jobs.ct_visits import values_of

FIELD = ((-80.0, 170.0), (-100.0, 100.0), (-140.0, 140.0))
ELSEWHERE = ((-84.0, 168.0), (-98.0, 106.0), (-144.0, 140.0))
GROWTH = 1.4  # of each half axis


def _thorax(size: float) -> Thorax:
    half = (22.0 * size, 20.0 * size, 18.0 * size)
    glass = Lesion(center_mm=(30.0, 5.0, 72.0), half_mm=half, core=0.0)
    solid = Lesion(center_mm=(10.0, 0.0, -75.0), half_mm=half, core=1.0)
    return Thorax(lesions=(glass, solid))


def _seen(made: Phantom, day: int) -> tuple[SeenScan, Coarse]:
    scan, labels = made.scan, made.segmentation.label_map
    found = amounts(labels, scan.spacing_mm)
    visit = Visit(
        name=str(day),
        day=date(2020, 3, day),
        values=dict(values_of(measure(scan, made.segmentation))),
        surface_mm2={name: found[name].surface_mm2 for name in LESIONS},
    )
    labeled = Labeled(scan=scan, label_map=labels)
    return SeenScan(visit=visit, labeled=labeled, labeled_by="x"), coarse_view(scan, labels > 0)


@pytest.fixture(scope="module")
def scans() -> tuple[Phantom, Phantom]:
    rng = np.random.default_rng(3)
    first = Scanner(spacing_mm=(6.0, 4.0, 4.0), field_mm=FIELD, noise_hu=20.0)
    second = Scanner(spacing_mm=(4.0, 4.0, 4.0), field_mm=ELSEWHERE, noise_hu=20.0)
    return phantom(_thorax(1.0), first, rng=rng), phantom(_thorax(GROWTH), second, rng=rng)


@pytest.fixture(scope="module")
def followed(scans: tuple[Phantom, Phantom]) -> Followed:
    first, second = scans
    return follow(_seen(first, 1), _seen(second, 8), read_repeatability(), threads=1)


def test_each_lung_tells_its_own_growth(scans: tuple[Phantom, Phantom], followed: Followed) -> None:
    before, after = (one.volumes for one in scans)
    glass = followed.step.change("ground_glass", "left")
    solid = followed.step.change("consolidation", "right")
    grown = after.ground_glass_ml[1] - before.ground_glass_ml[1]
    assert glass.absolute == pytest.approx(grown, rel=0.03)
    assert solid.absolute == pytest.approx(
        after.consolidation_ml[0] - before.consolidation_ml[0], rel=0.03
    )
    assert solid.relative_percent == pytest.approx((GROWTH**3 - 1) * 100, abs=8)
    assert solid.verdict is Verdict.GREW
    assert glass.verdict is Verdict.GREW
    poi = followed.step.change("percentage_of_infection")
    assert poi.absolute == pytest.approx(
        after.percentage_of_infection - before.percentage_of_infection, abs=0.3
    )


def test_what_is_new_lies_around_what_was_there(
    scans: tuple[Phantom, Phantom], followed: Followed
) -> None:
    before, after = (
        sum(one.volumes.ground_glass_ml) + sum(one.volumes.consolidation_ml) for one in scans
    )
    became = followed.became
    assert followed.match.fit is Fit.GOOD
    assert became is not None
    assert became.persistent.ml == pytest.approx(before, rel=0.06)
    # The earlier grid has slices of 6 mm: a lesion of 50 mm is cut into eight.
    assert became.new.ml == pytest.approx(after - before, rel=0.1)
    assert became.resolved.ml < 0.06 * before
    assert became.new.low_ml < after - before < became.new.high_ml


def test_both_scans_are_found_to_lie_where_they_do(followed: Followed) -> None:
    # Both phantoms lie at the same place; only their grids differ.
    places = np.array([[80.0, 0, 60, 1], [-80, 0, 60, 1], [0, 60, -40, 1], [-60, -40, 120, 1]])
    moved = places @ followed.registration.matrix.T
    assert np.abs(moved - places)[:, :3].max() < 2.0  # half a voxel
    assert followed.registration.volume_ratio == pytest.approx(1.0, abs=0.02)
