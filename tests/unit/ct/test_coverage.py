"""Where lungs are cut off: each edge on its own, and a round field."""

from dataclasses import replace

import numpy as np
import pytest

from thoracle.ct.coverage import find_cuts
from thoracle.ct.sides import RIGHT, Sides, find_sides
from thoracle.datasets.thorax import Thorax
from thoracle.datasets.thorax_phantom import Scanner, phantom
from thoracle.imaging.scan import CtScan, ScanFacts


def scan_of(shape: tuple[int, int, int], hu: int = 0) -> CtScan:
    """A scan with voxels of 5 × 2 × 1 mm."""
    return CtScan(
        hu=np.full(shape, hu, np.int16),
        spacing_mm=(5.0, 2.0, 1.0),
        affine=np.eye(4),
        sha256="0" * 64,
        facts=ScanFacts(format="NIfTI", files=1),
    )


@pytest.mark.parametrize(
    ("edge", "at", "face_mm2"),
    [
        ("feet", (0, 3, 3), 2.0),
        ("head", (-1, 3, 3), 2.0),
        ("front", (3, 0, 3), 5.0),
        ("back", (3, -1, 3), 5.0),
        ("right", (3, 3, 0), 10.0),
        ("left", (3, 3, -1), 10.0),
    ],
)
def test_each_edge_is_told_with_the_area_of_its_faces(
    edge: str, at: tuple[int, int, int], face_mm2: float
) -> None:
    labels = np.zeros((7, 7, 7), np.uint8)
    labels[3, 3, 3] = labels[at] = 1
    sides = Sides(side_map=labels * RIGHT, junction_mm=0.0)
    (cut,) = find_cuts(labels, scan_of((7, 7, 7)), sides)
    assert (cut.edge, cut.sides) == (edge, ("right",))
    assert cut.area_cm2 == pytest.approx(face_mm2 / 100.0)


def test_a_lung_inside_the_scan_is_cut_nowhere() -> None:
    labels = np.zeros((5, 5, 5), np.uint8)
    labels[1:4, 1:4, 1:4] = 1
    assert find_cuts(labels, scan_of((5, 5, 5)), None) == ()


def test_unknown_sides_stay_unknown() -> None:
    (cut,) = find_cuts(np.ones((1, 1, 1), np.uint8), scan_of((1, 1, 1)), None)[:1]
    assert cut.sides == ()


def test_a_round_field_that_ends_in_the_lungs_is_seen_by_its_padding() -> None:
    scanner = Scanner(
        spacing_mm=(10.0, 4.0, 4.0),
        field_mm=((-80.0, 170.0), (-125.0, 125.0), (-125.0, 125.0)),
        is_round=True,
    )
    made = phantom(Thorax(), scanner)
    labels = made.segmentation.label_map * (made.scan.hu > -1500)
    sides = find_sides(labels, spacing_mm=scanner.spacing_mm)
    found = {cut.edge: cut for cut in find_cuts(labels, made.scan, sides)}
    assert found["field"].sides == ("right", "left")
    assert found["field"].area_cm2 > 10.0
    grey = replace(made.scan, window_hu=(-1350.0, 150.0))  # padding cannot be told from black
    assert "field" not in {cut.edge for cut in find_cuts(labels, grey, sides)}
