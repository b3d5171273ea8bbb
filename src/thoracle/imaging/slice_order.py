"""Slices in the order of their places: even steps, none missing, none twice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.results import Reason
from thoracle.imaging.ct_slice import CtSlice, SliceHeader
from thoracle.imaging.trust import Trust, refuse_for

_SAME_PLACE_MM: Final = 0.01
_SAME_DIRECTION: Final = 1e-3  # 0.06°
_UNIT_LENGTH: Final = 1e-2
_GAP: Final = 1.5  # times the usual step: a slice is missing
_UNEVEN_SHARE: Final = 0.1  # of a step: files write places to a tenth of a millimeter
_UNEVEN_MM: Final = 0.06
_SPACING_MM: Final = (0.1, 30.0)
_SAME_SPACING: Final = 0.01
_AXIAL: Final = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
_THIN: Final = 0.8  # of the step: the rest of the body was not imaged


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Slices in order, and where they lie.

    `affine` is (4, 4) float64 from (column, row, slice, 1) to place in mm, LPS.
    """

    slices: tuple[CtSlice, ...]
    affine: DoubleArray
    assumptions: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()


def why_not_placed(slices: Sequence[CtSlice], trust: Trust) -> tuple[Reason, ...]:
    """Say what is missing to put slices in their places; nothing where a user's word stands for it.

    Parameters
    ----------
    slices
        Of one series.
    trust
        What the user says.
    """
    headers = [one.header for one in slices]
    reasons = list(_mixtures(headers))
    if not all(_spacing_known(one) for one in headers):
        reasons.append(
            Reason(
                code="scan-no-pixel-spacing",
                text="found no Pixel Spacing (0028,0030) – expected two numbers above 0. Use the "
                "original series.",
            )
        )
    if trust.slice_spacing_mm is None or not _are_placeless(headers):
        reasons += [*_no_positions(headers), *_no_orientation(headers)]
    return tuple(reasons)


def place(slices: Sequence[CtSlice], trust: Trust) -> Placed:
    """Put slices in order.

    Parameters
    ----------
    slices
        Of one series, that `why_not_placed` has nothing against.
    trust
        What the user says.

    Returns
    -------
    Placed
        In even steps. Missing slices, two different ones at a place, and uneven steps are refused.
    """
    if trust.slice_spacing_mm is not None and _are_placeless([one.header for one in slices]):
        return _by_number(slices, trust.slice_spacing_mm)
    placed = _by_position(slices)
    found_mm = abs(_step_mm(placed))
    refuse_for(_contradiction(found_mm, trust.slice_spacing_mm))
    return placed


def _by_position(slices: Sequence[CtSlice]) -> Placed:
    axes = np.array(slices[0].header.orientation, np.float64).reshape(2, 3)
    normal = np.cross(axes[0], axes[1])
    single, doubled = _without_doubles(sorted(slices, key=lambda one: _along(one, normal)), normal)
    refuse_for(_too_few(single))
    places = np.array([one.header.position_mm for one in single], np.float64)
    refuse_for(_gap(single, places @ normal) or _unevenness(places, normal))
    affine = np.eye(4)
    row_mm, column_mm = single[0].header.pixel_spacing_mm or (0.0, 0.0)
    affine[:3, 0], affine[:3, 1] = axes[0] * column_mm, axes[1] * row_mm
    affine[:3, 2] = (places[-1] - places[0]) / (len(places) - 1)
    affine[:3, 3] = places[0]
    step_mm = abs(float(affine[:3, 2] @ normal))
    told = (doubled, _interspaced(single[0].header, step_mm))
    return Placed(
        slices=single, affine=affine, warnings=tuple(each for each in told if each is not None)
    )


def _by_number(slices: Sequence[CtSlice], spacing_mm: float) -> Placed:
    refuse_for(_too_few(slices), _no_count(slices), _odd_spacing(spacing_mm))
    ordered = sorted(
        slices, key=lambda one: one.header.instance_number or 0, reverse=spacing_mm < 0
    )
    row_mm, column_mm = ordered[0].header.pixel_spacing_mm or (0.0, 0.0)
    text = (
        f"The files do not say where the slices lie. On a user's word they lie {abs(spacing_mm):g} "
        "mm apart, Instance Number rises towards the head, and they are axial, as radiologists "
        "see them: front at the top, the patient's right at the left."
    )
    if spacing_mm < 0:
        text = (
            "The files do not say where the slices lie. On a user's word they lie "
            f"{abs(spacing_mm):g} mm apart, Instance Number rises towards the feet, and they are "
            "axial, as radiologists see them: front at the top, the patient's right at the left."
        )
    said = ordered[0].header.slice_spacing_mm
    is_other = said is not None and abs(said - abs(spacing_mm)) > _SAME_SPACING * abs(spacing_mm)
    warning = Reason(
        code="scan-spacing-doubtful",
        text=f"Spacing Between Slices (0018,0088) says {said or 0.0:g} mm, the user "
        f"{abs(spacing_mm):g} mm.",
    )
    return Placed(
        slices=tuple(ordered),
        affine=np.diag([column_mm, row_mm, abs(spacing_mm), 1.0]),
        assumptions=(Reason(code="scan-order-assumed", text=text),),
        warnings=(warning,) if is_other else (),
    )


