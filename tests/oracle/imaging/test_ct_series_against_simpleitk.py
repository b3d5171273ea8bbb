"""The same slices and volumes through SimpleITK, which sorts, places and rescales on its own."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from thoracle.imaging.ct_slice import CtSlice, CtVolume
from thoracle.imaging.dicom_slice import read_slice
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.nifti_scan import read_nifti
from thoracle.imaging.scan import CtScan
from thoracle.imaging.series import assemble
from thoracle.imaging.trust import Trust
from thoracle.imaging.volume_scan import scan_of_volume

sitk = pytest.importorskip("SimpleITK", reason="SimpleITK (extra `ct`) is the oracle")
LIMITS = DecodeLimits(pixels_max=10_000)


def oriented(image: Any) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """Turn an image to LPS and return its values and its affine."""
    turned = sitk.DICOMOrient(image, "LPS")
    affine = np.eye(4)
    direction = np.array(turned.GetDirection()).reshape(3, 3)
    affine[:3, :3] = direction * np.array(turned.GetSpacing())
    affine[:3, 3] = turned.GetOrigin()
    return sitk.GetArrayFromImage(turned), affine


def agree(scan: CtScan, image: Any) -> None:
    values, affine = oriented(image)
    assert np.array_equal(scan.hu, np.maximum(values, -1024))
    assert np.allclose(scan.affine, affine, atol=1e-5)


def opened(files: list[bytes]) -> CtScan:
    slices = [read_slice(content, limits=LIMITS) for content in files]
    return assemble(
        [
            CtSlice(header=h, values=v, sha256="0" * 64, name=str(n))
            for n, (h, v) in enumerate(slices)
        ],
        Trust(),
    )


def turned_about(axis: int, angle: float) -> NDArray[np.float64]:
    first, second = (one for one in range(3) if one != axis)
    turn = np.eye(4)
    turn[first, first] = turn[second, second] = np.cos(angle)
    turn[first, second], turn[second, first] = -np.sin(angle), np.sin(angle)
    return turn


LAYOUTS = list(
    itertools.product(
        itertools.permutations(range(3)), ((1, 1, 1), (1, -1, 1), (-1, -1, -1)), (0.0, 0.2)
    )
)


@pytest.mark.parametrize(("order", "signs", "angle"), LAYOUTS)
def test_a_dicom_series_lies_where_simpleitk_says(
    order: tuple[int, ...],
    signs: tuple[int, ...],
    angle: float,
    thorax: Callable[..., NDArray[np.int16]],
    ct_files: Callable[..., list[bytes]],
    tmp_path: Path,
) -> None:
    affine = np.eye(4)
    affine[:3, :3] = (np.diag([2.0, 2.5, 3.0]) * signs)[:, list(order)]
    affine[:3, 3] = (-11, 7, 300)
    affine = turned_about(2, angle) @ affine
    files = ct_files(thorax(), affine, SOPInstanceUID=lambda k: f"1.2.3.4.{k + 1}")
    shuffled = np.random.default_rng(1).permutation(len(files))
    for name, k in enumerate(shuffled):
        (tmp_path / f"{name:03}.dcm").write_bytes(files[k])
    names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(tmp_path))
    agree(opened([files[k] for k in shuffled]), sitk.ReadImage(names))


@pytest.mark.parametrize("codes", ["LPS", "RAS", "PIL", "ASR", "IRP"])
def test_a_nifti_volume_lies_where_simpleitk_says(
    codes: str, thorax: Callable[..., NDArray[np.int16]], tmp_path: Path
) -> None:
    image = sitk.GetImageFromArray(thorax())
    image.SetSpacing((6.0, 7.0, 8.0))
    image.SetOrigin((-70.0, -60.0, -300.0))
    path = tmp_path / "a.nii.gz"
    sitk.WriteImage(sitk.DICOMOrient(image, codes), str(path))
    header, _, pieces = read_nifti(path.read_bytes(), limits=LIMITS)
    values = np.concatenate(list(pieces)).reshape(header.slices, header.rows, header.columns)
    volume = CtVolume(header=header, values=values, sha256="0" * 64, name="a")
    agree(scan_of_volume(volume, Trust()), sitk.ReadImage(str(path)))
