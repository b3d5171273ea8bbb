"""The Figure1 COVID-19 chest X-ray collection: metadata.csv in Latin-1, images/."""

import re
from collections.abc import Mapping
from pathlib import Path

from thoracle.datasets.film import ADULT_FROM_YEARS, Film, Population, population_of
from thoracle.datasets.labels import (
    ANY_PNEUMONIA,
    COVID_19,
    NORMAL,
    UNKNOWN,
    VIRAL,
    Labels,
    label_text,
)
from thoracle.datasets.readers import source_files

SOURCE = "figure1"
LICENCE = "research use"
PUBLISHER = "app.figure1.com"
COLUMNS = ("patientid", "offset", "sex", "age", "finding", "view", "modality")
KERMANY_FILM = "COVID-00020"  # pixel-equal to Kermany's person1004_virus_1686
_FINDINGS: Mapping[str, Labels] = {
    "covid-19": COVID_19,
    "no finding": NORMAL,
    "pneumonia": ANY_PNEUMONIA,  # 2020, cause not given
}


def read(folder: Path) -> tuple[Film, ...]:
    """Read the collection's films; paths are absolute.

    A letter after the number is another film of the same patient. A missing table or
    folder of images is a ManifestError.
    """
    rows = source_files.read_rows(folder / "metadata.csv", columns=COLUMNS, encoding="latin-1")
    by_stem = {row["patientid"]: row for row in rows}
    images = folder / "images" if (folder / "images").is_dir() else folder
    return tuple(_film(path, by_stem.get(path.stem)) for path in source_files.image_files(images))


def _film(path: Path, row: Mapping[str, str] | None) -> Film:
    if path.stem == KERMANY_FILM:
        return _child_of_kermany(path)
    patient = f"{SOURCE}:{path.stem.rstrip('abcdefgh')}"
    if row is None:
        return Film(
            path=str(path),
            source=SOURCE,
            patient=patient,
            label_origin="no row in metadata.csv",
            licence=LICENCE,
            site=PUBLISHER,
            publisher=PUBLISHER,
        )
    years = source_files.age_years(row["age"])
    return Film(
        path=str(path),
        source=SOURCE,
        patient=patient,
        study_offset_days=source_files.days(row["offset"]),
        view=source_files.view(row["view"]),
        modality="CT" if row["modality"].upper() == "CT" else "X-ray",
        age_years=years,
        sex=source_files.sex(row["sex"]),
        label=label_text(_FINDINGS.get(row["finding"].lower(), UNKNOWN)),
        label_origin=f"metadata.csv finding: {row['finding'] or 'empty'}",
        licence=LICENCE,
        site=PUBLISHER,
        publisher=PUBLISHER,
        population=_population(years, row["age"]),
        note=f"age given as {row['age']}" if row["age"] and years is None else None,
    )


def _child_of_kermany(path: Path) -> Film:
    return Film(
        path=str(path),
        source=SOURCE,
        patient="kermany:person1004",
        label=label_text(VIRAL),
        label_origin="Figure1 says COVID-19, but it is Kermany's child person1004_virus_1686",
        licence=LICENCE,
        site=PUBLISHER,
        publisher=PUBLISHER,
        population=Population.CHILD,
    )


def _population(years: float | None, text: str) -> Population:
    """Tell an adult also from "50+" and "mid 50s", whose exact age is unknown."""
    if years is None and (match := re.search(r"\d+", text)):
        is_adult = float(match[0]) >= ADULT_FROM_YEARS
        return Population.ADULT if is_adult else Population.UNKNOWN
    return population_of(years)
