"""Out-of-fold risks come back as they were written, and a file that cannot be such is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.out_of_fold import (
    ARRAYS,
    OutOfFold,
    read_out_of_fold,
    write_out_of_fold,
)

TOLD = OutOfFold(
    model="network",
    patient=("a", "b", "b"),
    index_h=np.array([24.0, 24.0, 72.0]),
    repeat=np.zeros(3, np.int64),
    fold=np.array([0, 1, 1]),
    is_only_three=np.array([False, False, True]),
    risks=np.full((3, 4), 0.25),
)


def test_what_was_written_comes_back(tmp_path: Path) -> None:
    write_out_of_fold(TOLD, tmp_path / "told.npz")
    found = read_out_of_fold(tmp_path / "told.npz")
    assert (found.model, found.patient) == (TOLD.model, TOLD.patient)
    for name in ARRAYS[1:]:
        np.testing.assert_array_equal(getattr(found, name), getattr(TOLD, name))


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        (replace(TOLD, fold=np.array([0, 1, 2])), "a patient in two folds"),
        (replace(TOLD, risks=np.full((3, 4), 1.5)), "outside 0 to 1"),
        (replace(TOLD, risks=np.full((3, 4), np.nan)), "outside 0 to 1"),
        (replace(TOLD, risks=np.full((3, 3), 0.5)), "different lengths"),
        (replace(TOLD, index_h=np.zeros(2)), "different lengths"),
    ],
)
def test_a_file_that_leaks_or_cannot_be_true_is_refused(
    told: OutOfFold, fault: str, tmp_path: Path
) -> None:
    write_out_of_fold(told, tmp_path / "told.npz")
    with pytest.raises(ChartError, match=fault):
        read_out_of_fold(tmp_path / "told.npz")


@pytest.mark.parametrize("content", [b"no archive", b"", b"PK\x03\x04 cut off"])
def test_another_file_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "told.npz").write_bytes(content)
    with pytest.raises(ChartError, match="cannot be read"):
        read_out_of_fold(tmp_path / "told.npz")


def test_an_archive_without_an_array_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "told.npz", model=np.array("m"))
    with pytest.raises(ChartError, match="cannot be read"):
        read_out_of_fold(tmp_path / "told.npz")
