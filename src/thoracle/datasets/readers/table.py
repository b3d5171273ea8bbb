"""A table of one's own: a CSV with a column `path` and any of a manifest's other columns."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from thoracle.core.errors import ManifestError
from thoracle.datasets.columns import known_columns, rename_cells
from thoracle.datasets.film import Film, Population, film_from_row, population_of
from thoracle.datasets.labels import label_text, labels_of_words
from thoracle.datasets.readers import source_files

_MODALITIES = {"x-ray": "X-ray", "xray": "X-ray", "cr": "X-ray", "dx": "X-ray", "ct": "CT"}


def read(table: Path) -> tuple[Film, ...]:
    """Read a table's films; relative paths start at the table's folder and come back absolute.

    Columns go by any of their names (`columns.ALIASES`), and cells may be written as people do:
    "COVID-19", "pa", "male", "45Y". Without a column `source` the source is the table's name;
    patients get the source in front, so that the same number in two hospitals stays two persons.
    An unknown column, a table without a column path, a wrong cell and a file that does not exist
    are a ManifestError.
    """
    header, rows = source_files.read_table(table, encoding="utf-8-sig")
    known = known_columns(header, required=("path",), where=table)
    folder = table.resolve().parent
    return tuple(_film(rename_cells(row, known), folder, table.stem) for row in rows)


def _film(row: dict[str, str], folder: Path, name: str) -> Film:
    film = film_from_row({**_as_written(row), "source": row.get("source") or name})
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


def _as_written(row: Mapping[str, str]) -> dict[str, str]:
    """Bring cells to a manifest's spelling; what is not understood stays, to be refused by name."""
    plain = dict(row)
    for name, spell in _SPELLINGS.items():
        spelled = spell(row.get(name, ""))
        if spelled is not None:
            plain[name] = spelled
    return plain


def _label(text: str) -> str:
    return label_text(labels_of_words(text))


def _age(text: str) -> str | None:
    years = source_files.age_years(text)
    return None if years is None else f"{years:.10g}"


_SPELLINGS: Mapping[str, Callable[[str], str | None]] = {
    "label": _label,
    "view": source_files.view,
    "sex": source_files.sex,
    "age_years": _age,
    "modality": lambda text: _MODALITIES.get(text.lower()),
    "population": str.lower,
}