def _mixtures(headers: Sequence[SliceHeader]) -> tuple[Reason, ...]:
    """Say in what slices differ that must be alike in one stack."""
    kinds: tuple[tuple[str, Callable[[SliceHeader], Any]], ...] = (
        ("Rows (0028,0010), Columns (0028,0011)", lambda one: (one.rows, one.columns)),
        ("Pixel Spacing (0028,0030)", lambda one: _rounded(one.pixel_spacing_mm, 4)),
        ("Image Orientation (Patient) (0020,0037)", lambda one: _rounded(one.orientation, 3)),
        ("Frame of Reference UID (0020,0052)", lambda one: one.frame_uid),
        ("Study Instance UID (0020,000D)", lambda one: one.study_uid),
        ("Patient ID (0010,0020)", lambda one: one.patient_id),
    )
    found = [(name, len({kind(one) for one in headers})) for name, kind in kinds]
    return tuple(
        Reason(
            code="scan-mixed",
            text=f"found {count} different values of {name} in one series – expected one. Send the "
            "slices of one reconstruction only.",
        )
        for name, count in found
        if count > 1
    )


def _no_positions(headers: Sequence[SliceHeader]) -> tuple[Reason, ...]:
    without = sum(one.position_mm is None for one in headers)
    is_same = len(headers) > 1 and len({one.position_mm for one in headers}) == 1
    if not without and not is_same:
        return ()
    spacing = headers[0].slice_spacing_mm
    told = "–" if spacing is None else f"{spacing:g} mm"
    text = (
        f"found no Image Position (Patient) (0020,0032) in {without} of {len(headers)} slices – "
        "expected where each slice lies. Use the original series; or, if Instance Number "
        "(0020,0013) runs evenly along the body, say how far apart: --slice-spacing MM, below 0 if "
        f"it rises towards the feet. Spacing Between Slices (0018,0088) says: {told}."
    )
    if not without:
        text = (
            "found the same Image Position (Patient) (0020,0032) in all slices – expected where "
            "each slice lies. Use the original series; or, if Instance Number (0020,0013) runs "
            "evenly along the body, say how far apart: --slice-spacing MM, below 0 if it rises "
            f"towards the feet. Spacing Between Slices (0018,0088) says: {told}."
        )
    return (Reason(code="scan-no-position", text=text),)


def _no_orientation(headers: Sequence[SliceHeader]) -> tuple[Reason, ...]:
    without = sum(not _is_orientation(one.orientation) for one in headers)
    if not without:
        return ()
    return (
        Reason(
            code="scan-no-orientation",
            text=f"found no valid Image Orientation (Patient) (0020,0037) in {without} of "
            f"{len(headers)} slices – expected two perpendicular directions. Use the original "
            "series.",
        ),
    )


def _are_placeless(headers: Sequence[SliceHeader]) -> bool:
    """Say whether nothing that slices say of their place speaks against a user's word."""
    is_one_place = len({one.position_mm for one in headers}) == 1
    directions = {_rounded(one.orientation, 3) for one in headers}
    return is_one_place and directions <= {None, (0.0,) * 6, _AXIAL}


def _is_orientation(found: tuple[float, ...] | None) -> bool:
    if found is None:
        return False
    first, second = np.array(found, np.float64).reshape(2, 3)
    lengths = np.abs(np.linalg.norm([first, second], axis=1) - 1.0)
    return bool(lengths.max() < _UNIT_LENGTH and abs(first @ second) < _UNIT_LENGTH)


def _spacing_known(header: SliceHeader) -> bool:
    return header.pixel_spacing_mm is not None and min(header.pixel_spacing_mm) > 0


def _rounded(found: tuple[float, ...] | None, digits: int) -> tuple[float, ...] | None:
    # Adding 0 turns -0 into 0.
    return None if found is None else tuple(round(each, digits) + 0.0 for each in found)


def _along(one: CtSlice, normal: DoubleArray) -> float:
    return float(np.array(one.header.position_mm, np.float64) @ normal)


