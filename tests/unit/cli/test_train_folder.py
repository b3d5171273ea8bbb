"""`thoracle train folder` is NAGPUR's script."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.core.errors import ManifestError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for column, name in enumerate(("covid", "normal")):
        (tmp_path / "dataset" / name).mkdir(parents=True)
        for number in range(20):
            pixels = rng.integers(0, 80, (40, 40), dtype=np.uint8)
            pixels[:20, 20 * column : 20 * column + 20] += 150
            path = tmp_path / "dataset" / name / f"{name}{number:03d}_film.png"
            Image.fromarray(pixels).save(path)
    return tmp_path / "dataset"


def test_two_folders_lead_to_a_report_a_plot_and_a_network(folder: Path) -> None:
    words = ["train", "folder", str(folder), "--network", "middlemore-cnn", "--size", "32"]
    words += ["--epochs", "6", "--patient-pattern", "^([a-z]+[0-9]+)_"]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0
    begun = "middlemore-cnn began with random weights; all of its layers were trained."
    for said in (
        begun,
        "| covid |",
        "accuracy: ",
        "sensitivity of covid: ",
        "specificity of covid: ",
    ):
        assert said in result.output
    assert (folder.parent / "plot.png").is_file()
    assert (folder.parent / "covid19.onnx").is_file()


def test_a_folder_without_classes_is_told_what_to_do(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["train", "folder", str(tmp_path)])
    assert isinstance(result.exception, ManifestError)
    assert "expected one for each of at least two classes" in str(result.exception)
