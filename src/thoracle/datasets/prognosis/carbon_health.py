"""The Carbon Health set in its own layout: visits with vital signs, symptoms and the swab result.

It names no patients, so one who came twice may be on both sides of a split; that makes figures
better than they are. Left out are the columns that tell of the test (its name, where the swab was
taken, its batch), of other tests, and of what was found or done later: films and referrals.
"""

import csv
import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from thoracle.core.errors import ChartError
from thoracle.core.files import sha256_of_file
from thoracle.datasets.prognosis.cells import number_of
from thoracle.datasets.prognosis.cohort import Source
from thoracle.datasets.prognosis.feature_table import FeatureTable
from thoracle.datasets.prognosis.problems import Kind, Problems
from thoracle.prognosis.variables import VARIABLES, place_of

RESULT: Final = "covid19_test_results"
_RESULTS: Final[Mapping[str, float]] = {"Negative": 0.0, "Positive": 1.0}
_VITALS: Final[Mapping[str, str]] = {
    "temperature": "temperature",
    "pulse": "heart_rate",
    "sys": "systolic_pressure",
    "dia": "diastolic_pressure",
    "rr": "respiratory_rate",
    "sats": "spo2",
}
_YES_NO: Final = (
    "high_risk_exposure_occupation", "high_risk_interactions", "diabetes", "chd", "htn", "cancer",
    "asthma", "copd", "autoimmune_dis", "smoker", "ctab", "labored_respiration", "rhonchi",
    "wheezes", "cough", "fever", "sob", "diarrhea", "fatigue", "headache", "loss_of_smell",
    "loss_of_taste", "runny_nose", "muscle_sore", "sore_throat",
)  # fmt: skip
_SEVERITIES: Final[Mapping[str, str]] = {"cough_severity": "cough", "sob_severity": "sob"}
_WORDS: Final[Mapping[str, float]] = {"mild": 1.0, "moderate": 2.0, "severe": 3.0}
_BOOLEANS: Final[Mapping[str, float]] = {"true": 1.0, "false": 0.0}
_AGE, _ONSET = "age", "days_since_symptom_onset"
_AGE_YEARS: Final = (0.0, 120.0)
_ONSET_DAYS: Final = (0.0, 365.0)
FEATURES: Final = (
    "age_years", *_VITALS.values(), *_YES_NO, *_SEVERITIES, _ONSET,
)  # fmt: skip
_COLUMNS: Final = (RESULT, _AGE, _ONSET, *_VITALS, *_YES_NO, *_SEVERITIES)
_CITATION: Final = (
    "Carbon Health and Braid Health: coronavirus disease 2019 (COVID-19) clinical data repository, "
    "2020."
)


def read_carbon_health(path: Path) -> FeatureTable:
    """Read the file of visits, as it was put together from the published batches.

    Parameters
    ----------
    path
        A .csv or .csv.gz file with the columns of the set.

    Returns
    -------
    FeatureTable
        Vital signs in the units of `VARIABLES`; yes and no as 1 and 0; severities 1 mild to 3
        severe, 0 where the symptom is known to be absent. A subject is a visit: its row.

    Raises
    ------
    ChartError
        The file is no table; one without a column of the set is refused likewise.
    """
    problems = Problems(path.name)
    numbers, labels, values = [], [], []
    try:
        for number, cells in _rows(path):
            label = _RESULTS.get(cells[RESULT])
            if label is None:
                problems.add(Kind.UNKNOWN_WORD, [number], detail=RESULT)
                continue
            numbers.append(number)
            labels.append(label)
            values.append(_features(cells, number, problems))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as fault:
        raise ChartError(
            f"found {path.name} that cannot be read as a table ({type(fault).__name__}) – expected "
            "CSV in UTF-8, packed with gzip or not. Choose the file as it was published.",
            code="chart-table",
        ) from None
    source = Source(
        name="carbon",
        file=path.name,
        sha256=sha256_of_file(path),
        license="CC BY-NC-SA 4.0",
        citation=_CITATION,
    )
    return FeatureTable(
        name="carbon",
        event="positive swab",
        subjects=tuple(f"row {number}" for number in numbers),
        features=FEATURES,
        values=np.array(values, dtype=np.float64).reshape(len(numbers), len(FEATURES)),
        labels=np.array(labels, dtype=np.float64),
        unit_note="vital signs in the units of the reference of variables; yes 1, no 0",
        problems=problems.all,
        sources=(source,),
    )


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield rows with their numbers; the header is 1."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as stream:
        table = csv.DictReader(stream, strict=True)
        _need_columns(table.fieldnames or (), path.name)
        for number, row in enumerate(table, start=2):
            yield number, {name: (row[name] or "").strip() for name in _COLUMNS}


def _need_columns(header: Sequence[str], name: str) -> None:
    """Stop where a column is missing.

    Raises
    ------
    ChartError
        One is.
    """
    missing = [column for column in _COLUMNS if column not in header]
    if missing:
        raise ChartError(
            f"found no column {missing[0]} in {name} – expected the columns of the Carbon Health "
            "set. Choose the file as it was published.",
            code="chart-columns",
        )


def _features(cells: Mapping[str, str], row: int, problems: Problems) -> list[float]:
    age = _ranged(_AGE, cells[_AGE], _AGE_YEARS, row, problems)
    onset = _ranged(_ONSET, cells[_ONSET], _ONSET_DAYS, row, problems)
    vitals = [_vital(name, cells[column], row, problems) for column, name in _VITALS.items()]
    answers = [_meant(cells[name], _BOOLEANS, name, row, problems) for name in _YES_NO]
    severities = [
        0.0
        if cells[symptom].lower() == "false"
        else _meant(cells[name], _WORDS, name, row, problems)
        for name, symptom in _SEVERITIES.items()
    ]
    return [age, *vitals, *answers, *severities, onset]


def _vital(name: str, text: str, row: int, problems: Problems) -> float:
    measured = VARIABLES[place_of(name)]
    value = number_of(text)
    if value is None:
        return np.nan
    if not measured.low <= value <= measured.high:
        problems.add(Kind.IMPOSSIBLE, [row], variable=name, values=1)
        return np.nan
    return value


def _ranged(name: str, text: str, bounds: Sequence[float], row: int, problems: Problems) -> float:
    value = number_of(text)
    if value is None:
        return np.nan
    if not bounds[0] <= value <= bounds[1]:
        problems.add(Kind.OUT_OF_RANGE, [row], detail=name, values=1)
        return np.nan
    return value


def _meant(
    text: str, meanings: Mapping[str, float], name: str, row: int, problems: Problems
) -> float:
    value = meanings.get(text.lower())
    if value is None and text:
        problems.add(Kind.UNKNOWN_WORD, [row], detail=name, values=1)
    return np.nan if value is None else value
