"""The columns of a manifest and of a table of one's own, and the other names that they go by."""

from collections import Counter
from collections.abc import Mapping, Sequence

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import COLUMNS

OWN_PREFIX = "x_"
"""A column whose name begins so is somebody's own, and is left out."""
ALIASES: Mapping[str, str] = {
    "age": "age_years",
    "finding": "label",
    "gender": "sex",
    "license": "licence",
    "mask": "mask_path",
    "offset": "study_offset_days",
    "patient_id": "patient",
    "patientid": "patient",
    "study_offset": "study_offset_days",
    "view_position": "view",
}
"""Other names for columns, in small letters, with underscores for spaces."""


class UnreadableTableError(ManifestError):
    """A file is no table in the encoding that it is read in."""

    code = "manifest-table"

    def __init__(self, where: object, fault: Exception) -> None:
        super().__init__(
            f"found {where} that cannot be read as a table ({fault}) – expected CSV in UTF-8, with "
            "commas. Save it so from the spreadsheet."
        )


def known_columns(
    header: Sequence[str], *, required: Sequence[str], where: object
) -> dict[str, str]:
    """Find out which column of a manifest each column of a table is.

    Parameters
    ----------
    header
        The table's column names, in letters of either case, with spaces or underscores.
    required
        Columns that must be there.
    where
        The table, for errors.

    Returns
    -------
    dict
        From the table's name to the manifest's, without columns that begin with x_.

    Raises
    ------
    ManifestError
        A column is unknown, stands there twice, or is missing. What is not understood is not left
        out in silence: without its age a child would count as an adult.
    """
    meant = [(name, _column_of(name)) for name in header if name]
    named = [(name, column) for name, column in meant if not column.startswith(OWN_PREFIX)]
    _refuse_unknown(named, where)
    _refuse_repeated(named, where)
    known = dict(named)
    missing = [column for column in required if column not in known.values()]
    if missing:
        raise ManifestError(
            f"found no column {' and no column '.join(missing)} in {where} – expected "
            f"{' and '.join(required)}, and any of {', '.join(COLUMNS)}. Add it.",
            code="manifest-column",
        )
    return known


def rename_cells(row: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Return a row under the manifest's column names; columns that are not known are left out."""
    return {known[name]: cell for name, cell in row.items() if name in known}


def _refuse_unknown(named: Sequence[tuple[str, str]], where: object) -> None:
    unknown = [name for name, column in named if column not in COLUMNS]
    if unknown:
        raise ManifestError(
            f"found {_listed(unknown)} in {where} – expected only {', '.join(COLUMNS)}. Rename "
            f"what is one of these; let the name of what is to be left out begin with {OWN_PREFIX}",
            code="manifest-column",
        )


def _refuse_repeated(named: Sequence[tuple[str, str]], where: object) -> None:
    for column, count in Counter(column for _, column in named).items():
        if count > 1:
            same = _listed([name for name, found in named if found == column])
            raise ManifestError(
                f"found {same} in {where}, which all mean {column} – expected one. Keep one; let "
                f"the names of the others begin with {OWN_PREFIX}",
                code="manifest-column",
            )


def _column_of(name: str) -> str:
    plain = "_".join(name.lower().replace("_", " ").split())
    return ALIASES.get(plain, plain)


def _listed(names: Sequence[str]) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"the column {quoted}" if len(names) == 1 else f"the columns {quoted}"
