"""What the readers of collections share: finding images and tables, and reading cells."""

import csv
import re
from pathlib import Path

from thoracle.core.errors import ManifestError
from thoracle.datasets.columns import UnreadableTableError
from thoracle.datasets.readers.reading import SkippedFileError
from thoracle.imaging.dicom_header import age_years as dicom_age_years
from thoracle.imaging.sniff import HEAD_BYTES, kind_of
from thoracle.imaging.types import OLDEST_YEARS

IMAGE_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".gif"})
_SKIPPED_FOLDERS = frozenset({"lung_masks", "annotations", "__MACOSX"})


def image_files(folder: Path) -> list[Path]:
    """List the images below a folder in a fixed order, without masks and hidden files.

    Raises
    ------
    ManifestError
        The folder does not exist or holds no image.
    """
    found = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in IMAGE_ENDINGS and not is_skipped(path.relative_to(folder))
    ]
    if not found:
        raise ManifestError(
            f"{folder} holds no image; expected a folder with {', '.join(sorted(IMAGE_ENDINGS))} "
            "files, in the collection's original layout. Check the path."
        )
    return found


def read_rows(path: Path, *, columns: tuple[str, ...], encoding: str) -> list[dict[str, str]]:
    """Read a collection's CSV table and check that the columns to be used are there.

    Raises
    ------
    ManifestError
        The table is missing, in another encoding, or lacks a column.
    """
    header, rows = read_table(path, encoding=encoding)
    missing = [name for name in columns if name not in header]
    if missing:
        raise ManifestError(
            f'{path} has no column "{missing[0]}"; expected {", ".join(columns)}. '
            "Use the collection's original table."
        )
    return rows


def read_table(path: Path, *, encoding: str) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    """Read a CSV table's header and its rows, whose cells are stripped and never None.

    Raises
    ------
    ManifestError
        The table is missing.
    UnreadableTableError
        It is in another encoding.
    """
    if not path.is_file():
        raise ManifestError(
            f"{path} is missing; expected a table there. Download the collection again, or "
            "correct the path."
        )
    try:
        with path.open(encoding=encoding, newline="") as stream:
            reader = csv.DictReader(stream)
            rows = [{k: (v or "").strip() for k, v in row.items() if k} for row in reader]
            return tuple(reader.fieldnames or ()), rows
    except (UnicodeDecodeError, csv.Error) as fault:
        raise UnreadableTableError(path, fault) from fault


def mask_of(stem: str, folder: Path) -> str | None:
    """Return the lung mask of an image stem, in any of the layouts in use, None without one."""
    candidates = (
        folder / "lung_masks" / f"{stem}.png",
        folder / "annotations" / "lungVAE-masks" / f"{stem}_mask.png",
    )
    return next((str(path) for path in candidates if path.is_file()), None)


def age_years(text: str) -> float | None:
    """Read an age in years, or as DICOM writes it: 45, 4.5, 045Y, 006M.

    "50+" and "mid 50s" are not an age, and neither is 412.
    """
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        return dicom_age_years(text)
    age = float(text)
    return age if age <= OLDEST_YEARS else None


def days(text: str) -> float | None:
    """Read an offset in days, None for anything but a number."""
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


def sex(text: str) -> str | None:
    """Read M, F, male or female, None for anything else."""
    return {"m": "M", "male": "M", "f": "F", "female": "F"}.get(text.lower())


def view(text: str) -> str | None:
    """Read a projection; a lateral of either side is "L", CT planes are None."""
    known = {
        "pa": "PA",
        "ap": "AP",
        "ap erect": "AP",
        "ap supine": "AP supine",
        "l": "L",
        "ll": "L",
        "rl": "L",
        "lateral": "L",
    }
    return known.get(text.lower())


def kind_of_file(path: Path) -> str:
    """Say what a file is by its first bytes, as `sniff.kind_of`.

    Raises
    ------
    SkippedFileError
        It cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return kind_of(stream.read(HEAD_BYTES))
    except OSError as fault:
        raise SkippedFileError("unreadable") from fault


def is_skipped(relative: Path) -> bool:
    """Say whether a path below a collection's folder is a mask or hidden."""
    return relative.name.startswith(".") or any(p in _SKIPPED_FOLDERS for p in relative.parts)
