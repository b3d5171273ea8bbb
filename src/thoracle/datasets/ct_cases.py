"""Labeled CT scans of a folder, in HU or in grey of the lung window, as `CtScan`."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from thoracle.core.arrays import ByteArray, FloatArray
from thoracle.core.errors import ManifestError
from thoracle.core.files import sha256_of_file
from thoracle.imaging.scan import CtScan, ScanFacts
from thoracle.imaging.volume import Volume, read_volume

CASES: Final = "cases.csv"
LABELS_MAX: Final = 3  # 0 background, 1 lung, 2 ground glass, 3 consolidation
GREY_MAX: Final = 4095
GREY_WINDOW_HU: Final = (-1350.0, 150.0)
"""The window whose grey the collection holds: air, fat and muscle lie where it puts them."""


HU: Final = "HU"
GREY: Final = "grey"
NOBODY: Final = "unknown:"
"""Before the name of a case whose patient nobody knows: it counts as a patient of its own."""
AIR_MAX_HU: Final = -800  # the lowest value of a scan in HU, which has air in it


@dataclass(frozen=True, slots=True, kw_only=True)
class CtCase:
    """One labeled scan: its name, its patient, and where its files lie.

    `is_hu` says that the image holds HU, not grey. Of a corrected mask `reader` is who corrected
    it and `minutes` the time it took, None where nobody measured it.
    """

    name: str
    patient: str
    image: Path
    labels: Path
    is_hu: bool = False
    reader: str | None = None
    minutes: float | None = None

    @property
    def has_patient(self) -> bool:
        """Whether anybody knows whose scan it is."""
        return not self.patient.startswith(NOBODY)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabeledScan:
    """A scan with the labels that readers gave it, (slices, rows, columns) uint8 on its grid."""

    case: CtCase
    scan: CtScan
    label_map: ByteArray = field(repr=False)


def read_cases(folder: Path) -> tuple[CtCase, ...]:
    """List the labeled scans of a folder.

    Parameters
    ----------
    folder
        With `cases.csv`, whose columns `case` and `patient` count, and two NIfTI files a case:
        NAME_image.nii.gz and NAME_labels.nii.gz. The columns `unit` ("grey", as where there is
        none, or "HU"), `reader` and `minutes` may stand beside.

    Returns
    -------
    tuple of CtCase
        In the file's order.

    Raises
    ------
    ManifestError
        There is no such table, it lacks a column, or a case lacks a file.
    """
    path = folder / CASES
    if not path.is_file():
        raise ManifestError(
            f"found no file {path} – expected a table with the columns case and patient. Name the "
            "folder of the labeled scans.",
            code="ct-cases",
        )
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if not rows or not {"case", "patient"} <= set(rows[0]):
        raise ManifestError(
            f"found {path} without cases, or without a column case or patient – expected both. "
            "Mend the table.",
            code="ct-cases",
        )
    cases = tuple(_case(row, folder) for row in rows)
    for case in cases:
        for file in (case.image, case.labels):
            if not file.is_file():
                raise ManifestError(
                    f"found no file {file} – expected it for case {case.name!r}. Add it, or take "
                    "its row out of the table.",
                    code="ct-cases",
                )
    return cases


def read_case(case: CtCase) -> LabeledScan:
    """Read a labeled scan; grey is read back to HU by the window it was made with.

    Parameters
    ----------
    case
        From `read_cases`.

    Returns
    -------
    LabeledScan
        Its scan says which window, None where it holds HU.

    Raises
    ------
    ManifestError
        The labels lie elsewhere than the image or are others than 0…3. So is an image that is
        not grey from 0 to 4095, or not HU where its row says so.
    """
    volume, labels = read_volume(case.image), read_volume(case.labels)
    hu, window_hu = _hu_of(volume, case)
    if labels.values.shape != volume.values.shape or not np.allclose(
        labels.affine, volume.affine, atol=0.01
    ):
        raise ManifestError(
            f"found labels of another size or place than {case.image.name} – expected the same "
            "grid. Resample the labels.",
            code="ct-labels",
        )
    rounded = np.round(labels.values)
    if rounded.min() < 0 or rounded.max() > LABELS_MAX:
        raise ManifestError(
            f"found labels from {rounded.min():g} to {rounded.max():g} in {case.labels.name} – "
            f"expected 0 to {LABELS_MAX}. Check the file.",
            code="ct-labels",
        )
    return LabeledScan(
        case=case,
        scan=_scan(volume, hu, case.image, window_hu=window_hu),
        label_map=rounded.astype(np.uint8),
    )


def read_hu_scan(path: Path) -> CtScan:
    """Read a NIfTI scan of a local collection that is known to hold HU.

    Parameters
    ----------
    path
        .nii or .nii.gz.

    Returns
    -------
    CtScan
        Its values are taken for HU. Without a value as low as air they cannot be: a ManifestError.
    """
    volume = read_volume(path)
    _need_air(volume, path)
    return _scan(volume, volume.values, path, window_hu=None)


def _case(row: Mapping[str, str], folder: Path) -> CtCase:
    """Read a row of cases.csv.

    Raises
    ------
    ManifestError
        Its unit is none, or its minutes are no number.
    """
    name, unit = row["case"], row.get("unit") or GREY
    minutes = row.get("minutes") or None
    try:
        spent = None if minutes is None else float(minutes)
    except ValueError:
        spent = math.nan
    if unit not in {GREY, HU} or (spent is not None and not spent >= 0.0):
        raise ManifestError(
            f"found unit {unit!r} and minutes {minutes!r} of case {name!r} in {CASES} – expected "
            f"{GREY} or {HU}, and a number or nothing. Mend the row.",
            code="ct-cases",
        )
    return CtCase(
        name=name,
        patient=row["patient"] or f"{NOBODY}{name}",
        image=folder / f"{name}_image.nii.gz",
        labels=folder / f"{name}_labels.nii.gz",
        is_hu=unit == HU,
        reader=row.get("reader") or None,
        minutes=spent,
    )


def _hu_of(volume: Volume, case: CtCase) -> tuple[FloatArray, tuple[float, float] | None]:
    """Return HU of a case, and the window that its grey was made with.

    Raises
    ------
    ManifestError
        The image is not grey from 0 to 4095.
    """
    if case.is_hu:
        _need_air(volume, case.image)
        return volume.values, None
    low, high = float(volume.values.min()), float(volume.values.max())
    if low < 0 or high > GREY_MAX:
        raise ManifestError(
            f"found values from {low:g} to {high:g} in {case.image.name} – expected grey from 0 to "
            f"{GREY_MAX} of the lung window. Check the file; of one in HU the column unit says so.",
            code="ct-grey",
        )
    black, white = GREY_WINDOW_HU
    return volume.values * np.float32((white - black) / GREY_MAX) + np.float32(black), (
        GREY_WINDOW_HU
    )


def _need_air(volume: Volume, path: Path) -> None:
    """Refuse values that cannot be HU.

    Raises
    ------
    ManifestError
        None is as low as air.
    """
    lowest = float(volume.values.min())
    if lowest > AIR_MAX_HU:
        raise ManifestError(
            f"found {lowest:g} as the lowest value of {path.name} – expected HU, where air is near "
            "−1000. Check the file.",
            code="ct-no-hu",
        )


def _scan(
    volume: Volume, hu: FloatArray, path: Path, *, window_hu: tuple[float, float] | None
) -> CtScan:
    limits = np.iinfo(np.int16)
    whole = np.clip(np.round(hu), limits.min, limits.max).astype(np.int16)
    return CtScan(
        hu=whole,
        spacing_mm=volume.spacing_mm,
        affine=volume.affine,
        sha256=sha256_of_file(path),
        facts=ScanFacts(format="NIfTI", files=1),
        window_hu=window_hu,
    )
