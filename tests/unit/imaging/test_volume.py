import itertools
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray

from thoracle.core.errors import ImageError
from thoracle.imaging import volume as module
from thoracle.imaging.volume import is_volume, read_mask, read_volume

AFFINE = np.diag([0.7, 0.8, 2.5, 1.0])


def _write(path: Path, values: NDArray[np.generic], affine: NDArray[np.float64] = AFFINE) -> Path:
    nibabel.save(nibabel.Nifti1Image(values, affine), path)  # type: ignore[no-untyped-call]
    return path


@pytest.fixture
def values() -> NDArray[np.int16]:
    """(columns, rows, slices), as NIfTI has them."""
    return np.arange(3 * 4 * 5, dtype=np.int16).reshape(3, 4, 5)


def test_slices_come_first_and_spacing_with_them(tmp_path: Path, values: NDArray[np.int16]) -> None:
    found = read_volume(_write(tmp_path / "a.nii.gz", values))

    assert found.values.shape == (5, 4, 3)
    assert np.array_equal(found.values, values[::-1, ::-1].T)  # the file's axes are RAS
    assert found.spacing_mm == pytest.approx((2.5, 0.8, 0.7))


def test_a_volume_stored_the_other_way_round_is_turned(
    tmp_path: Path, values: NDArray[np.int16]
) -> None:
    flipped = AFFINE.copy()
    flipped[0, 0] *= -1
    one = read_volume(_write(tmp_path / "a.nii", values))
    other = read_volume(_write(tmp_path / "b.nii", values[::-1], flipped))

    assert np.array_equal(one.values, other.values)


def test_rows_run_from_the_front_and_columns_from_the_right(tmp_path: Path) -> None:
    """A mark at the patient's left, in front, near the head; NIfTI's x grows to the right."""
    values = np.zeros((6, 7, 8), np.int16)  # stored as RAS
    values[1, 5, 6] = 9
    affine = np.diag([1.0, 2.0, 3.0, 1.0])
    affine[:3, 3] = (10, 20, 30)
    for image in _all_orientations(values, affine):
        path = tmp_path / "a.nii"
        nibabel.save(image, path)
        found = read_volume(path)
        ((z, row, column),) = np.argwhere(found.values == 9)
        assert (z, row, column) == (6, 1, 4)
        assert found.values.shape == (8, 7, 6)
        assert np.allclose(found.affine @ (column, row, z, 1), [-11, -30, 48, 1])


def _all_orientations(values: NDArray[np.int16], affine: NDArray[np.float64]) -> list[Any]:
    image: Any = nibabel.Nifti1Image(values, affine)  # type: ignore[no-untyped-call]
    turns = itertools.product(
        itertools.permutations(range(3)), itertools.product((1, -1), repeat=3)
    )
    return [image.as_reoriented(np.array(list(zip(*turn, strict=True)))) for turn in turns]


def test_a_masks_labels_can_be_chosen(tmp_path: Path, values: NDArray[np.int16]) -> None:
    volume = read_volume(_write(tmp_path / "a.nii", values))
    labels = _write(tmp_path / "m.nii", (values % 3).astype(np.uint8))

    assert read_mask(labels, volume).sum() == 40
    assert read_mask(labels, volume, labels=(2,)).sum() == 20


def test_a_mask_that_lies_elsewhere_is_refused(tmp_path: Path, values: NDArray[np.int16]) -> None:
    volume = read_volume(_write(tmp_path / "a.nii", values))
    moved = AFFINE.copy()
    moved[2, 3] = 5.0
    for mask in (
        _write(tmp_path / "m.nii", values, moved),
        _write(tmp_path / "n.nii", values[:2]),
    ):
        with pytest.raises(ImageError, match="Resample the mask"):
            read_mask(mask, volume)


def test_what_is_no_volume_is_refused(
    tmp_path: Path, values: NDArray[np.int16], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.nii").write_bytes(b"nothing")
    whole = _write(tmp_path / "cut.nii", values).read_bytes()
    (tmp_path / "cut.nii").write_bytes(whole[:-20])
    for name in ("broken.nii", "missing.nii", "cut.nii"):
        with pytest.raises(ImageError, match="no readable NIfTI"):
            read_volume(tmp_path / name)
    with pytest.raises(ImageError, match="three dimensions"):
        read_volume(_write(tmp_path / "series.nii", np.zeros((2, 2, 2, 3), np.int16)))
    monkeypatch.setattr(module, "VOXELS_MAX", 10)
    with pytest.raises(ImageError, match="at most 10"):
        read_volume(_write(tmp_path / "large.nii", values))


def test_volumes_are_known_by_name() -> None:
    assert is_volume(Path("a.NII.GZ"))
    assert is_volume(Path("a.nii"))
    assert not is_volume(Path("nii.png"))
