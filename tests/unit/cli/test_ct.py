"""`thoracle ct check` prints what a scan is, or every reason why it is refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from thoracle.cli.main import app

RUNNER = CliRunner()
Files = Callable[..., list[bytes]]


@pytest.fixture
def hu(thorax: Callable[..., NDArray[np.int16]]) -> NDArray[np.int16]:
    return thorax()


def write(folder: Path, files: list[bytes]) -> Path:
    for number, content in enumerate(files):
        (folder / f"{number}.dcm").write_bytes(content)
    return folder


def test_a_series_is_described(tmp_path: Path, hu: NDArray[np.int16], ct_files: Files) -> None:
    folder = write(tmp_path, ct_files(hu, ConvolutionKernel="B60f", LossyImageCompression="01"))
    found = RUNNER.invoke(app, ["ct", "check", str(folder)])
    assert found.exit_code == 0, found.output
    for line in (
        "DICOM, 12 files",
        "12 slices (feet to head) × 20 rows (front to back) × 24 columns (patient's right to left)",
        "voxels of 8 × 7 × 6 mm",
        "96 × 140 × 144 mm in all",
        "kernel: B60f",
        "warning: The slices were compressed with loss",
    ):
        assert line in found.output
    assert "someone" not in found.output  # who the patient is


def test_a_refusal_prints_every_reason(
    tmp_path: Path, hu: NDArray[np.int16], ct_files: Files
) -> None:
    folder = write(tmp_path, ct_files(hu, Modality="NM", ImagePositionPatient=None))
    found = RUNNER.invoke(app, ["ct", "check", str(folder)])
    assert found.exit_code == 1
    assert "[scan-no-position]" in found.stderr
    assert "[scan-not-ct]" in found.stderr


def test_a_user_takes_responsibility_and_the_scan_says_so(
    tmp_path: Path, hu: NDArray[np.int16], ct_files: Files
) -> None:
    grey = np.rint(np.clip((hu + 1350) / 1500, 0, 1) * 2000).astype(np.int16)
    elements = dict.fromkeys(("ImagePositionPatient", "ImageOrientationPatient"))
    folder = write(tmp_path, ct_files(grey, RescaleIntercept=-1100, **elements))
    options = ["--assume-window", "-1350", "150", "--slice-spacing", "-6", "--series", "1.2.3.4"]
    found = RUNNER.invoke(app, ["ct", "check", str(folder), *options, "--grey-range", "0", "2000"])
    assert found.exit_code == 0, found.output + found.stderr
    assert "HU of an assumed window, -1350 to 150" in found.output
    assert "assumed: HU were read back from grey" in found.output
    assert "Instance Number rises towards the feet" in found.output
