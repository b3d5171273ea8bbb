"""A NIfTI volume in any orientation becomes the same scan; one without a clear place is refused."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import nibabel
import numpy as np
import pytest
from nibabel.orientations import axcodes2ornt, inv_ornt_aff, ornt_transform
from numpy.typing import NDArray

from thoracle.imaging.ct_slice import CtVolume, VolumeHeader
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.nifti_scan import read_nifti
from thoracle.imaging.trust import ScanRefusedError, Trust
from thoracle.imaging.volume_scan import place_of, scan_of_volume

LPS = np.array([[6.0, 0, 0, -70], [0, 7.0, 0, -60], [0, 0, 8.0, -300], [0, 0, 0, 1.0]])
RAS = np.diag([-1.0, -1.0, 1.0, 1.0]) @ LPS


def image_of(hu: NDArray[Any], codes: str = "LPS", unit: str | None = "mm") -> Any:
    """Store (slices, rows, columns) LPS in another orientation, as nibabel does."""
    from nibabel.orientations import apply_orientation

    turned = ornt_transform(axcodes2ornt("LPS"), axcodes2ornt(codes))  # type: ignore[no-untyped-call]
    voxels = apply_orientation(hu.T, turned)  # type: ignore[no-untyped-call]
    affine = RAS @ inv_ornt_aff(turned, hu.T.shape)  # type: ignore[no-untyped-call]
    image: Any = nibabel.Nifti1Image(voxels, affine)  # type: ignore[no-untyped-call]
    if unit is not None:
        image.header.set_xyzt_units(unit)
    return image


def volume_of(image: Any) -> CtVolume:
    header, _, pieces = read_nifti(image.to_bytes(), limits=DecodeLimits(pixels_max=10**6))
    values = np.concatenate(list(pieces)).reshape(header.slices, header.rows, header.columns)
    return CtVolume(header=header, values=values, sha256="a" * 64, name="a.nii")


@pytest.fixture
def hu(thorax: Callable[..., NDArray[np.int16]]) -> NDArray[np.int16]:
    return np.maximum(thorax(), np.int16(-1024))


@pytest.fixture
def header(hu: NDArray[np.int16]) -> VolumeHeader:
    return volume_of(image_of(hu)).header


def orientations() -> list[str]:
    import itertools

    pairs = itertools.permutations(("LR", "PA", "SI"))
    return ["".join(each) for axes in pairs for each in itertools.product(*axes)]


def test_all_48_orientations_give_the_same_scan(hu: NDArray[np.int16]) -> None:
    assert len(set(orientations())) == 48
    for codes in orientations():
        scan = scan_of_volume(volume_of(image_of(hu, codes)), Trust())
        assert np.array_equal(scan.hu, hu), codes
        assert np.allclose(scan.affine, LPS), codes
        assert scan.spacing_mm == (8.0, 7.0, 6.0)


def test_the_heart_is_at_the_left_and_in_front(hu: NDArray[np.int16]) -> None:
    """LPS: x grows to the patient's left, y to the back."""
    scan = scan_of_volume(volume_of(image_of(hu, "RAS")), Trust())
    _, row, column = np.argwhere(scan.hu > 250)[0]  # the first slice that has it: the heart's
    assert column > scan.hu.shape[2] / 2
    assert row < scan.hu.shape[1] / 2
    x_lps, y_lps, _ = (scan.affine @ (column, row, 2, 1))[:3]
    middle = scan.affine @ (11.5, 9.5, 2, 1)
    assert x_lps > middle[0]
    assert y_lps < middle[1]


def test_real_numbers_and_other_units_give_the_same_scan(hu: NDArray[np.int16]) -> None:
    real = scan_of_volume(volume_of(image_of(hu.astype(np.float32))), Trust())
    assert np.array_equal(real.hu, hu)
    assert real.sha256 == "a" * 64  # the file's own
    meters = image_of(hu, unit="meter")
    small = np.diag([0.001, 0.001, 0.001, 1.0]) @ meters.affine
    image: Any = nibabel.Nifti1Image(hu.T, small, meters.header)  # type: ignore[no-untyped-call]
    scan = scan_of_volume(volume_of(image), Trust())
    assert np.allclose(scan.affine, LPS, atol=1e-4)