def _without_doubles(
    ordered: Sequence[CtSlice], normal: DoubleArray
) -> tuple[tuple[CtSlice, ...], Reason | None]:
    single = [ordered[0]]
    doubles = []
    for one in ordered[1:]:
        if _along(one, normal) - _along(single[-1], normal) > _SAME_PLACE_MM:
            single.append(one)
        else:
            doubles.append((single[-1], one))
    others = [pair for pair in doubles if not np.array_equal(pair[0].values, pair[1].values)]
    if others:
        refuse_for(_overlap(others))
    if not doubles:
        return tuple(single), None
    text = f"Slices that were there twice, with the same pixels: {len(doubles)}. One was taken."
    return tuple(single), Reason(code="scan-doubled", text=text)


def _overlap(pairs: Sequence[tuple[CtSlice, CtSlice]]) -> Reason:
    first, second = pairs[0]
    numbers = {one.header.acquisition_number for pair in pairs for one in pair} - {None}
    told = ", ".join(str(each) for each in sorted(numbers, key=str)) or "–"
    return Reason(
        code="scan-overlap",
        text=f"found {len(pairs)} places with two different slices, the first in {first.name} and "
        f"{second.name} (Acquisition Number (0020,0012): {told}) – expected one slice at each "
        "place. Send one acquisition and one reconstruction only.",
    )


def _too_few(slices: Sequence[CtSlice]) -> Reason | None:
    if len(slices) > 1:
        return None
    return Reason(
        code="scan-too-few",
        text="found one slice – expected a series of at least two. Send all slices.",
    )


def _gap(slices: Sequence[CtSlice], along_mm: DoubleArray) -> Reason | None:
    steps = np.diff(along_mm)
    usual = float(np.median(steps))
    wide = np.flatnonzero(steps > _GAP * usual)
    if wide.size == 0:
        return None
    missing = int(np.rint(steps[wide] / usual).sum()) - len(wide)
    first = int(wide[0])
    numbers = [one.header.instance_number for one in slices[first : first + 2]]
    return Reason(
        code="scan-gap",
        text=f"found slices missing (about {missing}; gaps: {len(wide)}), first between "
        f"{along_mm[first]:.1f} and {along_mm[first + 1]:.1f} mm (Instance Number {numbers[0]} and "
        f"{numbers[1]}) – expected one every {usual:.2f} mm. Send the whole series.",
    )


def _unevenness(places: DoubleArray, normal: DoubleArray) -> Reason | None:
    """Compare each place with the straight line from the first slice to the last."""
    step = (places[-1] - places[0]) / (len(places) - 1)
    line = places[0] + np.arange(len(places))[:, None] * step
    off_mm = float(np.linalg.norm(places - line, axis=1).max())
    step_mm = abs(float(step @ normal))
    if off_mm <= max(_UNEVEN_MM, _UNEVEN_SHARE * step_mm):
        return None
    return Reason(
        code="scan-uneven",
        text=f"found slices up to {off_mm:.2f} mm off even steps of {step_mm:.2f} mm "
        "– expected one distance. Send the slices of one reconstruction only.",
    )


def _step_mm(placed: Placed) -> float:
    steps = placed.affine[:3, :3]
    normal = np.cross(steps[:, 0], steps[:, 1])
    return float(steps[:, 2] @ normal / np.linalg.norm(normal))


def _contradiction(found_mm: float, said_mm: float | None) -> Reason | None:
    if said_mm is None or abs(abs(said_mm) - found_mm) <= _SAME_SPACING * found_mm:
        return None
    return Reason(
        code="scan-spacing-contradicted",
        text=f"found slices {found_mm:.3f} mm apart by their places – expected the "
        f"{abs(said_mm):g} mm that were given. Leave out --slice-spacing.",
    )


def _no_count(slices: Sequence[CtSlice]) -> Reason | None:
    numbers = sorted(one.header.instance_number or 0 for one in slices)
    if numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        return None
    return Reason(
        code="scan-no-order",
        text="found Instance Numbers (0020,0013) that are absent, repeated or not consecutive – "
        "expected one number after the other, since nothing else gives the order. Use the "
        "original series.",
    )


def _odd_spacing(spacing_mm: float) -> Reason | None:
    if _SPACING_MM[0] <= abs(spacing_mm) <= _SPACING_MM[1]:
        return None
    return Reason(
        code="scan-spacing",
        text=f"found a slice spacing of {spacing_mm:g} mm – expected {_SPACING_MM[0]:g} to "
        f"{_SPACING_MM[1]:g} mm, with a minus where Instance Number rises towards the feet. "
        "Correct it.",
    )


def _interspaced(header: SliceHeader, step_mm: float) -> Reason | None:
    thickness = header.slice_thickness_mm
    if thickness is None or thickness <= 0 or thickness >= _THIN * step_mm:
        return None
    return Reason(
        code="scan-interspaced",
        text=f"Slices of {thickness:g} mm lie {step_mm:.2f} mm apart: what lies between was not "
        "imaged, and volumes are estimates.",
    )
