"""Collections are read by name."""

from pathlib import Path

import pytest

from thoracle.core.errors import ManifestError
from thoracle.datasets.readers.registry import READERS, read_source


def test_the_five_collections_have_readers() -> None:
    assert set(READERS) == {"cohen", "cxnet", "figure1", "kermany", "nih"}


def test_a_collection_is_read_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "NORMAL").mkdir()
    (tmp_path / "NORMAL/IM-0001-0001.jpg").write_bytes(b"x")
    (film,) = read_source("kermany", tmp_path)
    assert film.path == str((tmp_path / "NORMAL/IM-0001-0001.jpg").resolve())


def test_an_unknown_name_lists_those_expected(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="expected one of cohen, cxnet") as caught:
        read_source("rsna", tmp_path)
    assert caught.value.code == "source-unknown"
