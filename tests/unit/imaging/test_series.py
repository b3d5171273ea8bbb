"""DICOM files in any order and any layout become one scan, or a refusal with every reason."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from thoracle.imaging.ct_slice import CtSlice
from thoracle.imaging.dicom_slice import read_slice
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.scan import CtScan
from thoracle.imaging.series import assemble, choose_series, why_no_unit
from thoracle.imaging.trust import ScanRefusedError, Trust

LIMITS = DecodeLimits(pixels_max=10_000)
AFFINE = np.array([[6.0, 0, 0, -70], [0, 7.0, 0, -60], [0, 0, 8.0, -300], [0, 0, 0, 1.0]])
Read = Callable[..., list[CtSlice]]


@pytest.fixture
def hu(thorax: Callable[..., NDArray[np.int16]]) -> NDArray[np.int16]:
    return thorax()


@pytest.fixture
def read(ct_files: Callable[..., list[bytes]], hu: NDArray[np.int16]) -> Read:
    """Write slices as DICOM files and read them as the child does."""

    def slices(
        voxels: NDArray[np.int16] | None = None,
        affine: NDArray[np.float64] = AFFINE,
        **elements: Any,
    ) -> list[CtSlice]:
        found: list[CtSlice] = []
        for content in ct_files(hu if voxels is None else voxels, affine, **elements):
            header, values = read_slice(content, limits=LIMITS)
            digest = f"{len(found):064d}"
            found.append(CtSlice(header=header, values=values, sha256=digest, name=str(len(found))))
        return found

    return slices


def stored(
    hu: NDArray[np.int16], order: tuple[int, ...], flips: tuple[bool, ...]
) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    voxels = hu.T.transpose(order)
    affine = AFFINE[:, [*order, 3]].copy()
    for axis, is_flipped in enumerate(flips):
        if is_flipped:
            voxels = np.flip(voxels, axis)
            affine[:3, 3] += affine[:3, axis] * (voxels.shape[axis] - 1)
            affine[:3, axis] *= -1
    return np.ascontiguousarray(voxels.T), affine


def expect(scan: CtScan, hu: NDArray[np.int16]) -> None:
    assert np.array_equal(scan.hu, np.maximum(hu, -1024))
    assert np.allclose(scan.affine, AFFINE)
    assert np.allclose(scan.spacing_mm, (8.0, 7.0, 6.0))


@pytest.mark.parametrize("seed", range(5))
def test_any_order_of_files_gives_the_same_scan(
    seed: int, read: Read, hu: NDArray[np.int16]
) -> None:
    slices = read(InstanceNumber=lambda k: 40 - k, PatientPosition="FFS")
    shuffled = [slices[k] for k in np.random.default_rng(seed).permutation(len(slices))]
    scan = assemble(iter(shuffled), Trust())
    expect(scan, hu)
    assert scan.sha256 == assemble(slices, Trust()).sha256
    assert (scan.facts.files, scan.facts.format, scan.facts.series_uid) == (12, "DICOM", "1.2.3.4")
    assert scan.has_hu
    assert scan.warnings == scan.assumptions == ()


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_every_layout_of_rows_columns_and_slices_gives_the_same_scan(
    order: tuple[int, ...], read: Read, hu: NDArray[np.int16]
) -> None:
    for flips in itertools.product((False, True), repeat=3):
        expect(assemble(read(*stored(hu, order, flips)), Trust()), hu)


def test_a_tilted_gantry_is_undone_and_told(read: Read) -> None:
    affine = AFFINE.copy()
    affine[:3, 1] = 7.0 * np.array([0, np.cos(0.3), np.sin(0.3)])
    scan = assemble(read(affine=affine, GantryDetectorTilt=-17), Trust())
    assert [one.code for one in scan.warnings] == ["scan-tilted", "scan-slanted"]
    assert scan.spacing_mm[0] == pytest.approx(8 * np.cos(0.3))
    assert scan.hu.shape[1] > 20


def test_several_series_are_named_and_one_can_be_chosen(read: Read, hu: NDArray[np.int16]) -> None:
    lung = read(SeriesInstanceUID="1.2.5", ConvolutionKernel="B60f")
    slices = [*read(), *lung]
    with pytest.raises(ScanRefusedError) as error:
        assemble(slices, Trust())
    assert error.value.code == "scan-several-series"
    assert "1.2.3.4 (12 × 8 mm); 1.2.5 (12 × 8 mm, B60f)" in error.value.text
    with pytest.raises(ScanRefusedError, match="begins with 7"):
        assemble(slices, Trust(), series_uid="7")
    scan = assemble(slices, Trust(), series_uid="1.2.5")
    expect(scan, hu)
    assert scan.facts.kernel == "B60f"


def test_localizers_and_report_pictures_are_left_out_and_told(
    read: Read, hu: NDArray[np.int16]
) -> None:
    planned = read(hu[:2], ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"], SeriesInstanceUID="1")
    picture = read(hu[:1], SOPClassUID="1.2.840.10008.5.1.4.1.1.7", SeriesInstanceUID="2")
    scan = assemble([*planned, *read(), *picture], Trust())
    expect(scan, hu)
    assert [one.text for one in scan.warnings] == [
        "Localizers left out: 2.",
        "Pictures that are no CT slices, left out: 1.",
    ]
    with pytest.raises(ScanRefusedError) as error:
        assemble(planned, Trust())
    assert error.value.code == "scan-no-slices"
    assert "localizers and no slices" in error.value.text
    with pytest.raises(ScanRefusedError, match="found no slices"):
        choose_series([], None)


def test_twelve_series_are_named_up_to_eight(read: Read, hu: NDArray[np.int16]) -> None:
    slices = read(SeriesInstanceUID=lambda k: f"1.2.{k}")
    with pytest.raises(ScanRefusedError, match=r"found 12 series .*; …\."):
        assemble(slices, Trust())


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ({"Modality": "MR"}, "scan-not-ct"),
        ({"Modality": None}, "scan-not-ct"),
        ({"RescaleIntercept": None}, "scan-no-rescale"),
        ({"RescaleSlope": None}, "scan-no-rescale"),
        ({"RescaleType": "Z_EFF"}, "scan-rescale-type"),
        ({"RescaleIntercept": 0}, "scan-not-hu"),
    ],
)
def test_values_that_are_no_hu_are_refused(elements: dict[str, Any], code: str, read: Read) -> None:
    with pytest.raises(ScanRefusedError) as error:
        assemble(read(**elements), Trust())
    assert code in {reason.code for reason in error.value.reasons}


@pytest.mark.parametrize("said", ["HU", "US", None])
def test_a_rescale_without_a_type_is_hu_by_the_standard(said: str | None, read: Read) -> None:
    assert why_no_unit(read(RescaleType=said), Trust()) == ()


def test_a_converter_s_grey_is_refused_for_all_reasons_and_opened_on_a_user_s_word(
    read: Read, hu: NDArray[np.int16]
) -> None:
    grey = np.rint(np.clip((hu + 1350) / 1500, 0, 1) * 4095).astype(np.int16)
    grey[:, :2] = 0
    slices = [
        replace(one, values=grey[k])
        for k, one in enumerate(
            read(
                Modality="NM",
                ImagePositionPatient=None,
                ImageOrientationPatient=None,
                SpacingBetweenSlices=8,
            )
        )
    ]
    with pytest.raises(ScanRefusedError) as error:
        assemble(slices, Trust())
    assert [reason.code for reason in error.value.reasons] == [
        "scan-no-position",
        "scan-no-orientation",
        "scan-not-ct",
        "scan-not-hu",
    ]
    trust = Trust(assume_window=(-1350, 150), slice_spacing_mm=8.0)
    scan = assemble(slices, trust)
    assert [one.code for one in scan.assumptions] == [
        "scan-ct-assumed",
        "scan-order-assumed",
        "scan-window-assumed",
    ]
    assert not scan.has_hu
    assert scan.spacing_mm == (8.0, 7.0, 6.0)
    assert np.abs(scan.hu[:, 2:] - np.clip(hu, -1350, 150)[:, 2:]).max() <= 1


def test_lossy_compression_and_what_is_known_already_are_told(read: Read) -> None:
    from thoracle.core.results import Reason

    known = Reason(code="scan-known", text="Known.")
    scan = assemble(read(LossyImageCompression="01"), Trust(), warnings=(known,))
    assert [one.code for one in scan.warnings] == ["scan-known", "scan-lossy"]


def test_slices_of_two_sizes_are_refused_without_looking_at_their_values(
    read: Read, hu: NDArray[np.int16]
) -> None:
    slices = [*read(hu[:6]), *read(hu[6:, 1:])]
    with pytest.raises(ScanRefusedError, match="2 different values of Rows"):
        assemble(slices, Trust())
