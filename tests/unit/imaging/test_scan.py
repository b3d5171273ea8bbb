"""A scan knows the volume of its voxels and whether its HU are the files' own."""

from dataclasses import replace

import numpy as np
import pytest

from thoracle.imaging.scan import CtScan, ScanFacts


def test_a_voxel_has_a_volume_and_a_windowed_scan_no_hu_of_its_own() -> None:
    scan = CtScan(
        hu=np.zeros((2, 3, 4), np.int16),
        spacing_mm=(5.0, 0.5, 0.8),
        affine=np.eye(4),
        sha256="0" * 64,
        facts=ScanFacts(format="NIfTI", files=1),
    )
    assert scan.voxel_ml == pytest.approx(0.002)
    assert scan.has_hu
    assert not replace(scan, window_hu=(-1350.0, 150.0)).has_hu
