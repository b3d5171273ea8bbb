"""A lesion grown by a known amount in a moved chest, from two scans to what became of places."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pytest
from tests.unit.ct.chest import affine_of, chest, error_mm, moved

from thoracle.core.arrays import ByteArray
from thoracle.ct.course import Followed, SeenScan, follow
from thoracle.ct.follow_up import LUNG, Measured, Verdict, Visit
from thoracle.ct.match import Fit
from thoracle.ct.register import Coarse, coarse_view
from thoracle.ct.repeatability import Repeatability, amounts
from thoracle.ct.transitions import Labeled
from thoracle.imaging.scan import CtScan

TRUE = moved(turn_degrees=5.0, shift_mm=(8.0, -12.0, 250.0), scale=0.95)
BALLS_ML = [4 / 3 * np.pi * radius**3 / 1000 for radius in (20.0, 34.0)]
KNOWN = Repeatability(
    pairs=1,
    labeled_by="nobody",
    border_mm=dict.fromkeys(("infection", "ground_glass", "consolidation"), 0.3),
    lung_share=0.001,
)


def _seen(scan: CtScan, labels: ByteArray, day: int) -> tuple[SeenScan, Coarse]:
    found: Mapping[str, float] = {
        name: one.ml for name, one in amounts(labels, scan.spacing_mm).items()
    }
    visit = Visit(
        name=str(day),
        day=date(2020, 3, day),
        values={
            ("infection", "both"): Measured(value=found["infection"]),
            (LUNG, "both"): Measured(value=found["lung"]),
        },
        surface_mm2={
            name: one.surface_mm2 for name, one in amounts(labels, scan.spacing_mm).items()
        },
    )
    labeled = Labeled(scan=scan, label_map=labels)
    return SeenScan(visit=visit, labeled=labeled, labeled_by="x"), coarse_view(scan, labels > 0)


@pytest.fixture(scope="module")
def grown() -> Followed:
    first = _seen(*chest(radius_mm=20.0), 1)
    place = (8.0, -12.0, 250.0)
    second = _seen(*chest(TRUE, affine=affine_of(shift=place), radius_mm=34.0, seed=1), 9)
    return follow(first, second, KNOWN, threads=1)


def test_the_growth_is_told_by_numbers_and_by_place(grown: Followed) -> None:
    assert grown.match.fit is Fit.GOOD
    change = grown.step.change("infection")
    assert change.verdict is Verdict.GREW
    # The later chest is compressed to 0.95 along its axis, and its lesion with it.
    assert change.absolute == pytest.approx(0.95 * BALLS_ML[1] - BALLS_ML[0], rel=0.08)
    became = grown.became
    assert became is not None
    assert became.persistent.ml == pytest.approx(BALLS_ML[0], rel=0.1)
    assert became.new.ml == pytest.approx(BALLS_ML[1] - BALLS_ML[0], rel=0.1)
    assert became.resolved.ml < 0.1 * BALLS_ML[0]


def test_it_was_found_where_it_went_within_a_fraction_of_a_voxel(grown: Followed) -> None:
    _, labels = chest()
    assert error_mm(grown.registration.matrix, TRUE, labels) < 2.0  # of 6 mm


def test_what_does_not_lie_over_each_other_is_compared_by_numbers_only() -> None:
    first, second = _seen(*chest(), 1), _seen(*chest(seed=5), 9)
    scan, labels = chest()
    upside_down = coarse_view(scan, labels > 0)
    turned = Coarse(
        grey=upside_down.grey[:, :, ::-1].copy(),
        lungs=upside_down.lungs[:, :, ::-1].copy(),
        affine=upside_down.affine,
    )
    found = follow(first, (second[0], turned), KNOWN, threads=1)
    assert found.match.fit is Fit.FAILED
    assert (found.common, found.became) == (None, None)
    assert found.step.change("infection").verdict is Verdict.NOISE
