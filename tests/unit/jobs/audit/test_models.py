"""What an audit opens."""

import shutil
from pathlib import Path

import pytest

import thoracle
from thoracle.core.errors import BundleError
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.audit.models import classifier_explainers, installed_explainers, open_models


def test_the_classifier_comes_with_the_lungs_and_the_gate_in_use(bundles: Path) -> None:
    models = open_models(open_bundle("radiograph"))
    assert models.classifier.bundle.name == "radiograph"
    assert models.lungs.bundle.folder == bundles / "lungs"
    assert models.gate.bundle.folder == bundles / "gate"
    names = [one.name for one in classifier_explainers(models.classifier)]
    assert names == [
        "last/gradcam", "last/gradcam++", "early/gradcam", "early/gradcam++", "occlusion",
    ]  # fmt: skip


def test_the_anomaly_map_is_there_where_its_bundle_is(bundles: Path) -> None:
    classifier = open_models(open_bundle("radiograph")).classifier
    without = [one.name for one in installed_explainers(classifier)]
    shipped = Path(str(thoracle.__file__)).parent / "bundles" / "anomaly"
    shutil.copytree(shipped, bundles / "anomaly", dirs_exist_ok=True)
    assert [one.name for one in installed_explainers(classifier)][-1] == "anomaly"
    assert without == [one.name for one in classifier_explainers(classifier)]


def test_a_bundle_of_another_task_is_refused(bundles: Path) -> None:
    with pytest.raises(BundleError, match="classifier"):
        open_models(open_bundle("gate"))
