"""A segmenter finds what its network finds, wherever the scan's voxels lie."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.arrays import ByteArray
from thoracle.core.errors import BundleError
from thoracle.ct.model import VARIATIONS, CtSegmenter
from thoracle.ct.tiles import Tiling
from thoracle.imaging.scan import CtScan, ScanFacts
from thoracle.inference.bundle import Bundle, open_bundle


@pytest.fixture
def bundle(ct_bundle: Callable[..., Path]) -> Bundle:
    """A network that labels by grey alone."""
    return open_bundle(str(ct_bundle()))


def _chest(spacing_mm: tuple[float, float, float]) -> tuple[CtScan, ByteArray]:
    """Two lungs of −800 HU in a body of 120 HU, 40 ml of ground glass of −350 HU in the left."""
    shape = tuple(round(side / mm) for side, mm in zip((180, 240, 300), spacing_mm, strict=True))
    slices, rows, columns = (
        (np.arange(side) + 0.5) * mm for side, mm in zip(shape, spacing_mm, strict=True)
    )

    def brick(*ends: tuple[float, float]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        (a, b), (c, d), (e, f) = ends
        flat = ((rows > c) & (rows < d))[:, None] & ((columns > e) & (columns < f))
        return ((slices > a) & (slices < b))[:, None, None] & flat

    hu = np.full(shape, -1000, np.int16)
    hu[brick((0, 180), (20, 220), (20, 280))] = 120
    right = brick((30, 150), (60, 160), (50, 130))
    left = brick((30, 150), (60, 160), (170, 250))
    glass = brick((60, 100), (90, 130), (200, 225))
    hu[right | left] = -800
    hu[glass] = -350
    label_map = (right | left).astype(np.uint8)
    label_map[glass] = 2
    scan = CtScan(
        hu=hu,
        spacing_mm=spacing_mm,
        affine=np.diag([spacing_mm[2], spacing_mm[1], spacing_mm[0], 1.0]),
        sha256="0" * 64,
        facts=ScanFacts(format="NIfTI", files=1),
    )
    return scan, label_map


@pytest.mark.parametrize("spacing_mm", [(5.0, 3.0, 3.0), (2.5, 2.0, 2.2), (6.0, 1.9, 1.9)])
def test_lungs_and_ground_glass_are_found_with_their_volumes(
    bundle: Bundle, spacing_mm: tuple[float, float, float]
) -> None:
    scan, label_map = _chest(spacing_mm)
    found = CtSegmenter(bundle, threads=1).segment(scan).label_map
    assert found.shape == scan.hu.shape
    assert found.dtype == np.uint8
    # A network by grey alone takes the rims of lungs for altered: they are half air.
    assert (found > 0).sum() == pytest.approx((label_map > 0).sum(), rel=0.15)
    assert (found[label_map == 2] == 2).mean() > 0.7
    both = ((found > 0) & (label_map > 0)).sum()
    assert 2 * both / ((found > 0).sum() + (label_map > 0).sum()) > 0.92


def test_the_air_around_the_body_is_no_lung(bundle: Bundle) -> None:
    scan, _label_map = _chest((5.0, 3.0, 3.0))
    found = CtSegmenter(bundle, threads=1).segment(scan).label_map
    assert not found[:, 0].any()
    assert not found[..., 0].any()


def test_tiles_do_not_change_what_a_network_by_grey_alone_says(bundle: Bundle) -> None:
    scan, _label_map = _chest((5.0, 3.0, 3.0))
    small = Tiling(tile=(4, 32, 48), step=(4, 16, 16), overlap=0.5)
    whole = CtSegmenter(bundle, threads=1).segment(scan).label_map
    cut = CtSegmenter(bundle, threads=1, tiling=small).segment(scan).label_map
    assert (whole != cut).mean() < 1e-4


def test_variants_differ_by_grey_and_not_by_side(bundle: Bundle) -> None:
    scan, _label_map = _chest((5.0, 3.0, 3.0))
    segmenter = CtSegmenter(bundle, threads=1)
    plain = segmenter.segment(scan).label_map
    variants = [one.label_map for one in segmenter.variants(scan)]
    assert len(variants) == len(VARIATIONS)
    np.testing.assert_array_equal(variants[0], plain)
    volumes = [int((one > 0).sum()) for one in variants]
    assert volumes[1] >= volumes[0] >= volumes[2]  # a darker scan has more lung


def test_a_body_without_lungs_is_all_background(bundle: Bundle) -> None:
    scan, _label_map = _chest((5.0, 3.0, 3.0))
    solid = replace(scan, hu=np.full_like(scan.hu, 130))
    assert not CtSegmenter(bundle, threads=1).segment(solid).label_map.any()


def test_a_bundle_of_another_task_or_input_is_refused(ct_bundle: Callable[..., Path]) -> None:
    with pytest.raises(BundleError, match="expected task 'ct_segmentation'"):
        CtSegmenter(open_bundle(str(ct_bundle(task="lungs"))))
    with pytest.raises(BundleError, match="expected 'lung window"):
        CtSegmenter(open_bundle(str(ct_bundle(form="another window", place="other"))))
