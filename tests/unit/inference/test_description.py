"""The description: written with the digest of every file beside it."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from thoracle.core.errors import BundleError
from thoracle.inference.description import read_description, write_description


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "network.onnx").write_bytes(b"network")
    (tmp_path / "MODEL_CARD.md").write_bytes(b"card")
    return tmp_path


def test_every_file_gets_its_digest_and_the_license_and_schema_are_added(folder: Path) -> None:
    write_description(folder, {"name": "one", "temperature": 1.5})
    table = tomllib.loads((folder / "bundle.toml").read_text("utf-8"))
    assert table["files"] == {
        "MODEL_CARD.md": hashlib.sha256(b"card").hexdigest(),
        "network.onnx": hashlib.sha256(b"network").hexdigest(),
    }
    assert table["schema"] == 1
    assert table["license"] == "CC BY-NC-SA 4.0"
    assert (table["name"], table["temperature"]) == ("one", 1.5)


def test_writing_again_what_was_read_takes_fresh_digests(folder: Path) -> None:
    write_description(folder, {"name": "one"})
    first = read_description(folder)
    (folder / "MODEL_CARD.md").write_bytes(b"another card")
    write_description(folder, first | {"license": "MIT"})
    second = read_description(folder)
    assert second["files"]["MODEL_CARD.md"] == hashlib.sha256(b"another card").hexdigest()
    assert second["files"]["network.onnx"] == first["files"]["network.onnx"]
    assert second["license"] == "MIT"


def test_an_unfinished_bundle_has_an_empty_description(tmp_path: Path) -> None:
    assert read_description(tmp_path) == {}


def test_a_folder_inside_is_refused(folder: Path) -> None:
    (folder / "inner").mkdir()
    with pytest.raises(BundleError, match="found a folder inside"):
        write_description(folder, {})
