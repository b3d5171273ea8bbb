"""One scan from its file to its report: a phantom whose numbers are known."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from thoracle.core.errors import BundleError, ImageError
from thoracle.core.languages import Language
from thoracle.core.results import BundleReference
from thoracle.ct.types import Segmentation
from thoracle.datasets.thorax import Thorax
from thoracle.datasets.thorax_phantom import Phantom, Scanner, phantom
from thoracle.datasets.thorax_shapes import Lesion
from thoracle.imaging.sandbox import DecoderPool
from thoracle.imaging.scan import CtScan
from thoracle.imaging.trust import Trust
from thoracle.jobs.ct_files import volume_nifti
from thoracle.jobs.ct_quantify import QuantifyOptions, quantify

BALL = Lesion(center_mm=(60.0, 0.0, -75.0), half_mm=(30.0, 30.0, 30.0), core=0.7)
NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool.from_settings(workers=1) as one:
        yield one


@pytest.fixture(scope="module")
def made() -> Phantom:
    field = ((-85.0, 175.0), (-105.0, 105.0), (-150.0, 150.0))
    return phantom(Thorax(lesions=(BALL,)), Scanner(spacing_mm=(10.0, 5.0, 5.0), field_mm=field))


@pytest.fixture(scope="module")
def files(made: Phantom, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("scan")
    labels = made.segmentation.label_map
    moved = made.scan.affine.copy()
    moved[0, 3] += 5.0
    contents = {
        "scan": volume_nifti(made.scan.hu, made.scan.affine),
        "labels": volume_nifti(labels, made.scan.affine),
        "elsewhere": volume_nifti(labels, moved),
    }
    paths = {name: folder / f"{name}.nii.gz" for name in contents}
    for name, content in contents.items():
        paths[name].write_bytes(content)
    return paths


def test_given_labels_are_measured_and_all_is_written(
    made: Phantom, files: dict[str, Path], pool: DecoderPool, tmp_path: Path
) -> None:
    options = QuantifyOptions(labels=files["labels"])
    done = quantify(files["scan"], options, pool=pool)
    right = done.found.measures.region("right")
    assert right.lung_ml.value == pytest.approx(made.volumes.lung_ml[0], rel=0.01)
    assert right.percentage_of_infection.value == pytest.approx(
        100.0 * BALL.volume_ml / made.volumes.lung_ml[0], abs=0.3
    )
    assert done.found.labels.file == "labels.nii.gz"
    written = done.write(tmp_path / "out", now=lambda: NOW)
    assert [one.name for one in written] == [
        "segmentation.nii.gz", "report.html", "report.pdf", "measures.json", "measures.csv"
    ]  # fmt: skip
    content = json.loads((tmp_path / "out" / "measures.json").read_text("utf-8"))
    assert content["measures"]["regions"][0]["lung_ml"]["value"] > 5000.0
    assert "2026-11-21 12:30 UTC" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_the_written_labels_can_be_given_again(
    files: dict[str, Path], pool: DecoderPool, tmp_path: Path
) -> None:
    first = quantify(files["scan"], QuantifyOptions(labels=files["labels"]), pool=pool)
    first.write(tmp_path, now=lambda: NOW)
    again = QuantifyOptions(labels=tmp_path / "segmentation.nii.gz")
    second = quantify(files["scan"], again, pool=pool)
    assert second.found.measures == first.found.measures
    np.testing.assert_array_equal(second.segmentation.label_map, first.segmentation.label_map)


def test_labels_that_lie_elsewhere_are_refused(files: dict[str, Path], pool: DecoderPool) -> None:
    with pytest.raises(ImageError) as caught:
        quantify(files["scan"], QuantifyOptions(labels=files["elsewhere"]), pool=pool)
    assert caught.value.code == "mask-elsewhere"


def test_labels_that_are_not_there_are_an_error(files: dict[str, Path], pool: DecoderPool) -> None:
    with pytest.raises(ImageError, match=r"missing\.nii"):
        quantify(files["scan"], QuantifyOptions(labels=Path("missing.nii")), pool=pool)


def test_a_bundle_that_is_not_installed_is_told_before_the_scan_is_read(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no-such-bundle"):
        quantify(tmp_path / "nothing.nii", QuantifyOptions(bundle="no-such-bundle"))


class _Network:
    """Labels every scan as it was told; its one variant finds no lesion."""

    def __init__(self, labels: Segmentation) -> None:
        self._labels = labels
        reference = BundleReference(name="ct", version="1.0.0", digest="d" * 64)
        self.bundle = SimpleNamespace(reference=reference)

    def segment(self, _scan: CtScan) -> Segmentation:
        return self._labels

    def variants(self, _scan: CtScan) -> Iterator[Segmentation]:
        yield Segmentation(label_map=np.minimum(self._labels.label_map, 1))


@pytest.mark.parametrize("with_intervals", [True, False])
def test_without_labels_the_bundle_labels_and_its_variants_give_intervals(
    with_intervals: bool,
    made: Phantom,
    files: dict[str, Path],
    pool: DecoderPool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("thoracle.inference.bundle.open_bundle", opened.append)
    monkeypatch.setattr(
        "thoracle.ct.model.CtSegmenter", lambda _bundle, **_options: _Network(made.segmentation)
    )
    told: list[str] = []
    options = QuantifyOptions(
        bundle="mine",
        with_intervals=with_intervals,
        on_progress=lambda stage, _done, _total: told.append(stage),
    )
    found = quantify(files["scan"], options, pool=pool).found
    assert opened == ["mine"]
    assert found.labels.bundle is not None
    assert found.labels.bundle.version == "1.0.0"
    percent = found.measures.region("both").percentage_of_infection
    assert percent.low == (0.0 if with_intervals else None)
    assert percent.high == (percent.value if with_intervals else None)
    assert told[0] == "open the scan"
    assert told[-1] == "measure"


def test_grey_of_a_window_is_refused_unless_a_user_answers_for_it(
    made: Phantom, files: dict[str, Path], pool: DecoderPool, tmp_path: Path
) -> None:
    grey = np.clip((made.scan.hu.astype(float) + 1350.0) / 1500.0, 0.0, 1.0) * 4095.0
    path = tmp_path / "grey.nii.gz"
    path.write_bytes(volume_nifti(np.round(grey).astype(np.int16), made.scan.affine))
    with pytest.raises(ImageError, match="assume-window"):
        quantify(path, QuantifyOptions(labels=files["labels"]), pool=pool)
    trusted = QuantifyOptions(labels=files["labels"], trust=Trust(assume_window=(-1350.0, 150.0)))
    found = quantify(path, trusted, pool=pool).found
    assert found.measures.densities is None
    assert found.scan.assumptions


def test_the_report_is_of_the_language_that_was_asked_for(
    files: dict[str, Path], pool: DecoderPool, tmp_path: Path
) -> None:
    done = quantify(files["scan"], QuantifyOptions(labels=files["labels"]), pool=pool)
    done.write(
        tmp_path, language=Language("pt", {"Both lungs": "Ambos os pulmões"}), now=lambda: NOW
    )
    assert "Ambos os pulmões" in (tmp_path / "report.html").read_text("utf-8")
