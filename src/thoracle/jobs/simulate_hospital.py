"""Use case: write the four tables of a simulated hospital, its truth, and films if wanted."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from thoracle.core.errors import ManifestError
from thoracle.core.files import write_atomically
from thoracle.core.progress import Progress, counted
from thoracle.datasets.film_model import shipped_model
from thoracle.datasets.film_render import FilmRequest, draw_film
from thoracle.datasets.film_writing import film_png
from thoracle.datasets.labels import FINDINGS, finding_of, label_text
from thoracle.datasets.manifest import csv_bytes
from thoracle.datasets.reference_standard.simulated import (
    Errors,
    Rows,
    SimulatedHospital,
    simulate_hospital,
)

FILM_PX = 256
TRUTH_NAME = "truth.csv"
_PATIENTS_MAX = 100_000


class SimulationError(ManifestError):
    """A hospital cannot be simulated as asked."""

    code = "reference-simulation"


def write_hospital(
    folder: Path,
    *,
    patients: int,
    seed: int,
    errors: Errors,
    with_films: bool,
    on_progress: Progress,
) -> SimulatedHospital:
    """Simulate a hospital and write xrays, admissions, codes, microbiology and truth as CSV.

    Parameters
    ----------
    folder
        Made if needed; files of these names are written over.
    patients, seed
        How many, and what makes the hospital repeat.
    errors
        How often readers, coders and laboratories err.
    with_films
        Whether to draw a synthetic film for each X-ray, below films/.
    on_progress
        Told about the films.

    Raises
    ------
    SimulationError
        The number of patients is out of range.
    """
    if not 3 <= patients <= _PATIENTS_MAX:
        raise SimulationError(
            f"found {patients} patients – expected 3 to {_PATIENTS_MAX}. Ask for another number."
        )
    hospital = simulate_hospital(patients, np.random.default_rng(seed), errors=errors)
    for name in ("xrays", "admissions", "codes", "microbiology"):
        _write_rows(folder / f"{name}.csv", getattr(hospital, name))
    truth = [
        {"accession": one, "label": label_text(shown)} for one, shown in hospital.truth.items()
    ]
    _write_rows(folder / TRUTH_NAME, truth)
    if with_films:
        _write_films(folder / "films", hospital, seed, on_progress)
    return hospital


def _write_rows(path: Path, rows: Rows) -> None:
    write_atomically(path, csv_bytes(rows, tuple(rows[0])))


def _write_films(
    folder: Path, hospital: SimulatedHospital, seed: int, on_progress: Progress
) -> None:
    model = shipped_model()
    paths: Mapping[str, str] = {row["accession"]: row["path"] for row in hospital.xrays}
    numbered = list(enumerate(paths.items()))
    for number, (accession, path) in counted(numbered, "films", on_progress):
        finding = finding_of(hospital.truth[accession]) or FINDINGS[0]
        request = FilmRequest(finding=finding, seed=seed, number=number, size=FILM_PX)
        write_atomically(folder / path, film_png(draw_film(model, request)))
