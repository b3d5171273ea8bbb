"""A grid is turned to the patient without changing a value, and a tilt is undone."""

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from thoracle.core.errors import ImageError
from thoracle.imaging.hounsfield import Hounsfield
from thoracle.imaging.scan import ScanFacts
from thoracle.imaging.scan_grid import Grid, build_scan, oblique_degrees, straighten, turn

Thorax = Callable[..., NDArray[np.int16]]
AFFINE = np.array([[6.0, 0, 0, -70], [0, 7.0, 0, -60], [0, 0, 8.0, -300], [0, 0, 0, 1.0]])


def stored(
    hu: NDArray[np.int16], order: tuple[int, ...], flips: tuple[bool, ...]
) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """Store (slices, rows, columns) LPS otherwise; return the voxels and their affine."""
    voxels = hu.T.transpose(order)  # now (first, second, third) index of the affine
    affine = AFFINE[:, [*order, 3]].copy()
    for axis, is_flipped in enumerate(flips):
        if is_flipped:
            voxels = np.flip(voxels, axis)
            affine[:3, 3] += affine[:3, axis] * (voxels.shape[axis] - 1)
            affine[:3, axis] *= -1
    return voxels.T, affine


ALL_48 = list(
    itertools.product(itertools.permutations(range(3)), itertools.product((False, True), repeat=3))
)


def test_all_orientations_are_turned_to_the_same_grid(thorax: Thorax) -> None:
    hu = thorax()
    for order, flips in ALL_48:
        voxels, affine = stored(hu, order, flips)
        found, told = turn(Grid(hu=voxels, affine=affine))
        assert np.array_equal(found.hu, hu)
        assert np.allclose(found.affine, AFFINE)
        assert found.hu.flags.c_contiguous
        expected = {0: ["scan-not-axial"], 1: ["scan-not-axial"], 2: []}[order[2]]
        assert [one.code for one in told] == expected
    assert len(ALL_48) == 48


def test_coronal_and_sagittal_slices_are_called_so(thorax: Thorax) -> None:
    for order, name in (((0, 2, 1), "coronal"), ((1, 2, 0), "sagittal")):
        voxels, affine = stored(thorax(), order, (False, True, False))
        assert name in turn(Grid(hu=voxels, affine=affine))[1][0].text


def rolled(degrees: float) -> NDArray[np.float64]:
    """Return the affine of slices turned about the patient's left-right axis."""
    angle = math.radians(degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    turned = np.eye(4)
    turned[1:3, 1:3] = [[cos, -sin], [sin, cos]]
    affine: NDArray[np.float64] = turned @ AFFINE
    return affine


@pytest.mark.parametrize(("degrees", "codes"), [(4.0, []), (12.0, ["scan-slanted"])])
def test_slanted_slices_keep_their_own_axes(
    degrees: float, codes: list[str], thorax: Thorax
) -> None:
    grid = Grid(hu=thorax(), affine=rolled(degrees))
    assert straighten(grid) == (grid, None)
    found, told = turn(grid)
    assert np.array_equal(found.hu, grid.hu)
    assert oblique_degrees(found.affine) == pytest.approx(degrees)
    assert [one.code for one in told] == codes


def test_slices_that_lie_in_no_plane_of_the_body_are_refused(thorax: Thorax) -> None:
    with pytest.raises(ImageError) as error:
        turn(Grid(hu=thorax(), affine=rolled(37.0)))
    assert error.value.code == "scan-oblique"


def tilted_ball(degrees: float, *, radius_mm: float = 22.0) -> Grid:
    """Image a ball of 40 HU in air with a tilted gantry, whose table moves along the body."""
    angle = math.radians(degrees)
    affine = np.eye(4)
    affine[:3, 0] = (1.5, 0, 0)
    affine[:3, 1] = (0, 1.5 * math.cos(angle), 1.5 * math.sin(angle))
    affine[:3, 2] = (0, 0, 2.0)
    center = affine @ (20, 20, 20, 1)
    k, r, c = np.mgrid[0:41, 0:41, 0:41]
    places = np.stack([c, r, k, np.ones_like(c)], -1) @ affine.T
    inside = np.linalg.norm(places[..., :3] - center[:3], axis=-1) <= radius_mm
    return Grid(hu=np.where(inside, 40, -1000).astype(np.int16), affine=affine)


@pytest.mark.parametrize("degrees", [-24.0, -10.0, 10.0, 24.0])
def test_a_tilted_gantry_is_undone_in_the_place_where_the_ball_is(degrees: float) -> None:
    grid = tilted_ball(degrees)
    found, told = straighten(grid)
    assert told is not None
    assert told.code == "scan-tilted"
    assert f"{abs(degrees):.1f}°" in told.text
    through = found.affine[:3, 2]
    assert abs(through @ found.affine[:3, 1]) < 1e-9
    # Partial voxels count in part.
    share = (found.hu.astype(np.float64) + 1000) / 1040
    volume = share.sum() * np.prod(found.spacing_mm)
    assert volume == pytest.approx(4 / 3 * math.pi * 22**3, rel=0.01)
    index = [float((share * axis).sum() / share.sum()) for axis in np.indices(share.shape)]
    place = found.affine @ (*index[::-1], 1.0)
    assert np.allclose(place, grid.affine @ (20, 20, 20, 1), atol=0.05)
    # Round again: as far from its middle in every direction.
    edge = share.max(axis=(1, 2)) > 0.5, share.max(axis=(0, 2)) > 0.5, share.max(axis=(0, 1)) > 0.5
    sides = [flag.sum() * mm for flag, mm in zip(edge, found.spacing_mm, strict=True)]
    assert np.allclose(sides, 44.0, atol=3.0)


def test_a_drift_within_rounding_is_left_alone(thorax: Thorax) -> None:
    affine = AFFINE.copy()
    affine[1, 2] = 0.2  # 2.2 mm over the stack, of rows of 7 mm
    grid = Grid(hu=thorax(), affine=affine)
    assert straighten(grid) == (grid, None)


@pytest.mark.parametrize(
    ("row", "column", "value"), [(0, 2, 3.0), (1, 2, 7.0), (0, 1, 1.0)]
)  # sideways, too steep, rows not perpendicular
def test_what_no_gantry_does_is_refused(
    row: int, column: int, value: float, thorax: Thorax
) -> None:
    affine = AFFINE.copy()
    affine[row, column] = value
    with pytest.raises(ImageError) as error:
        straighten(Grid(hu=thorax(), affine=affine))
    assert error.value.code == "scan-sheared"


def test_a_scan_holds_all_that_was_told(thorax: Thorax) -> None:
    from thoracle.core.results import Reason

    first, second, third = (Reason(code=f"scan-{one}", text=one) for one in "abc")
    voxels, affine = stored(thorax(), (0, 2, 1), (False, False, False))
    scan = build_scan(
        Hounsfield(hu=voxels, window_hu=(-1350, 150), assumptions=(first,), warnings=(second,)),
        affine,
        facts=ScanFacts(format="DICOM", files=2),
        digests=["a", "b"],
        told=((third,), (third,)),
    )
    assert scan.spacing_mm == (8.0, 7.0, 6.0)
    assert scan.assumptions == (third, first)
    assert [one.code for one in scan.warnings] == ["scan-c", "scan-not-axial", "scan-b"]
    assert scan.window_hu == (-1350, 150)
    assert len(scan.sha256) == 64
