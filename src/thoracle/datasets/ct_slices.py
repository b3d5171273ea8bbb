"""The UCSD slices of chest CT, with patient, publication, and what kind of file each was."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thoracle.core.errors import ManifestError
from thoracle.core.progress import Progress, Steps
from thoracle.datasets.duplicates import LOOKALIKE_MIN, match
from thoracle.datasets.thumbnails import as_unit, load_thumbnails

_TABLES: Final = (
    ("COVID-CT-MetaInfo.csv", "CT_COVID", "File name", "Patient ID"),
    ("NonCOVID-CT-MetaInfo.csv", "CT_NonCOVID", "image name", "patient id"),
)
_PAGE: Final = re.compile(r"^(?:(?P<page>.+?)-p\d+-\d+|(?P<item>PIIS\d+)_)")
"""Names of slices cut from papers: publication, page, number of the figure, perhaps a part; or a
publisher's item identifier (PII)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CtSlice2d:
    """One slice: where it lies, what it is called to be, and where it comes from.

    `patient` and `publication` are unique over both classes; `publication` is None where the name
    does not say. `original_kind` is the ending of the file before it came here, such as "png".
    """

    path: Path
    is_covid: bool
    patient: str
    publication: str | None
    original_kind: str


def read_ct_slices(folder: Path) -> tuple[CtSlice2d, ...]:
    """List the slices of the collection.

    Parameters
    ----------
    folder
        With both MetaInfo tables and the folders CT_COVID and CT_NonCOVID. Files may have another
        ending than the table says, and "_" where it has "%".

    Returns
    -------
    tuple of CtSlice2d
        In the tables' order.

    Raises
    ------
    ManifestError
        A table or a picture is missing, or a table lacks a column.
    """
    found: list[CtSlice2d] = []
    for table, pictures, name_column, patient_column in _TABLES:
        path = folder / table
        if not path.is_file():
            raise ManifestError(
                f"found no file {path} – expected the collection's table. Name the folder that "
                "holds it.",
                code="ct-slices",
            )
        files = {one.stem: one for one in (folder / pictures).glob("*")}
        for name, patient in _rows(path, name_column, patient_column):
            stem = name.stem.replace("%", "_")
            if stem not in files:
                raise ManifestError(
                    f"found no picture {stem} in {folder / pictures} – expected it, as {table} "
                    "names it. Add it, or take its row out of the table.",
                    code="ct-slices",
                )
            page = _PAGE.match(stem)
            found.append(
                CtSlice2d(
                    path=files[stem],
                    is_covid=pictures == "CT_COVID",
                    patient=f"{pictures}/{patient}",
                    publication=None if page is None else page["page"] or page["item"],
                    original_kind=name.suffix.lower().lstrip(".").replace("jpeg", "jpg"),
                )
            )
    return tuple(found)


def group_slices(slices: Sequence[CtSlice2d], *, on_progress: Progress) -> tuple[str, ...]:
    """Name the group of each slice: what one patient, publication or near-duplicate joins.

    Parameters
    ----------
    slices
        From `read_ct_slices`.
    on_progress
        Told about the stages "read", "compare" and "verify".

    Returns
    -------
    tuple of str
        Slices with one name must stay in one part of a split, through any chain of the three.
    """
    count = Steps(on_progress, "read", len(slices))
    thumbnails, _unreadable = load_thumbnails([one.path for one in slices], on_step=count.step)
    candidates, scores = match(as_unit(thumbnails), on_progress=on_progress)
    links = [
        (one.query, one.gallery)
        for one, score in zip(candidates, scores, strict=True)
        if score >= LOOKALIKE_MIN
    ]
    return join(slices, links)


def join(slices: Sequence[CtSlice2d], links: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """Name groups from patients, publications and pairs.

    Parameters
    ----------
    slices
        From `read_ct_slices`.
    links
        Positions of near-duplicates.

    Returns
    -------
    tuple of str
        The file name of each group's first slice.
    """
    parent = list(range(len(slices)))

    def root(one: int) -> int:
        while parent[one] != one:
            one = parent[one]
        return one

    first: dict[str, int] = {}
    pairs = [(first.setdefault(key, at), at) for at, one in enumerate(slices) for key in _keys(one)]
    for one, other in [*pairs, *links]:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    return tuple(slices[root(at)].path.name for at in range(len(slices)))


def _keys(one: CtSlice2d) -> Iterator[str]:
    yield f"patient {one.patient}"
    if one.publication is not None:
        yield f"publication {one.publication}"


def _rows(path: Path, name_column: str, patient_column: str) -> Iterator[tuple[Path, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        for row in reader:
            if row.get(name_column) is None or row.get(patient_column) is None:
                raise ManifestError(
                    f"found {path.name} without a column {name_column!r} or {patient_column!r} – "
                    "expected both. Mend the table.",
                    code="ct-slices",
                )
            yield Path(row[name_column].strip()), row[patient_column].strip()
