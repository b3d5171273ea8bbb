"""A table of one's own: a CSV with a column `path` and any of a manifest's other columns."""

from dataclasses import replace
from pathlib import Path

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Film, Population, film_from_row, population_of
from thoracle.datasets.readers import source_files


def read(table: Path) -> tuple[Film, ...]:
    """Read a table's films; relative paths start at the table's folder and come back absolute.

    Without a column `source` the source is the table's name; patients get the source
    in front, so that the same number in two hospitals stays two persons. A table without a
    column path, a wrong cell and a file that does not exist are a ManifestError.
    """
    rows = source_files.read_rows(table, columns=("path",), encoding="utf-8-sig")
    folder = table.resolve().parent
    return tuple(_film(row, folder, table.stem) for row in rows)


def _film(row: dict[str, str], folder: Path, name: str) -> Film:
    film = film_from_row({**row, "source": row.get("source") or name})
    path = (folder / film.path).resolve()
    if not path.is_file():
        raise ManifestError(
            f"{path} does not exist; expected a file for every row of the table. "
            "Correct the path or remove the row."
        )
    mask = None if film.mask_path is None else str((folder / film.mask_path).resolve())
    patient = film.patient
    if patient is not None and not patient.startswith(f"{film.source}:"):
        patient = f"{film.source}:{patient}"
    population = film.population
    if population is Population.UNKNOWN:
        population = population_of(film.age_years)
    origin = film.label_origin or "the table's label column"
    return replace(
        film,
        path=str(path),
        mask_path=mask,
        patient=patient,
        population=population,
        label_origin=origin,
    )
