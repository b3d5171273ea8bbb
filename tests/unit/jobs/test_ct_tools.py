"""What reads scans here: the measures as JSON, and whether there is a network."""

import json
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import ImageError
from thoracle.ct.measures import measures_from_json
from thoracle.ct.types import Segmentation
from thoracle.imaging.scan import CtScan, ScanFacts
from thoracle.imaging.trust import Trust
from thoracle.jobs import ct_tools
from thoracle.jobs.ct_tools import CT_BUNDLE, has_ct, measures_of


def test_measures_are_json_that_can_be_read_back() -> None:
    labels = np.zeros((4, 20, 20), np.uint8)
    labels[:, 5:15, 3:8] = labels[:, 5:15, 12:17] = 1
    labels[1:3, 7:10, 4:6] = 2
    scan = CtScan(
        hu=np.where(labels > 0, -850, 40).astype(np.int16),
        spacing_mm=(5.0, 5.0, 5.0),
        affine=np.diag([5.0, 5.0, 5.0, 1.0]),
        sha256="a" * 64,
        facts=ScanFacts(format="NIfTI", files=1),
    )
    document = measures_of(scan, Segmentation(label_map=labels), ())
    region = measures_from_json(json.loads(json.dumps(document))).region("both")
    assert region.lung_ml.value == pytest.approx(400 * 0.125)
    assert region.percentage_of_infection.value == pytest.approx(100 * 12 / 400)


def test_a_network_is_there_where_its_bundle_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ct_tools, "list_bundles", list)
    assert not has_ct()
    monkeypatch.setattr(ct_tools, "list_bundles", lambda: [tmp_path / CT_BUNDLE])
    assert has_ct()


def test_a_file_that_is_no_scan_is_refused_in_the_sandbox(tmp_path: Path) -> None:
    path = tmp_path / "scan.nii"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(ImageError):
        ct_tools._opened(path, Trust(), None)
