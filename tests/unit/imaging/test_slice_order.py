"""Slices are ordered by where they lie; what is missing, doubled or uneven is told or refused."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.imaging.ct_slice import CtSlice, SliceHeader
from thoracle.imaging.slice_order import place, why_not_placed
from thoracle.imaging.trust import ScanRefusedError, Trust

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def one(number: int, z: float, **fields: Any) -> CtSlice:
    header = SliceHeader(
        rows=2,
        columns=3,
        position_mm=(-10.0, -20.0, z),
        orientation=AXIAL,
        pixel_spacing_mm=(0.7, 0.5),
        instance_number=number,
        slice_thickness_mm=2.0,
    )
    values = np.full((2, 3), number, np.int16)
    return CtSlice(
        header=replace(header, **fields), values=values, sha256=f"{number}", name=f"{number}.dcm"
    )


STACK = [one(10 - k, -100 + 2.0 * k) for k in range(6)]  # the number falls towards the head


def numbers(slices: tuple[CtSlice, ...]) -> list[int | None]:
    return [each.header.instance_number for each in slices]


@given(st.permutations(STACK))
def test_any_order_of_files_gives_the_order_of_places(slices: list[CtSlice]) -> None:
    assert why_not_placed(slices, Trust()) == ()
    found = place(slices, Trust())
    assert numbers(found.slices) == [10, 9, 8, 7, 6, 5]
    expected: list[list[float]] = [
        [0.5, 0, 0, -10],
        [0, 0.7, 0, -20],
        [0, 0, 2, -100],
        [0, 0, 0, 1],
    ]
    assert np.allclose(found.affine, expected)
    assert found.warnings == found.assumptions == ()


def test_a_missing_slice_is_refused_with_its_place() -> None:
    with pytest.raises(ScanRefusedError) as error:
        place([STACK[0], STACK[1], STACK[3], STACK[4], STACK[5]], Trust())
    assert error.value.code == "scan-gap"
    assert "between -98.0 and -94.0 mm (Instance Number 9 and 7)" in error.value.text
    assert "slices missing (about 1; gaps: 1)" in error.value.text


def test_a_slice_sent_twice_is_taken_once() -> None:
    found = place([*STACK, replace(STACK[2], sha256="again")], Trust())
    assert numbers(found.slices) == [10, 9, 8, 7, 6, 5]
    assert [each.code for each in found.warnings] == ["scan-doubled"]


def test_two_different_slices_at_one_place_are_refused() -> None:
    other = replace(
        STACK[2],
        values=STACK[2].values + np.int16(1),
        header=replace(STACK[2].header, acquisition_number=4),
        name="other.dcm",
    )
    with pytest.raises(ScanRefusedError, match=r"8\.dcm and other\.dcm .*: 4\)") as error:
        place([*STACK, other], Trust())
    assert error.value.code == "scan-overlap"


@pytest.mark.parametrize(("off_mm", "is_refused"), [(0.05, False), (0.6, True)])
def test_places_written_to_a_tenth_pass_and_uneven_ones_do_not(
    off_mm: float, is_refused: bool
) -> None:
    slices = [*STACK[:2], one(8, -96 + off_mm), *STACK[3:]]
    if not is_refused:
        assert len(place(slices, Trust()).slices) == 6
        return
    with pytest.raises(ScanRefusedError) as error:
        place(slices, Trust())
    assert error.value.code == "scan-uneven"


def test_thin_slices_far_apart_are_told() -> None:
    slices = [one(k, 10.0 * k, slice_thickness_mm=1.0) for k in range(4)]
    assert [each.code for each in place(slices, Trust()).warnings] == ["scan-interspaced"]


def test_one_slice_is_no_series() -> None:
    with pytest.raises(ScanRefusedError) as error:
        place(STACK[:1], Trust())
    assert error.value.code == "scan-too-few"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"orientation": None}, "scan-no-orientation"),
        ({"orientation": (0.0,) * 6}, "scan-no-orientation"),
        ({"orientation": (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)}, "scan-no-orientation"),
        ({"orientation": (0.5, 0.0, 0.0, 0.0, 0.5, 0.0)}, "scan-no-orientation"),
        ({"pixel_spacing_mm": None}, "scan-no-pixel-spacing"),
        ({"pixel_spacing_mm": (0.0, 0.5)}, "scan-no-pixel-spacing"),
        ({"position_mm": None, "orientation": (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)}, "scan-no-position"),
    ],
)
def test_what_is_missing_is_said(fields: dict[str, Any], code: str) -> None:
    slices = [replace(each, header=replace(each.header, **fields)) for each in STACK]
    for trust in (Trust(), Trust(slice_spacing_mm=2.0)):
        assert code in {each.code for each in why_not_placed(slices, trust)}


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"rows": 4}, "Rows (0028,0010), Columns (0028,0011)"),
        ({"pixel_spacing_mm": (0.7, 0.6)}, "Pixel Spacing"),
        ({"orientation": (1.0, 0.0, 0.0, 0.0, 0.9, 0.43589)}, "Image Orientation"),
        ({"frame_uid": "9"}, "Frame of Reference UID"),
        ({"study_uid": "9"}, "Study Instance UID"),
        ({"patient_id": "other"}, "Patient ID"),
    ],
)
def test_slices_that_differ_are_refused(fields: dict[str, Any], what: str) -> None:
    odd = replace(STACK[0], header=replace(STACK[0].header, **fields))
    (reason,) = why_not_placed([odd, *STACK[1:]], Trust())
    assert reason.code == "scan-mixed"
    assert f"2 different values of {what}" in reason.text


UNPLACED = [
    replace(each, header=replace(each.header, position_mm=None, orientation=None)) for each in STACK
]


@pytest.mark.parametrize(
    ("spacing_mm", "order", "where"),
    [(6.0, [5, 6, 7, 8, 9, 10], "head"), (-6.0, [10, 9, 8, 7, 6, 5], "feet")],
)
def test_a_user_s_spacing_gives_order_and_direction(
    spacing_mm: float, order: list[int], where: str
) -> None:
    trust = Trust(slice_spacing_mm=spacing_mm)
    assert why_not_placed(UNPLACED, trust) == ()
    found = place(UNPLACED, trust)
    assert numbers(found.slices) == order
    assert np.array_equal(found.affine, np.diag([0.5, 0.7, 6.0, 1.0]))
    (said,) = found.assumptions
    assert said.code == "scan-order-assumed"
    assert f"6 mm apart, Instance Number rises towards the {where}" in said.text


@pytest.mark.parametrize("position", [None, (0.0, 0.0, 0.0), (1.0, 2.0, 3.0)])
@pytest.mark.parametrize("orientation", [None, (0.0,) * 6, AXIAL])
def test_a_place_that_says_nothing_leaves_it_to_the_user(position: Any, orientation: Any) -> None:
    fields: dict[str, Any] = {"position_mm": position, "orientation": orientation}
    slices = [replace(each, header=replace(each.header, **fields)) for each in STACK]
    trust = Trust(slice_spacing_mm=6.0)
    assert why_not_placed(slices, trust) == ()
    assert numbers(place(slices, trust).slices) == [5, 6, 7, 8, 9, 10]
    assert len(why_not_placed(slices, Trust())) == (1 if orientation == AXIAL else 2)


def test_a_place_of_some_slices_only_is_no_user_s_to_give() -> None:
    slices = [*UNPLACED[:3], *STACK[3:]]
    assert "scan-no-position" in {
        each.code for each in why_not_placed(slices, Trust(slice_spacing_mm=2.0))
    }


def test_another_spacing_in_the_files_is_told() -> None:
    slices = [replace(each, header=replace(each.header, slice_spacing_mm=5.0)) for each in UNPLACED]
    (told,) = place(slices, Trust(slice_spacing_mm=6.0)).warnings
    assert told.code == "scan-spacing-doubtful"
    assert place(slices, Trust(slice_spacing_mm=-5.0)).warnings == ()
    assert "Slices (0018,0088) says: 5 mm." in why_not_placed(slices, Trust())[0].text


@pytest.mark.parametrize(
    ("slices", "spacing_mm", "code"),
    [
        (UNPLACED, 0.0, "scan-spacing"),
        (UNPLACED, 60.0, "scan-spacing"),
        ([*UNPLACED, UNPLACED[0]], 6.0, "scan-no-order"),
        ([*UNPLACED[:2], *UNPLACED[3:]], 6.0, "scan-no-order"),
        (UNPLACED[:1], 6.0, "scan-too-few"),
        (STACK, 6.0, "scan-spacing-contradicted"),
    ],
)
def test_a_user_s_spacing_does_not_stand_for_everything(
    slices: list[CtSlice], spacing_mm: float, code: str
) -> None:
    with pytest.raises(ScanRefusedError) as error:
        place(slices, Trust(slice_spacing_mm=spacing_mm))
    assert code in {reason.code for reason in error.value.reasons}


def test_the_spacing_that_the_files_have_may_be_repeated() -> None:
    assert place(STACK, Trust(slice_spacing_mm=2.0)).assumptions == ()
