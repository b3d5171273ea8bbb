"""A scan is labeled by a file or thresholds, classified, and told what that is worth."""

import json
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.arrays import ByteArray
from thoracle.ct.case import CASE_INPUT, CaseAnswer, answer_of
from thoracle.datasets.thorax import Thorax
from thoracle.datasets.thorax_phantom import Phantom, Scanner, phantom
from thoracle.datasets.thorax_shapes import Lesion
from thoracle.imaging.sandbox import DecoderPool
from thoracle.imaging.scan import CtScan
from thoracle.inference.bundle import Bundle
from thoracle.jobs import ct_classify as module
from thoracle.jobs.ct_classify import (
    ClassifyOptions,
    cautions_of,
    classify_scan,
    labels_by_thresholds,
)
from thoracle.jobs.ct_files import volume_nifti

BALL = Lesion(center_mm=(60.0, 0.0, -75.0), half_mm=(30.0, 30.0, 30.0), core=0.7)
COUNTS = {"patients_covid": 6.0, "patients_other": 1.0, "patients_healthy": 1.0}


def _bundle(numbers: dict[str, float]) -> Bundle:
    return Bundle(
        folder=Path("nowhere"), name="ct-case", version="1", task="ct_case", license="",
        intended_use="", population="", labels=(), input_size=48, input_form=CASE_INPUT,
        temperature=1.0, map_layers=(), map_scale={}, numbers=numbers, training={}, digest="d",
    )  # fmt: skip


class _Classifier:
    """Remembers the labels that it was given, and finds nothing in them."""

    seen: ByteArray

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    def classify(self, _scan: CtScan, label_map: ByteArray) -> CaseAnswer:
        """Return no answer."""
        type(self).seen = label_map
        return answer_of(np.zeros((0, 3)), [])


@pytest.fixture(scope="module")
def made() -> Phantom:
    """A small scan of a thorax with one ball."""
    return phantom(Thorax(lesions=(BALL,)), Scanner(spacing_mm=(10.0, 4.0, 4.0)))


@pytest.fixture
def scan(made: Phantom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The scan and its labels as files."""
    monkeypatch.setattr(module, "open_bundle", lambda _name: _bundle(COUNTS))
    monkeypatch.setattr(module, "CaseClassifier", _Classifier)
    affine = made.scan.affine
    (tmp_path / "labels.nii.gz").write_bytes(volume_nifti(made.segmentation.label_map, affine))
    (tmp_path / "scan.nii.gz").write_bytes(volume_nifti(made.scan.hu, affine))
    return tmp_path / "scan.nii.gz"


def test_given_labels_are_used_as_they_are(made: Phantom, scan: Path) -> None:
    options = ClassifyOptions(labels=scan.parent / "labels.nii.gz")
    with DecoderPool.from_settings() as pool:
        found = classify_scan(scan, options, pool)
    assert (_Classifier.seen == made.segmentation.label_map).all()
    assert found.labeled_by == "labels.nii.gz"
    document = json.loads(json.dumps(found.document))
    assert document["kind"] is None
    assert document["pooled"]["noisy_or"] == {"COVID-19": 0.0, "other pneumonia": 0.0}
    assert document["pooled"]["mean"] == {"COVID-19": None, "other pneumonia": None}
    assert document["provenance"]["bundle"] == "ct-case 1"
    assert "1 with other pneumonia" in document["cautions"][0]


def test_thresholds_label_on_the_scans_own_grid(made: Phantom, scan: Path) -> None:
    with DecoderPool.from_settings() as pool:
        found = classify_scan(scan, ClassifyOptions(by_thresholds=True), pool)
    assert found.labeled_by == "thresholds"
    assert _Classifier.seen.shape == made.scan.hu.shape
    true = made.segmentation.label_map
    both = ((_Classifier.seen >= 2) & (true >= 2)).sum()
    assert both > 0.5 * (true >= 2).sum()
    assert (_Classifier.seen == labels_by_thresholds(made.scan)).mean() > 0.999


def test_many_patients_and_a_networks_labels_leave_one_caution() -> None:
    many = dict.fromkeys(COUNTS, 50.0)
    assert len(cautions_of(_bundle(many), labeled_by="ct")) == 1
    assert len(cautions_of(_bundle(COUNTS), labeled_by="ct")) == 2
    assert "vessels" in cautions_of(_bundle(COUNTS), labeled_by="thresholds")[2]