def test_a_qform_alone_is_enough_and_equal_ones_agree(hu: NDArray[np.int16]) -> None:
    image = image_of(hu, "RAS")
    image.set_qform(image.affine, 1)
    both = scan_of_volume(volume_of(image), Trust())
    image.set_sform(None, 0)
    alone = scan_of_volume(volume_of(image), Trust())
    assert np.array_equal(both.hu, alone.hu)
    assert np.allclose(both.affine, alone.affine, atol=1e-4)


def test_a_file_without_a_unit_is_read_in_millimeters_and_says_so(hu: NDArray[np.int16]) -> None:
    scan = scan_of_volume(volume_of(image_of(hu, unit=None)), Trust())
    assert [one.code for one in scan.warnings] == ["scan-unit-unnamed"]
    assert scan.spacing_mm == (8.0, 7.0, 6.0)


def shifted(affine: Any, mm: float) -> tuple[tuple[float, ...], ...]:
    moved = np.array(affine)
    moved[0, 3] += mm
    return tuple(map(tuple, moved.tolist()))


def test_what_is_unclear_of_its_place_is_refused(hu: NDArray[np.int16]) -> None:
    volume = volume_of(image_of(hu))
    header = volume.header
    cases = [
        ({"sform": None, "sform_code": 0}, "scan-no-place"),
        ({"sform_code": 4}, "scan-template"),
        ({"qform": header.sform, "qform_code": 3}, "scan-template"),
        ({"qform": shifted(header.sform, 0.5), "qform_code": 1}, "scan-forms-disagree"),
        ({"spacing_mm": (8.0, 7.0, 5.0)}, "scan-no-spacing"),
        ({"spacing_mm": (0.0, 7.0, 6.0)}, "scan-no-spacing"),
        ({"sform": ((0.0,) * 4,) * 4}, "scan-no-spacing"),
        ({"unit": "micron"}, "scan-unit"),
        ({"unit": "meter"}, "scan-unit"),
    ]
    for fields, code in cases:
        changed = replace(volume, header=replace(header, **fields))  # type: ignore[arg-type]
        with pytest.raises(ScanRefusedError) as error:
            scan_of_volume(changed, Trust())
        assert code in {reason.code for reason in error.value.reasons}, fields


def test_the_sform_goes_before_the_qform(header: VolumeHeader) -> None:
    both = replace(header, qform=shifted(header.sform, 0.05), qform_code=1)
    assert np.allclose(place_of(both), LPS)


def test_a_slice_spacing_may_repeat_the_file_s_and_not_replace_it(hu: NDArray[np.int16]) -> None:
    volume = volume_of(image_of(hu))
    assert scan_of_volume(volume, Trust(slice_spacing_mm=8.0)).assumptions == ()
    with pytest.raises(ScanRefusedError, match="Leave out --slice-spacing"):
        scan_of_volume(volume, Trust(slice_spacing_mm=6.0))


def test_grey_is_refused_and_read_back_with_a_window(hu: NDArray[np.int16]) -> None:
    grey = np.rint(np.clip((hu + 1350) / 1500, 0, 1) * 4095).astype(np.int16)
    grey[:, :2] = 0
    volume = volume_of(image_of(grey))
    with pytest.raises(ScanRefusedError) as error:
        scan_of_volume(volume, Trust())
    assert error.value.code == "scan-not-hu"
    scan = scan_of_volume(volume, Trust(assume_window=(-1350.0, 150.0)))
    assert np.abs(scan.hu[:, 2:] - np.clip(hu[:, 2:], -1350, 150)).max() <= 1
    assert [one.code for one in scan.assumptions] == ["scan-window-assumed"]
