"""Volumes and masks go out as NIfTI and come back voxel by voxel; what does not fit is refused."""

import gzip
from dataclasses import replace
from typing import Any

import nibabel
import numpy as np
import pytest
from nibabel.nifti1 import Nifti1Image
from nibabel.orientations import apply_orientation, axcodes2ornt, inv_ornt_aff, ornt_transform

from thoracle.core.errors import ImageError
from thoracle.core.results import Reason
from thoracle.imaging.scan import CtScan, ScanFacts
from thoracle.jobs import ct_files
from thoracle.jobs.ct_files import (
    ScanGrid,
    drawn_on_view,
    kept_scan,
    kept_values,
    read_labels,
    scan_document,
    view_factor,
    view_labels,
    view_values,
    volume_nifti,
)

SHAPE = (3, 5, 7)
TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def _affine() -> Any:
    affine = np.diag([0.8, 0.9, 6.0, 1.0])
    affine[:3, 3] = (-100.0, -90.0, -40.0)
    return affine


@pytest.fixture
def scan() -> CtScan:
    hu = np.random.default_rng(1).integers(-1024, 500, SHAPE).astype(np.int16)
    facts = ScanFacts(
        format="DICOM", files=3, kernel="B70f", patient_id="Doe", study_date="20200101"
    )
    return CtScan(
        hu=hu,
        spacing_mm=(6.0, 0.9, 0.8),
        affine=_affine(),
        sha256="a" * 64,
        facts=replace(facts, series_uid="1.2.3"),
        window_hu=(-1350.0, 150.0),
        assumptions=(Reason(code="scan-window-assumed", text="On a user's word."),),
        warnings=(Reason(code="w", text="Thick."),),
    )


@pytest.fixture
def grid(scan: CtScan) -> ScanGrid:
    return ScanGrid.of(scan_document(scan))


@pytest.fixture
def labels() -> Any:
    return np.random.default_rng(2).integers(0, 4, SHAPE).astype(np.uint8)


def test_another_program_finds_each_voxel_at_its_place(scan: CtScan) -> None:
    image = Nifti1Image.from_bytes(gzip.decompress(volume_nifti(scan.hu, scan.affine)))
    assert np.array_equal(np.asarray(image.dataobj).transpose(2, 1, 0), scan.hu)
    assert nibabel.aff2axcodes(image.affine) == ("L", "P", "S")  # type: ignore[no-untyped-call]
    lps = scan.affine @ [2, 3, 1, 1]
    assert np.allclose(image.affine @ [2, 3, 1, 1], [-lps[0], -lps[1], lps[2], 1])
    assert image.header["pixdim"][1:4] == pytest.approx((0.8, 0.9, 6.0))


def test_a_kept_scan_is_the_same_but_for_what_names_the_patient(scan: CtScan) -> None:
    document = scan_document(scan)
    assert "Doe" not in str(document)
    assert "20200101" not in str(document)
    assert "1.2.3" not in str(document)
    back = kept_scan(document, scan.sha256, volume_nifti(scan.hu, scan.affine))
    assert np.array_equal(back.hu, scan.hu)
    assert np.array_equal(back.affine, scan.affine)
    assert back.spacing_mm == scan.spacing_mm
    assert back.window_hu == scan.window_hu
    assert (back.assumptions, back.warnings) == (scan.assumptions, scan.warnings)
    assert back.facts == replace(scan.facts, patient_id=None, study_date=None, series_uid=None)


@pytest.mark.parametrize(
    ("shape", "factor"),
    [((300, 256, 256), 1), ((600, 512, 512), 3), ((91, 512, 512), 1), ((92, 512, 512), 2)],
)
def test_a_view_is_as_fine_as_it_may_be(shape: tuple[int, int, int], factor: int) -> None:
    assert view_factor(shape) == factor


def test_a_view_holds_means_and_lies_where_its_blocks_lie() -> None:
    values = np.arange(2 * 4 * 5, dtype=np.int16).reshape(2, 4, 5)
    small = view_values(values, 2)
    assert small.shape == (2, 2, 3)
    assert small[0].tolist() == [[3, 5, 6], [13, 15, 16]]  # the fifth column is repeated
    assert view_values(values, 1) is values
    whole = ScanGrid(shape=(2, 4, 5), affine=_affine(), factor=2)
    assert whole.view.shape == (2, 2, 3)
    middle = whole.affine @ [0.5, 0.5, 1.0, 1.0]
    assert np.allclose(whole.view.affine @ [0, 0, 1, 1], middle)


