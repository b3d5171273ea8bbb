"""Children's chest X-rays (Kermany et al., 2018): NORMAL and PNEUMONIA, cause in the file name."""

import re
from collections.abc import Mapping
from pathlib import Path

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Film, Population
from thoracle.datasets.labels import BACTERIAL, NORMAL, OPACITY, VIRAL, Labels, label_text
from thoracle.datasets.readers import source_files

SOURCE = "kermany"
LICENCE = "CC BY 4.0"
SITE = "Guangzhou Women and Children's Medical Center"
NOTE = "children aged 1 to 5; ages of single films unknown"
_PERSON = re.compile(r"person(\d+)_(bacteria|virus)_")
_NORMAL = re.compile(r"(?:NORMAL\d*-)?IM-(\d+)-")
_SERIAL = re.compile(r"(?:NORMAL|BACTERIA|VIRUS)-(\d+)-")  # the collection's third version


def read(folder: Path) -> tuple[Film, ...]:
    """Read the collection's films; paths are absolute.

    Accepts NORMAL and PNEUMONIA at the top, or below train, test and val as published.
    The number after `person` is shared between bacteria and virus: one child.

    Raises
    ------
    ManifestError
        There is no image in a folder called NORMAL or PNEUMONIA.
    """
    split = _official_split(folder)
    paths = [
        path
        for path in source_files.image_files(folder)
        if path.parent.name in {"NORMAL", "PNEUMONIA"}
    ]
    if not paths:
        raise ManifestError(
            f"{folder} has no images in folders called NORMAL and PNEUMONIA, as the collection "
            "is published. Point at the folder that holds them, or train, test and val."
        )
    return tuple(_film(path, folder, split) for path in paths)


def _film(path: Path, folder: Path, split: Mapping[str, str]) -> Film:
    upper = path.parent.parent.name
    from_folder = {"train": "train", "test": "test_or_val", "val": "test_or_val"}.get(upper)
    return Film(
        path=str(path),
        source=SOURCE,
        patient=_patient(path.stem),
        label=label_text(_labels(path)),
        label_origin=f"folder {path.parent.name} and file name",
        mask_path=source_files.mask_of(path.stem, folder),
        licence=LICENCE,
        site=SITE,
        population=Population.CHILD,
        official_split=split.get(path.stem) or from_folder,
        note=NOTE,
    )


def _labels(path: Path) -> Labels:
    if path.parent.name == "NORMAL":
        return NORMAL
    name = path.stem.lower()
    if "bacteria" in name:
        return BACTERIAL
    return VIRAL if "virus" in name else OPACITY


def _patient(stem: str) -> str | None:
    if match := _PERSON.match(stem):
        return f"{SOURCE}:person{int(match[1])}"
    if match := _NORMAL.match(stem):
        return f"{SOURCE}:im{int(match[1])}"
    if match := _SERIAL.match(stem):
        return f"{SOURCE}:serial{int(match[1])}"
    return None


def _official_split(folder: Path) -> dict[str, str]:
    table = folder / "official_split.csv"
    if not table.is_file():
        return {}
    rows = source_files.read_rows(table, columns=("file", "split"), encoding="utf-8")
    return {row["file"]: row["split"] for row in rows}
