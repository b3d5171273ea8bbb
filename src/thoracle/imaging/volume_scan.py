"""A NIfTI volume to one CT scan: where it lies, in which unit, and whether it holds HU."""

from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.results import Reason
from thoracle.imaging.ct_slice import CtVolume, VolumeHeader
from thoracle.imaging.hounsfield import as_hu, from_window, why_not_hu
from thoracle.imaging.scan import CtScan, ScanFacts
from thoracle.imaging.scan_grid import build_scan
from thoracle.imaging.trust import Trust, refuse_for

RAS_TO_LPS: Final = np.diag([-1.0, -1.0, 1.0, 1.0])
_SCANNER, _ALIGNED = 1, 2  # nifti1.h: the other codes are places in a template
_NEAR_MM: Final = 0.1
_SAME_SPACING: Final = 0.01
_MM_PER_UNIT: Final = {"mm": 1.0, "meter": 1000.0, "micron": 0.001, "unknown": 1.0}
# What a chest's longest side measures: in meters or micrometers no file could say these numbers.
_CHEST_MM: Final = (50.0, 2500.0)
_SPACING_MM: Final = (0.05, 30.0)


def scan_of_volume(volume: CtVolume, trust: Trust) -> CtScan:
    """Take a NIfTI volume for a scan.

    Parameters
    ----------
    volume
        As the decoder's child gave it.
    trust
        What a user takes responsibility for; a slice spacing may only repeat the file's.

    Returns
    -------
    CtScan
        In the patient's axes (LPS), in HU. What cannot be trusted is a ScanRefusedError with all
        the reasons that were found.
    """
    header = volume.header
    window = trust.assume_window
    slices = list(volume.values)
    refuse_for(*why_not_lying(header, trust), why_not_hu(slices) if window is None else None)
    values = as_hu(slices) if window is None else from_window(slices, trust, window)
    return build_scan(
        values,
        place_of(header),
        facts=ScanFacts(format="NIfTI", files=1),
        digests=[volume.sha256],
        told=((), _unit_unknown(header)),
    )


def place_of(header: VolumeHeader) -> DoubleArray:
    """Return the affine to places in mm, LPS, from (column, row, slice, 1): the sform or the qform.

    Parameters
    ----------
    header
        With one of them.

    References
    ----------
    nifti1.h: METHOD 3 is used where sform_code is above 0. NIfTI's axes are RAS.
    """
    chosen = header.sform if header.sform_code > 0 else header.qform
    scale = np.diag([*[_MM_PER_UNIT[header.unit]] * 3, 1.0])
    affine: DoubleArray = RAS_TO_LPS @ scale @ np.array(chosen, np.float64)
    return affine


def why_not_lying(header: VolumeHeader, trust: Trust) -> tuple[Reason, ...]:
    """Say what is wrong with where a volume lies.

    Parameters
    ----------
    header
        What the file says.
    trust
        What the user says.
    """
    codes = {header.sform_code, header.qform_code} - {0}
    if not codes or (header.sform is None and header.qform is None):
        return (
            Reason(
                code="scan-no-place",
                text="found neither qform nor sform – expected the direction of each axis, since "
                "left and right cannot be told by looking. Convert the original DICOM series.",
            ),
        )
    if not codes <= {_SCANNER, _ALIGNED}:
        return (
            Reason(
                code="scan-template",
                text=f"found a place in a template (sform_code {header.sform_code}, qform_code "
                f"{header.qform_code}) – expected the patient's own. Use the volume before it was "
                "fitted to a template.",
            ),
        )
    reasons = (_disagreement(header), _unclear_spacing(header), _unclear_unit(header))
    return tuple(each for each in (*reasons, _contradiction(header, trust)) if each is not None)


def _disagreement(header: VolumeHeader) -> Reason | None:
    """Compare where both forms put the corners of the volume."""
    if header.sform is None or header.qform is None:
        return None
    last = np.array([header.columns, header.rows, header.slices], np.float64) - 1.0
    corners = np.array([[i, j, k, 1.0] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    corners[:, :3] *= last
    off = np.abs(corners @ (np.array(header.sform) - np.array(header.qform)).T).max()
    off_mm = float(off) * _MM_PER_UNIT[header.unit]
    if off_mm <= _NEAR_MM:
        return None
    return Reason(
        code="scan-forms-disagree",
        text=f"found qform and sform that disagree by {off_mm:.1f} mm – expected one place. Set "
        "the code of the wrong one to 0.",
    )


def _unclear_spacing(header: VolumeHeader) -> Reason | None:
    lengths = np.linalg.norm(place_of(header)[:3, :3], axis=0)[::-1]
    said = np.array(header.spacing_mm) * _MM_PER_UNIT[header.unit]
    is_same = bool(np.allclose(lengths, np.abs(said), rtol=_SAME_SPACING, atol=0.0))
    if is_same and _SPACING_MM[0] <= lengths.min() and lengths.max() <= _SPACING_MM[1]:
        return None
    told = " × ".join(f"{each:g}" for each in said)
    shown = " × ".join(f"{each:g}" for each in lengths)
    return Reason(
        code="scan-no-spacing",
        text=f"found a spacing of {told} mm by pixdim and {shown} mm by the affine – expected the "
        f"same, from {_SPACING_MM[0]:g} to {_SPACING_MM[1]:g} mm. Mend the header.",
    )


def _unclear_unit(header: VolumeHeader) -> Reason | None:
    sides = np.array([header.slices, header.rows, header.columns]) * np.abs(header.spacing_mm)
    longest_mm = float(sides.max()) * _MM_PER_UNIT[header.unit]
    if _CHEST_MM[0] <= longest_mm <= _CHEST_MM[1]:
        return None
    return Reason(
        code="scan-unit",
        text=f"found a volume {longest_mm:g} mm long (unit {header.unit}) – expected "
        f"{_CHEST_MM[0]:g} to {_CHEST_MM[1]:g} mm. Mend the unit in the header.",
    )


def _contradiction(header: VolumeHeader, trust: Trust) -> Reason | None:
    said_mm = trust.slice_spacing_mm
    found_mm = abs(header.spacing_mm[0]) * _MM_PER_UNIT[header.unit]
    if said_mm is None or abs(abs(said_mm) - found_mm) <= _SAME_SPACING * found_mm:
        return None
    return Reason(
        code="scan-spacing-contradicted",
        text=f"found slices {found_mm:.3f} mm apart by their places – expected the "
        f"{abs(said_mm):g} mm that were given. Leave out --slice-spacing.",
    )


def _unit_unknown(header: VolumeHeader) -> tuple[Reason, ...]:
    if header.unit != "unknown":
        return ()
    text = "The file names no unit of length; only millimeters give the size of a body."
    return (Reason(code="scan-unit-unnamed", text=text),)
