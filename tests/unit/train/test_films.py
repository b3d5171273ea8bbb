"""Films are prepared once and read again from disk."""

from pathlib import Path

import numpy as np
import pytest

from thoracle.core.arrays import ByteArray
from thoracle.imaging.faults import UnreadableFileError
from thoracle.train.films import cached_arrays


class Maker:
    """Count what is made: film i is filled with i, its mask with 255 - i."""

    def __init__(self) -> None:
        self.made: list[int] = []

    def __call__(self, index: int) -> tuple[ByteArray, ByteArray]:
        self.made.append(index)
        return np.full((4, 4), index, np.uint8), np.full((4, 4), 255 - index, np.uint8)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(b"x" * (number + 1))
    return paths


def test_arrays_hold_films_and_masks_in_the_order_of_the_files(
    tmp_path: Path, files: list[Path]
) -> None:
    arrays = cached_arrays(
        files, Maker(), side=4, folder=tmp_path / "new" / "cache", kind="gate", form="whole"
    )
    assert arrays.films.shape == arrays.masks.shape == (3, 4, 4)
    assert arrays.films[:, 0, 0].tolist() == [0, 1, 2]
    assert arrays.masks[:, 0, 0].tolist() == [255, 254, 253]
    assert not arrays.films.flags.writeable


def test_a_second_call_reads_what_the_first_one_made(tmp_path: Path, files: list[Path]) -> None:
    first, second = Maker(), Maker()
    cached_arrays(files, first, side=4, folder=tmp_path, kind="gate", form="whole")
    cached_arrays(files, second, side=4, folder=tmp_path, kind="gate", form="whole")
    assert (sorted(first.made), second.made) == ([0, 1, 2], [])


def test_other_files_sizes_kinds_or_forms_are_made_anew(tmp_path: Path, files: list[Path]) -> None:
    def made(*, chosen: list[Path], kind: str = "gate", form: str = "whole") -> int:
        maker = Maker()
        cached_arrays(chosen, maker, side=4, folder=tmp_path, kind=kind, form=form)
        return len(maker.made)

    assert made(chosen=files) == 3
    assert made(chosen=files[:2]) == 2
    assert made(chosen=files, kind="lungs") == 3
    files[0].write_bytes(b"longer than before")
    assert made(chosen=files) == 3
    assert made(chosen=files, form="lung box") == 3


def test_a_failure_leaves_no_half_made_cache(tmp_path: Path, files: list[Path]) -> None:
    def fail(index: int) -> tuple[ByteArray, ByteArray]:
        raise OSError(f"film {index} is gone")

    with pytest.raises(OSError, match="is gone"):
        cached_arrays(files, fail, side=4, folder=tmp_path, kind="gate", form="whole")
    assert not list(tmp_path.glob("*.npy"))


def test_a_missing_file_is_named_before_anything_is_made(tmp_path: Path) -> None:
    maker = Maker()
    with pytest.raises(UnreadableFileError, match=r"gone\.png"):
        cached_arrays(
            [tmp_path / "gone.png"], maker, side=4, folder=tmp_path, kind="gate", form="whole"
        )
    assert maker.made == []