def test_drawing_on_a_view_changes_only_the_blocks_that_were_touched(labels: Any) -> None:
    small = view_labels(labels, 2)
    assert small.shape == (3, 3, 4)
    assert np.array_equal(drawn_on_view(labels, small, 2), labels)
    drawn = small.copy()
    drawn[1, 0, 1] = (drawn[1, 0, 1] + 1) % 4
    drawn[2, 2, 3] = (drawn[2, 2, 3] + 1) % 4  # a block that is cut by the edge
    new = drawn_on_view(labels, drawn, 2)
    assert (new[1, 0:2, 2:4] == drawn[1, 0, 1]).all()
    assert new[2, 4, 6] == drawn[2, 2, 3]
    untouched = np.ones(SHAPE, bool)
    untouched[1, 0:2, 2:4] = untouched[2, 4, 6] = False
    assert np.array_equal(new[untouched], labels[untouched])
    assert np.array_equal(view_labels(new, 2), drawn)


def test_a_mask_of_ours_comes_back(labels: Any, grid: ScanGrid) -> None:
    content = volume_nifti(labels, grid.affine)
    assert np.array_equal(read_labels(content, [grid]), labels)
    assert np.array_equal(kept_values(content, grid, np.dtype(np.uint8)), labels)


@pytest.mark.parametrize("codes", ["RAS", "LPS", "SPL", "AIR"])
@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.float32, np.float64])
def test_a_mask_may_be_stored_in_any_order_of_axes_and_kind_of_number(
    labels: Any, grid: ScanGrid, codes: str, kind: Any
) -> None:
    turn = ornt_transform(  # type: ignore[no-untyped-call]
        axcodes2ornt("LPS"),  # type: ignore[no-untyped-call]
        axcodes2ornt(codes),  # type: ignore[no-untyped-call]
    )
    stored = apply_orientation(labels.T.astype(kind), turn)  # type: ignore[no-untyped-call]
    back = inv_ornt_aff(turn, SHAPE[::-1])  # type: ignore[no-untyped-call]
    image = Nifti1Image(stored, TO_RAS @ grid.affine @ back)  # type: ignore[no-untyped-call]
    for content in (image.to_bytes(), gzip.compress(image.to_bytes())):
        assert np.array_equal(read_labels(content, [grid]), labels)


def test_a_view_is_known_by_its_size(labels: Any) -> None:
    grid = ScanGrid(shape=SHAPE, affine=_affine(), factor=2)
    content = volume_nifti(view_labels(labels, 2), grid.view.affine)
    assert read_labels(content, [grid, grid.view]).shape == grid.view.shape
    with pytest.raises(ImageError, match="7 × 5 × 3"):
        read_labels(content, [grid])


def _moved(grid: ScanGrid) -> Any:
    affine = grid.affine.copy()
    affine[0, 3] += 1.0
    return affine


@pytest.mark.parametrize("value", [4, 255, 0.5, -1, np.nan])
def test_other_labels_are_refused(labels: Any, grid: ScanGrid, value: float) -> None:
    wrong = labels.astype(np.float32)
    wrong[1, 2, 3] = value
    image = Nifti1Image(wrong.T, TO_RAS @ grid.affine)  # type: ignore[no-untyped-call]
    with pytest.raises(ImageError, match="in slice 1 of the mask") as caught:
        read_labels(image.to_bytes(), [grid])
    assert caught.value.code == "mask-labels"


def test_a_mask_that_lies_elsewhere_is_refused(labels: Any, grid: ScanGrid) -> None:
    for content in (
        volume_nifti(labels, _moved(grid)),
        volume_nifti(labels[:, :, 1:], grid.affine),
    ):
        with pytest.raises(ImageError) as caught:
            read_labels(content, [grid])
        assert caught.value.code == "mask-elsewhere"


def test_what_is_no_mask_is_refused(labels: Any, grid: ScanGrid) -> None:
    whole = gzip.decompress(volume_nifti(labels, grid.affine))
    flat = Nifti1Image(labels[0], TO_RAS @ grid.affine)  # type: ignore[no-untyped-call]
    colors = np.zeros((*SHAPE[::-1],), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    rgb = Nifti1Image(colors, TO_RAS @ grid.affine)  # type: ignore[no-untyped-call]
    bad: list[bytes] = [b"", b"text", whole[:200], whole[:-9], gzip.compress(whole)[:60]]
    for content in (*bad, flat.to_bytes(), rgb.to_bytes()):
        with pytest.raises(ImageError) as caught:
            read_labels(content, [grid])
        assert caught.value.code in {"mask-unreadable", "mask-elsewhere"}


def test_a_bomb_is_read_no_further_than_the_grid_can_need(
    grid: ScanGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ct_files, "_BEFORE_VOXELS", 400)
    header = gzip.decompress(volume_nifti(np.zeros(SHAPE, np.uint8), grid.affine))[:352]
    huge = bytearray(header)
    huge[42:44] = (20_000).to_bytes(2, "little")  # dim[1]
    bomb = gzip.compress(bytes(huge) + b"\0" * 50_000_000)
    with pytest.raises(ImageError) as caught:
        read_labels(bomb, [grid])
    assert caught.value.code == "mask-unreadable"
