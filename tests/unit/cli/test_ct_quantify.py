"""`thoracle ct quantify` prints a short table and writes the report."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.ct.quantify import measure
from thoracle.datasets.thorax import Thorax
from thoracle.datasets.thorax_phantom import Scanner, phantom
from thoracle.datasets.thorax_shapes import Lesion
from thoracle.jobs.ct_files import volume_nifti

RUNNER = CliRunner()
BALL = Lesion(center_mm=(60.0, 0.0, -75.0), half_mm=(30.0, 30.0, 30.0), core=0.7)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scan that is cut at the base, its labels, and the numbers that must be printed."""
    field = ((-40.0, 175.0), (-105.0, 105.0), (-150.0, 150.0))
    made = phantom(Thorax(lesions=(BALL,)), Scanner(spacing_mm=(10.0, 5.0, 5.0), field_mm=field))
    folder = tmp_path_factory.mktemp("ct")
    (folder / "scan.nii.gz").write_bytes(volume_nifti(made.scan.hu, made.scan.affine))
    labels = volume_nifti(made.segmentation.label_map, made.scan.affine)
    (folder / "labels.nii.gz").write_bytes(labels)
    found = measure(made.scan, made.segmentation).region("right")
    (folder / "lung").write_text(f"≥ {found.lung_ml.value:.1f}", "utf-8")
    (folder / "percent").write_text(f"{found.percentage_of_infection.value:.1f}", "utf-8")
    return folder


def test_the_table_says_each_lung_and_the_files_are_named(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = RUNNER.invoke(
        app,
        [
            "ct", "quantify", str(folder / "scan.nii.gz"),
            "--labels", str(folder / "labels.nii.gz"), "--out", str(out),
        ],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    right = next(line for line in done.output.splitlines() if line.strip().startswith("right"))
    assert (folder / "lung").read_text("utf-8") in right
    assert right.endswith((folder / "percent").read_text("utf-8"))
    assert "lesions: 1" in done.output
    assert "cuts the lungs over" in done.output
    assert str(out / "report.pdf") in done.output
    assert (out / "measures.csv").exists()


def test_an_unknown_language_is_told(folder: Path) -> None:
    done = RUNNER.invoke(app, ["ct", "quantify", str(folder / "scan.nii.gz"), "--language", "xx"])
    assert done.exit_code == 2
    assert "expected en or pt" in done.output
