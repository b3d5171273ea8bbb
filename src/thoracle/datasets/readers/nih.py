"""NIH ChestX-ray14 (Wang et al., 2017): labels mined from reports, hence noisy."""

from collections.abc import Mapping
from pathlib import Path

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Film, population_of
from thoracle.datasets.labels import NORMAL, OPACITY, UNKNOWN, Labels, label_text
from thoracle.datasets.readers import source_files

SOURCE = "nih"
LICENCE = "NIH Clinical Center, free use with credit"
SITE = "NIH Clinical Center"
COLUMNS = (
    "Image Index",
    "Finding Labels",
    "Patient ID",
    "Patient Age",
    "Patient Gender",
    "View Position",
)
OPACITIES = frozenset({"Pneumonia", "Infiltration", "Consolidation", "Edema"})


def read(folder: Path) -> tuple[Film, ...]:
    """Read the films that are in the folder; paths are absolute.

    Accepts images/ or the published images_001 to images_012; rows whose image is not
    there are left out. Pneumonia, infiltration, consolidation and edema count as opacity
    (the films are older than COVID-19), any other finding leaves the label unknown.

    Raises
    ------
    ManifestError
        The table Data_Entry_2017*.csv or the images are missing.
    """
    tables = sorted(folder.glob("Data_Entry_2017*.csv"))
    if not tables:
        raise ManifestError(
            f"{folder} has no Data_Entry_2017*.csv; expected the collection's own table. "
            "Download it beside the images."
        )
    rows = source_files.read_rows(tables[-1], columns=COLUMNS, encoding="utf-8-sig")
    by_stem = {Path(row["Image Index"]).stem: row for row in rows}
    return tuple(_film(path, by_stem.get(path.stem)) for path in source_files.image_files(folder))


def possible_labels(text: str) -> Labels:
    """Turn "Edema|Effusion" and the like into labels."""
    if text == "No Finding":
        return NORMAL
    return OPACITY if OPACITIES & set(text.split("|")) else UNKNOWN


def _film(path: Path, row: Mapping[str, str] | None) -> Film:
    number = path.stem.split("_")[0]
    patient = f"{SOURCE}:{int(number)}" if number.isdigit() else None
    if row is None:
        origin = "no row in Data_Entry_2017"
        return Film(
            path=str(path), source=SOURCE, patient=patient, label_origin=origin, licence=LICENCE
        )
    years = source_files.age_years(row["Patient Age"].lstrip("0") or "0")
    return Film(
        path=str(path),
        source=SOURCE,
        patient=f"{SOURCE}:{int(row['Patient ID'])}",
        view=source_files.view(row["View Position"]),
        age_years=years,
        sex=source_files.sex(row["Patient Gender"]),
        label=label_text(possible_labels(row["Finding Labels"])),
        label_origin=f"mined from the report: {row['Finding Labels']}",
        licence=LICENCE,
        site=SITE,
        population=population_of(years),
    )
