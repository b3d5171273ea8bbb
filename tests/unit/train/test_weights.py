"""Weights come back as they were kept; a file that holds none is told in one line."""

from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from thoracle.core.errors import RecipeError
from thoracle.train.weights import read_weights


def test_tensors_come_back_by_name(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_file({"head.bias": torch.tensor([1.0, 2.0])}, path)
    found = read_weights(path)
    assert list(found) == ["head.bias"]
    assert found["head.bias"].tolist() == [1.0, 2.0]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"found no file .*w\.safetensors") as caught:
        read_weights(tmp_path / "w.safetensors")
    assert caught.value.code == "weights-missing"


@pytest.mark.parametrize("kind", ["picture", "empty", "cut"])
def test_a_file_of_another_kind_or_a_damaged_one_is_one_line(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "note.png"
    if kind == "picture":
        Image.new("L", (4, 4)).save(path)
    elif kind == "cut":
        save_file({"a": torch.zeros(50)}, path)
        path.write_bytes(path.read_bytes()[:-8])
    else:
        path.touch()
    with pytest.raises(RecipeError, match=r"cannot be read as safetensors \(.+\) –") as caught:
        read_weights(path)
    assert caught.value.code == "weights-unreadable"
    assert "\n" not in caught.value.text
