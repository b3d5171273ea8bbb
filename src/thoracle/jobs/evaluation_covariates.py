"""Age, sex, BMI and ethnicity from a table of the user's, for a regression of correctness."""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from thoracle.core.errors import EvaluationError
from thoracle.datasets.film import Film
from thoracle.evaluation.inputs import EvaluationInput

KEYS = ("path", "patient")
NUMBERS: Mapping[str, tuple[float, float]] = {"age_years": (0.0, 130.0), "bmi": (5.0, 150.0)}
"""Columns of numbers, with what they can be: years, and kg/m²."""
NAMES = ("sex", "ethnicity")
_ALIASES = {
    "age": "age_years",
    "body_mass_index": "bmi",
    "gender": "sex",
    "patient_id": "patient",
    "patientid": "patient",
}
_SEXES = ("F", "M")


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariates:
    """What a table says of films and of patients; a film's own row counts before its patient's.

    Both map a name to cells by column; a cell is a number, a text or absent.
    """

    by_path: Mapping[str, Mapping[str, float | str]]
    by_patient: Mapping[str, Mapping[str, float | str]]

    def of(self, film: Film) -> Mapping[str, float | str]:
        """Return what is said of a film."""
        of_patient = self.by_patient.get(film.patient or "", {})
        return {**of_patient, **self.by_path.get(film.path, {})}


def read_covariates(path: Path) -> Covariates:
    """Read a table of covariates.

    Parameters
    ----------
    path
        CSV in UTF-8 with a column path or patient, as the manifest names them, and any of
        age_years, sex, bmi (kg/m²) and ethnicity. Columns that begin with x_ are left out.

    Returns
    -------
    Covariates
        Empty cells are unknown.

    Raises
    ------
    EvaluationError
        The file is no such table, or a cell is wrong.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            columns = _columns(reader.fieldnames or (), path)
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise EvaluationError(
            f"found {path} that cannot be read as a table ({fault}) – expected CSV in UTF-8, with "
            "commas. Save it so from the spreadsheet.",
            code="covariates-table",
        ) from fault
    found: dict[str, dict[str, dict[str, float | str]]] = {key: {} for key in KEYS}
    for number, row in enumerate(rows, start=2):
        cells = {
            columns[name]: (cell or "").strip() for name, cell in row.items() if name in columns
        }
        key = next((key for key in KEYS if cells.get(key)), None)
        if key is None or cells[key] in found[key]:
            raise EvaluationError(
                f"found row {number} of {path} without a path or patient, or with one that another "
                "row has – expected one row for each film or patient. Correct it.",
                code="covariates-row",
            )
        found[key][cells[key]] = {
            name: _cell(name, cell, where=f"row {number} of {path}")
            for name, cell in cells.items()
            if cell and name not in KEYS
        }
    return Covariates(by_path=found["path"], by_patient=found["patient"])


def with_covariates(
    inputs: EvaluationInput, films: Sequence[Film], covariates: Covariates
) -> EvaluationInput:
    """Add what a table says to the films that were scored.

    Parameters
    ----------
    inputs
        Their scores; age and sex that the manifest gives stay.
    films
        The same films in the same order.
    covariates
        From `read_covariates`.

    Returns
    -------
    EvaluationInput
        With BMI and ethnicity, and age and sex where they were unknown.

    Raises
    ------
    EvaluationError
        The table names none of the films.
    """
    told = [covariates.of(film) for film in films]
    if not any(told):
        raise EvaluationError(
            f"found none of {len(films)} films or of their patients in the table of covariates – "
            "expected names as the manifest has them. Look at its columns path and patient.",
            code="covariates-nobody",
        )
    ages = np.array([_number(one.get("age_years")) for one in told])
    known_ages = np.full(len(films), np.nan) if inputs.age_years is None else inputs.age_years
    sexes = (None,) * len(films) if inputs.sex is None else inputs.sex
    return replace(
        inputs,
        age_years=np.where(np.isnan(known_ages), ages, known_ages),
        sex=tuple(sex or _name(one.get("sex")) for sex, one in zip(sexes, told, strict=True)),
        bmi=np.array([_number(one.get("bmi")) for one in told]),
        ethnicity=tuple(_name(one.get("ethnicity")) for one in told),
    )


def _columns(header: Sequence[str], path: Path) -> dict[str, str]:
    """Return what each column of the table is, without those that begin with x_.

    Raises
    ------
    EvaluationError
        A column is not known or stands there twice, or none names a film or patient.
    """
    plain = {name: "_".join(name.lower().replace("_", " ").split()) for name in header if name}
    meant = {
        name: _ALIASES.get(column, column)
        for name, column in plain.items()
        if not column.startswith("x_")
    }
    known = (*KEYS, *NUMBERS, *NAMES)
    unknown = [name for name, column in meant.items() if column not in known]
    is_twice = len(set(meant.values())) < len(meant)
    if unknown or is_twice or not set(KEYS) & set(meant.values()):
        raise EvaluationError(
            f"found columns {', '.join(header)} in {path} – expected path or patient, and each at "
            f"most once of {', '.join(known[2:])}. Let the name of any other begin with x_.",
            code="covariates-column",
        )
    return meant


def _cell(name: str, cell: str, *, where: str) -> float | str:
    if name in NUMBERS:
        low, high = NUMBERS[name]
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise EvaluationError(
                f'found {name} "{cell}" in {where} – expected {low:g} to {high:g} or an empty '
                "cell. Correct it.",
                code="covariates-cell",
            )
        return value
    if name == "sex" and cell not in _SEXES:
        raise EvaluationError(
            f'found sex "{cell}" in {where} – expected F, M or an empty cell. Correct it.',
            code="covariates-cell",
        )
    return cell


def _number(cell: float | str | None) -> float:
    return cell if isinstance(cell, float) else math.nan


def _name(cell: float | str | None) -> str | None:
    return cell if isinstance(cell, str) else None
