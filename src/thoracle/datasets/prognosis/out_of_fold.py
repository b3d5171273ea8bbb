"""Risks that networks told of patients they never saw, kept so that others judge the same folds."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.core.errors import ChartError
from thoracle.prognosis.types import HORIZONS

ARRAYS: Final = ("patient", "index_h", "repeat", "fold", "is_only_three", "risks")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutOfFold:
    """What was told of each landmark by a network that was trained without its patient.

    Attributes
    ----------
    model
        Name of the network.
    patient : (rows,) str
        Pseudonyms.
    index_h : (rows,) float64
        Hours since admission.
    repeat, fold : (rows,) int64
        Which dealing of patients, and the fold that the patient was in; what was trained for it
        learned from all patients of the cohort that are in no row of that repeat and fold.
    is_only_three : (rows,) bool
        Whether only LDH, hs-CRP and lymphocyte share were shown.
    risks : (rows, 4) float64
        As in `Risks`.
    """

    model: str
    patient: tuple[str, ...] = field(repr=False)
    index_h: DoubleArray = field(repr=False)
    repeat: IntArray = field(repr=False)
    fold: IntArray = field(repr=False)
    is_only_three: BoolArray = field(repr=False)
    risks: DoubleArray = field(repr=False)


def write_out_of_fold(told: OutOfFold, path: Path) -> None:
    """Write out-of-fold risks as an NPZ file without pickled objects."""
    arrays: dict[str, Any] = {name: np.asarray(getattr(told, name)) for name in ARRAYS}
    with path.open("wb") as stream:
        np.savez_compressed(stream, model=np.array(told.model, np.str_), **arrays)


def read_out_of_fold(path: Path) -> OutOfFold:
    """Read out-of-fold risks.

    Parameters
    ----------
    path
        An NPZ file of `write_out_of_fold`.

    Returns
    -------
    OutOfFold
        Its rows.

    Raises
    ------
    ChartError
        The file is not such a file, a patient is in two folds of one repeat, or a risk lies outside
        0 to 1.
    """
    try:
        ZipFile(path).close()  # NumPy leaves what is no archive half open
        with np.load(path, allow_pickle=False) as kept:
            told = OutOfFold(
                model=str(kept["model"]),
                patient=tuple(kept["patient"].astype(np.str_).tolist()),
                index_h=kept["index_h"].astype(np.float64),
                repeat=kept["repeat"].astype(np.int64),
                fold=kept["fold"].astype(np.int64),
                is_only_three=kept["is_only_three"].astype(np.bool_),
                risks=kept["risks"].astype(np.float64),
            )
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise ChartError(
            f"found {path}, which cannot be read ({error}) – expected an NPZ file of out-of-fold "
            f"risks with {', '.join(ARRAYS)}. Write it anew with the training.",
            code="chart-out-of-fold",
        ) from error
    fault = _fault(told)
    if fault:
        raise ChartError(
            f"found {fault} in {path} – expected risks of 0 to 1 of each landmark, by networks "
            "that never saw its patient. Write it anew with the training.",
            code="chart-out-of-fold",
        )
    return told


def _fault(told: OutOfFold) -> str:
    rows = len(told.patient)
    shapes = {told.index_h.shape, told.repeat.shape, told.fold.shape, told.is_only_three.shape}
    if shapes != {(rows,)} or told.risks.shape != (rows, len(HORIZONS)):
        return "arrays of different lengths"
    if not ((told.risks >= 0) & (told.risks <= 1)).all():
        return "risks outside 0 to 1"
    folds = set(zip(told.repeat.tolist(), told.patient, told.fold.tolist(), strict=True))
    if len(folds) > len({one[:2] for one in folds}):
        return "a patient in two folds of one repeat"
    return ""
