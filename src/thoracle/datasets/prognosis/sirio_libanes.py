"""The Sírio-Libanês set in its own layout: five windows since arrival, intensive care or not.

Its values are scaled to −1 to 1 over the whole set by those who published it, so that no unit can
be had back: they stay features of this set alone, and no chart is made of them. Two traps: in the
window in which intensive care came, and after it, values may be of its bed, so they are kept out;
and diseases are told anew in each window, so they are read where they were known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray, IntArray
from thoracle.core.errors import ChartError
from thoracle.core.files import sha256_of_file
from thoracle.datasets.prognosis.cells import number_of
from thoracle.datasets.prognosis.cohort import Source
from thoracle.datasets.prognosis.feature_table import FeatureTable
from thoracle.datasets.prognosis.problems import Kind, Problem, Problems
from thoracle.datasets.reference_standard.sheets import Sheet, read_sheet
from thoracle.prognosis.types import ICU

WINDOWS: Final = ("0-2", "2-4", "4-6", "6-12", "ABOVE_12")
"""Hours since arrival."""
NEVER: Final = len(WINDOWS)
_PATIENT, _WINDOW, _ICU, _PERCENTILE = (
    "PATIENT_VISIT_IDENTIFIER", "WINDOW", "ICU", "AGE_PERCENTIL",
)  # fmt: skip
_NEEDED: Final = (_PATIENT, _WINDOW, _ICU)
_PERCENTILES: Final[Mapping[str, float]] = {
    **{f"{ten}th": float(ten) for ten in range(10, 100, 10)},
    "Above 90th": 95.0,
}
_ROUNDING: Final = 1e-9  # of the scaling, as published: 1.000000000000001 stands there
_CITATION: Final = (
    "Hospital Sírio-Libanês: COVID-19, clinical data to assess diagnosis. Kaggle, 2020."
)


class WindowError(ChartError):
    """A patient has a window twice, not at all, or one that is not known."""

    code = "chart-windows"

    def __init__(self, found: str) -> None:
        super().__init__(
            f"found {found} – expected each of {', '.join(WINDOWS)} once for a "
            "patient, with ICU 0 or 1. Choose the file as it was published."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSet:
    """Every patient's features window by window, until intensive care.

    Attributes
    ----------
    patients : (patients,)
        As in the file.
    features
        Columns of the file, in small letters.
    values : (patients, 5, features) float64
        Scaled to −1 to 1 but for `age_percentil` (10 to 95) and yes and no (1 and 0). NaN where
        nothing is known, and from the window on in which intensive care came.
    icu_windows : (patients,) int64
        The first window in which the patient was in intensive care, `NEVER` without one.
    """

    patients: tuple[str, ...] = field(repr=False)
    features: tuple[str, ...] = field(repr=False)
    values: DoubleArray = field(repr=False)
    icu_windows: IntArray = field(repr=False)
    problems: tuple[Problem, ...] = field(repr=False)
    source: Source

    def known_in(self, window: int) -> FeatureTable:
        """Return what was known in a window of those who were not in intensive care by its end.

        Parameters
        ----------
        window
            Place in `WINDOWS`; 0 is the first two hours. Values of earlier windows are not in it.

        Returns
        -------
        FeatureTable
            The label says whether intensive care came in a later window.
        """
        is_there = self.icu_windows > window
        return FeatureTable(
            name=f"sirio {WINDOWS[window]} h",
            event=ICU,
            subjects=tuple(np.array(self.patients)[is_there].tolist()),
            features=self.features,
            values=self.values[is_there, window],
            labels=(self.icu_windows[is_there] < NEVER).astype(np.float64),
            unit_note="scaled to -1 to 1 over the set by its publishers; no units can be had back",
            problems=self.problems,
            sources=(self.source,),
        )


def read_sirio_libanes(path: Path) -> WindowSet:
    """Read the file, as it was published.

    Parameters
    ----------
    path
        An .xlsx or .csv file with PATIENT_VISIT_IDENTIFIER, WINDOW, ICU and any feature columns.

    Raises
    ------
    ChartError
        A column is missing. A window that a patient has twice, or that is not known, is a
        WindowError.
    """
    sheet = read_sheet(str(path))
    missing = [name for name in _NEEDED if name not in sheet.header]
    if missing:
        raise ChartError(
            f"found no column {missing[0]} in {path.name} – expected {', '.join(_NEEDED)}. Choose "
            "the file as it was published.",
            code="chart-columns",
        )
    problems = Problems(path.name)
    patients, values, in_care = _by_window(sheet, problems)
    icu_windows = np.where((in_care > 0).any(axis=1), (in_care > 0).argmax(axis=1), NEVER)
    is_since = np.arange(NEVER) >= icu_windows[:, None]
    values[is_since] = np.nan
    rows = _rows_since(sheet, patients, icu_windows)
    if rows:
        problems.add(Kind.SINCE_OUTCOME, rows)
    return WindowSet(
        patients=patients,
        features=tuple(name.lower() for name in _features(sheet)),
        values=values,
        icu_windows=icu_windows.astype(np.int64),
        problems=problems.all,
        source=Source(
            name="sirio",
            file=path.name,
            sha256=sha256_of_file(path),
            license="Kaggle, research use",
            citation=_CITATION,
        ),
    )


def _features(sheet: Sheet) -> list[str]:
    return [name for name in sheet.header if name and name not in _NEEDED]


def _by_window(
    sheet: Sheet, problems: Problems
) -> tuple[tuple[str, ...], DoubleArray, DoubleArray]:
    """Return the patients, their values by window, and whether they were in intensive care."""
    columns = [(name, sheet.header.index(name)) for name in _features(sheet)]
    rows = _rows_by_window(sheet)
    patients = tuple(dict.fromkeys(patient for patient, _ in rows))
    values = np.full((len(patients), NEVER, len(columns)), np.nan)
    in_care = np.full((len(patients), NEVER), np.nan)
    for patient, window in product(range(len(patients)), range(NEVER)):
        number, cells = rows[patients[patient], WINDOWS[window]]
        in_care[patient, window] = float(cells[sheet.header.index(_ICU)])
        named = [(name, cells[place]) for name, place in columns]
        values[patient, window] = _numbers(named, number, problems)
    return patients, values, in_care


def _rows_by_window(sheet: Sheet) -> dict[tuple[str, str], tuple[int, tuple[str, ...]]]:
    """Return each row by patient and window.

    Raises
    ------
    WindowError
        A window is unknown, there twice or missing, or ICU is neither 0 nor 1.
    """
    rows: dict[tuple[str, str], tuple[int, tuple[str, ...]]] = {}
    for number, cells in sheet.rows:
        patient, window, icu = (cells[sheet.header.index(name)] for name in _NEEDED)
        if window not in WINDOWS or icu not in {"0", "1"}:
            raise WindowError(f'the window "{window}" with ICU "{icu}" in row {number}')
        if (patient, window) in rows:
            raise WindowError(f"a window in row {number} that the patient has already")
        rows[patient, window] = number, cells
    if len(rows) != NEVER * len({patient for patient, _ in rows}):
        raise WindowError("a patient without one of the windows")
    return rows


def _numbers(cells: Sequence[tuple[str, str]], row: int, problems: Problems) -> list[float]:
    numbers = []
    for name, text in cells:
        value = _PERCENTILES.get(text) if name == _PERCENTILE else number_of(text)
        if value is None:
            if text:
                problems.add(Kind.UNKNOWN_WORD, [row], detail=name, values=1)
            value = np.nan
        elif name != _PERCENTILE and abs(value) > 1 + _ROUNDING:
            problems.add(Kind.NOT_SCALED, [row], detail=name, values=1)
            value = np.nan
        numbers.append(value)
    return numbers


def _rows_since(sheet: Sheet, patients: Sequence[str], icu_windows: IntArray) -> list[int]:
    """Return the rows of the window in which intensive care came, and of those after it."""
    first = dict(zip(patients, icu_windows.tolist(), strict=True))
    at, of = sheet.header.index(_WINDOW), sheet.header.index(_PATIENT)
    return [number for number, cells in sheet.rows if WINDOWS.index(cells[at]) >= first[cells[of]]]
