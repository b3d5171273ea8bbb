"""COVID-CXNet (Haghanifar et al., 2020): scraped COVID-19 films, a table for about half of them."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlparse

from thoracle.datasets.film import Film, Population, population_of
from thoracle.datasets.labels import ANY_PNEUMONIA, COVID_19, label_text
from thoracle.datasets.readers import source_files
from thoracle.datasets.readers.places import country_of

SOURCE = "cxnet"
LICENCE = "CC BY 4.0 (as stated by the collection)"
COLUMNS = ("filename", "patient_id", "sex", "age", "view", "label", "pcr_test", "location", "url")


def read(folder: Path) -> tuple[Film, ...]:
    """Read the collection's COVID-19 films; paths are absolute.

    A film whose patient was PCR negative, or whose label cell is empty, may be any
    pneumonia. A `p` at the end of the name marks films that look like children.
    A missing table or folder of images is a ManifestError.
    """
    rows = source_files.read_rows(folder / "metadata.csv", columns=COLUMNS, encoding="utf-8-sig")
    by_stem = {Path(row["filename"]).stem: row for row in rows}
    images = folder / "images" if (folder / "images").is_dir() else folder
    return tuple(_film(path, by_stem.get(path.stem)) for path in source_files.image_files(images))


def _film(path: Path, row: Mapping[str, str] | None) -> Film:
    looks_like_child = path.stem.rstrip("-").endswith("p")
    note = "name marks a child's film; age unknown" if looks_like_child else None
    if row is None:
        return Film(
            path=str(path),
            source=SOURCE,
            label=label_text(COVID_19),
            label_origin="the collection holds COVID-19 films; no row in metadata.csv",
            licence=LICENCE,
            population=Population.CHILD if looks_like_child else Population.UNKNOWN,
            note=note,
        )
    years = source_files.age_years(row["age"])
    is_sure = row["label"] == "COVID-19" and row["pcr_test"] != "negative"
    publisher = urlparse(row["url"]).netloc or None
    return Film(
        path=str(path),
        source=SOURCE,
        patient=f"{SOURCE}:{row['patient_id']}" if row["patient_id"] else None,
        study_offset_days=source_files.days(row.get("admission_offset", "")),
        view=source_files.view(row["view"]),
        age_years=years,
        sex=source_files.sex(row["sex"]),
        label=label_text(COVID_19 if is_sure else ANY_PNEUMONIA),
        label_origin=_origin(row),
        licence=LICENCE,
        site=country_of(row["location"]) or publisher,
        publisher=publisher,
        population=Population.CHILD if looks_like_child and years is None else population_of(years),
        note=note if years is None else None,
    )


def _origin(row: Mapping[str, str]) -> str:
    test = row["pcr_test"] or "unknown"
    return f"metadata.csv label: {row['label'] or 'empty'}; PCR {test}"
