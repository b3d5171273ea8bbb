"""The COVID-19 image data collection (Cohen et al., 2020): metadata.csv, images/, lung masks."""

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlparse

from thoracle.datasets.film import Film, population_of
from thoracle.datasets.labels import (
    ANY_PNEUMONIA,
    BACTERIAL,
    COVID_19,
    NORMAL,
    OPACITY,
    OTHER,
    UNKNOWN,
    VIRAL,
    Labels,
    label_text,
)
from thoracle.datasets.readers import source_files
from thoracle.datasets.readers.places import country_of

SOURCE = "cohen"
COLUMNS = ("patientid", "offset", "sex", "age", "finding", "view", "modality", "date", "filename")
LAST_YEAR_BEFORE_COVID = 2019

# Every diagnosis of the collection. Later releases write paths, such as "Pneumonia/Viral/SARS".
DIAGNOSES: Mapping[str, Labels] = {
    "covid-19": COVID_19,
    "sars": VIRAL,
    "mers-cov": VIRAL,
    "influenza": VIRAL,
    "varicella": VIRAL,
    "herpes": VIRAL,
    "viral": VIRAL,
    "streptococcus": BACTERIAL,
    "klebsiella": BACTERIAL,
    "mycoplasma": BACTERIAL,
    "mycoplasma bacterial pneumonia": BACTERIAL,
    "legionella": BACTERIAL,
    "e.coli": BACTERIAL,
    "chlamydophila": BACTERIAL,
    "staphylococcus": BACTERIAL,
    "nocardia": BACTERIAL,
    "tuberculosis": BACTERIAL,
    "bacterial": BACTERIAL,
    "pneumocystis": OTHER,  # a fungus
    "aspergillosis": OTHER,
    "fungal": OTHER,
    "lipoid": OTHER,
    "aspiration": OTHER,
    "no finding": NORMAL,
    "todo": UNKNOWN,
    "unknown": UNKNOWN,
    "": UNKNOWN,
}
_UNSPECIFIC = frozenset({"pneumonia", "ards"})


def read(folder: Path) -> tuple[Film, ...]:
    """Read the collection's films; paths are absolute.

    Images that stand in two rows under two patients make those one person. Images
    without a row have no label and no patient. A missing table or folder of images is a
    ManifestError.
    """
    rows = source_files.read_rows(folder / "metadata.csv", columns=COLUMNS, encoding="utf-8-sig")
    by_stem: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        by_stem[Path(row["filename"]).stem].append(row)
    same_person = _merged_patients(by_stem)
    images = folder / "images" if (folder / "images").is_dir() else folder
    return tuple(
        _film(path, by_stem.get(path.stem), same_person, folder)
        for path in source_files.image_files(images)
    )


def possible_labels(finding: str, date: str) -> Labels:
    """Turn a diagnosis into labels; an unspecific one includes COVID-19 unless dated before it.

    Parameters
    ----------
    finding
        For instance "COVID-19, ARDS", "Pneumonia" or "Pneumonia/Bacterial/Legionella".
    date
        As written: "2015", "January 22, 2020" or "11/27/19".
    """
    text = finding.split(",", maxsplit=1)[0].rsplit("/", 1)[-1].strip().lower()
    if text in _UNSPECIFIC:
        year = _year(date)
        return OPACITY if year is not None and year <= LAST_YEAR_BEFORE_COVID else ANY_PNEUMONIA
    return DIAGNOSES.get(text, UNKNOWN)


def _film(
    path: Path,
    rows: list[dict[str, str]] | None,
    same_person: Mapping[str, str],
    folder: Path,
) -> Film:
    mask = source_files.mask_of(path.stem, folder)
    if not rows:
        origin = "no row in metadata.csv"
        return Film(path=str(path), source=SOURCE, label_origin=origin, mask_path=mask)
    row = rows[0]
    years = source_files.age_years(row["age"])
    publisher = urlparse(row.get("url", "")).netloc or None
    return Film(
        path=str(path),
        source=SOURCE,
        patient=f"{SOURCE}:{same_person[row['patientid']]}",
        study_offset_days=source_files.days(row["offset"]),
        view=source_files.view(row["view"]),
        modality="CT" if row["modality"].upper() == "CT" else "X-ray",
        age_years=years,
        sex=source_files.sex(row["sex"]),
        label=label_text(possible_labels(row["finding"], row["date"])),
        label_origin=f"metadata.csv finding: {row['finding']}",
        mask_path=mask,
        licence=row.get("license") or None,
        site=country_of(row.get("location", "")) or publisher,
        publisher=publisher,
        population=population_of(years),
    )


def _merged_patients(by_stem: Mapping[str, list[dict[str, str]]]) -> dict[str, str]:
    """Map each patient identifier to the first of those that share an image."""
    person = {row["patientid"]: row["patientid"] for rows in by_stem.values() for row in rows}
    for rows in by_stem.values():
        names = {person[row["patientid"]] for row in rows}
        for known, name in person.items():
            if name in names:
                person[known] = min(names)
    return person


def _year(date: str) -> int | None:
    if match := re.search(r"\b(?:19|20)\d\d\b", date):
        return int(match[0])
    if match := re.fullmatch(r"\d{1,2}/\d{1,2}/(\d\d)", date):
        return 2000 + int(match[1])
    return None
