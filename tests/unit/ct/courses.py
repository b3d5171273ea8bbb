"""A course of the small chest, laid over each other without a search, for the reports."""

from datetime import date
from functools import lru_cache
from itertools import pairwise

import numpy as np
from tests.unit.ct.chest import chest

from thoracle.core.results import Reason
from thoracle.ct.course import Course, Followed, SeenScan
from thoracle.ct.follow_up import ALL, LUNG, POI, Key, Measured, Visit, step
from thoracle.ct.match import match_of
from thoracle.ct.overlap import Overlap
from thoracle.ct.register import Registration
from thoracle.ct.repeatability import LESIONS, Repeatability, amounts
from thoracle.ct.transitions import Labeled, on_common_grid, transitions

KNOWN = Repeatability(
    pairs=1,
    labeled_by="nobody",
    border_mm=dict.fromkeys(LESIONS, 0.3),
    lung_share=0.001,
)


def seen_scan(day: int, radius_mm: float, *, seed: int = 1) -> SeenScan:
    """Return the small chest with a ball of ground glass, measured."""
    scan, labels = chest(radius_mm=radius_mm, seed=seed)
    found = amounts(labels, scan.spacing_mm)
    lung = found["lung"].ml
    values: dict[Key, Measured] = {
        (POI, ALL): Measured(value=100 * found["infection"].ml / lung, low=0.0, high=9.0),
        (LUNG, ALL): Measured(value=lung),
        (POI, "right"): Measured(value=200 * found["infection"].ml / lung),
        ("infection", "right"): Measured(value=found["infection"].ml),
        (LUNG, "right"): Measured(value=lung / 2),
    }
    values |= {(name, ALL): Measured(value=found[name].ml) for name in LESIONS}
    return SeenScan(
        visit=Visit(
            name=f"scan <{day}>",
            day=date(2020, 3, day),
            values=values,
            surface_mm2={name: found[name].surface_mm2 for name in LESIONS},
        ),
        labeled=Labeled(scan=scan, label_map=labels),
        labeled_by="given labels",
        assumptions=(Reason(code="made-up", text="The window was assumed."),),
    )


def followed(first: SeenScan, second: SeenScan, *, dice: float = 0.97) -> Followed:
    """Lay two scans over each other as they lie; below a Dice of 0.9 they do not."""
    over = Overlap(
        dice=dice, surface_mm=0.5 if dice else np.inf, surface_p95_mm=2.0, correlation=dice
    )
    found = Registration(
        matrix=np.eye(4),
        before=over,
        after=over,
        volume_ratio=1.0,
        stretch=(1.0, 1.0),
        rotation_degrees=0.0,
        mirrored=None,
    )
    common = on_common_grid(first.labeled, second.labeled, found.matrix, error_mm=0.5)
    fits = dice >= 0.9
    return Followed(
        step=step(first.visit, second.visit, KNOWN),
        registration=found,
        match=match_of(found),
        common=common if fits else None,
        became=transitions(common) if fits else None,
    )


@lru_cache
def course(*, radii: tuple[float, ...] = (20.0, 34.0), dice: float = 0.97) -> Course:
    """Return a course with a scan every eighth day."""
    scans = [seen_scan(1 + 8 * at, radius) for at, radius in enumerate(radii)]
    return Course(
        scans=tuple(scans),
        steps=tuple(followed(a, b, dice=dice) for a, b in pairwise(scans)),
        overall=step(scans[0].visit, scans[-1].visit, KNOWN) if len(scans) > 2 else None,
        repeatability=KNOWN,
        bundle=None,
        software_version="0",
    )
