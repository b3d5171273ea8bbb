"""A manifest: the list of films that training and evaluation read, with a digest over its rows."""

import csv
import hashlib
import io
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from thoracle.core.errors import ManifestError, MissingExtraError
from thoracle.core.files import write_atomically
from thoracle.datasets.columns import UnreadableTableError, known_columns, rename_cells
from thoracle.datasets.film import COLUMNS, Film, film_from_row, film_row
from thoracle.imaging.decode import refuse_synthetic

COMPANION_FORMAT = 1
_REQUIRED = ("path", "source")


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Films and the folder that their relative paths start from.

    Two manifests with the same rows in any order have the same digest, wherever they lie:
    the root is not part of it. Not slotted, because the digest is computed once and kept.
    """

    films: tuple[Film, ...]
    root: Path

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the canonical rows, 64 hex digits."""
        lines = sorted(
            json.dumps(film_row(film), sort_keys=True, ensure_ascii=True) for film in self.films
        )
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def resolve(self, film: Film) -> Path:
        """Return the film's file."""
        return self.root / film.path

    def resolve_mask(self, film: Film) -> Path | None:
        """Return the file of the film's lung mask, None where it has none."""
        return None if film.mask_path is None else self.root / film.mask_path

    def select(self, films: Iterable[Film]) -> "Manifest":
        """Return a manifest of other films at the same root."""
        return Manifest(films=tuple(films), root=self.root)


def assemble(groups: Iterable[Iterable[Film]]) -> Manifest:
    """Join the films of several readers, whose paths are absolute, under one root.

    The root is the deepest folder that holds every film and mask, so that the manifest's
    relative paths stay right when the whole folder is moved.

    Raises
    ------
    ManifestError
        There is no film, or one file stands in two rows.
    """
    films = [film for group in groups for film in group]
    if not films:
        raise ManifestError(
            "No film was found in the given sources; a manifest needs at least one. "
            "Check the folders given to `thoracle data build`."
        )
    _refuse_repeats(films)
    root = Path(os.path.commonpath([str(Path(film.path).parent) for film in films]))
    return Manifest(films=tuple(_relative(film, root) for film in films), root=root)


def write_manifest(manifest: Manifest, path: Path) -> None:
    """Write a manifest as CSV or, by the ending .parquet, as Parquet, with a companion.

    The companion `<name>.json` beside it holds the root, the digest and the number of films.

    Raises
    ------
    ManifestError
        The ending is neither .csv nor .parquet. Parquet without pyarrow is a MissingExtraError.
    """
    rows = [film_row(film) for film in manifest.films]
    if path.suffix == ".csv":
        write_atomically(path, csv_bytes(rows, COLUMNS))
    elif path.suffix == ".parquet":
        write_atomically(path, _parquet_bytes(rows))
    else:
        raise ManifestError(_ending_text(path))
    companion = {
        "format": COMPANION_FORMAT,
        "root": _written_root(manifest.root, path),
        "digest": manifest.digest,
        "films": len(manifest.films),
    }
    write_atomically(companion_path(path), (json.dumps(companion, indent=2) + "\n").encode())


def read_manifest(path: Path, *, root: Path | None = None) -> Manifest:
    """Read a manifest that `write_manifest` or a person wrote.

    Parameters
    ----------
    path
        A .csv or .parquet file. Only the columns path and source are required; those of
        `columns.ALIASES` are understood, those that begin with x_ are left out.
    root
        Where relative paths start; by default what the companion says, else the
        manifest's own folder.

    Raises
    ------
    ManifestError
        The file is missing, has another ending, lacks a column or has an unknown one, or a cell
        is wrong. Parquet without pyarrow is a MissingExtraError.
    """
    if not path.is_file():
        raise ManifestError(
            f"There is no manifest at {path}; expected a .csv or .parquet file. "
            "Make one with `thoracle data build`."
        )
    if path.suffix == ".csv":
        rows = _read_csv(path)
    elif path.suffix == ".parquet":
        rows = _read_parquet(path)
    else:
        raise ManifestError(_ending_text(path))
    films = [film_from_row(row) for row in rows]
    _refuse_repeats(films)
    return Manifest(films=tuple(films), root=root or _root_of(path))


def refuse_synthetic_films(manifest: Manifest) -> None:
    """Refuse a manifest with a synthetic film, before anything is learned or measured from it.

    Reads the beginning of every file, not its pixels; a file that cannot be read is left to
    whoever decodes it. A synthetic film is a SyntheticFilmError that names it.
    """
    for film in manifest.films:
        refuse_synthetic(manifest.resolve(film))


def companion_path(path: Path) -> Path:
    """Return where a manifest's or split's companion lies: the same name plus .json."""
    return path.with_name(path.name + ".json")


def csv_bytes(rows: Iterable[Mapping[str, str]], columns: tuple[str, ...]) -> bytes:
    """Write rows as UTF-8 CSV with a header and LF line ends."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def _refuse_repeats(films: Iterable[Film]) -> None:
    path, count = Counter(film.path for film in films).most_common(1)[0] if films else ("", 0)
    if count > 1:
        raise ManifestError(
            f"{path} stands in {count} rows; a manifest has one row per file. Remove the repeats, "
            "or give each source once.",
            code="manifest-repeated-file",
        )


def _relative(film: Film, root: Path) -> Film:
    mask = None if film.mask_path is None else _below(film.mask_path, root)
    return replace(film, path=_below(film.path, root), mask_path=mask)


def _below(path: str, root: Path) -> str:
    return Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path


def _written_root(root: Path, manifest_path: Path) -> str:
    folder = manifest_path.resolve().parent
    root = root.resolve()
    if root.is_relative_to(folder):
        return root.relative_to(folder).as_posix()
    if folder.is_relative_to(root):
        return PurePosixPath(*[".."] * len(folder.relative_to(root).parts)).as_posix()
    return str(root)


def _root_of(path: Path) -> Path:
    companion = companion_path(path)
    if not companion.is_file():
        return path.resolve().parent
    try:
        root = json.loads(companion.read_text(encoding="utf-8"))["root"]
        return (path.resolve().parent / str(root)).resolve()
    except (ValueError, KeyError, TypeError):
        raise ManifestError(
            f'{companion} is not a manifest companion; expected JSON with "root". '
            "Delete it or give the root with --root."
        ) from None


def _read_csv(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            known = known_columns(reader.fieldnames or (), required=_REQUIRED, where=path)
            return [rename_cells(row, known) for row in reader]
    except (UnicodeDecodeError, csv.Error) as fault:
        raise UnreadableTableError(path, fault) from fault


def _parquet_bytes(rows: list[dict[str, str]]) -> bytes:
    pyarrow, parquet = _pyarrow()
    sink = pyarrow.BufferOutputStream()
    table = pyarrow.table({name: [row[name] for row in rows] for name in COLUMNS})
    parquet.write_table(table, sink)
    return bytes(sink.getvalue())


def _read_parquet(path: Path) -> list[dict[str, str]]:
    _, parquet = _pyarrow()
    table = parquet.read_table(path)
    known = known_columns(table.column_names, required=_REQUIRED, where=path)
    rows = (rename_cells(row, known) for row in table.to_pylist())
    return [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in rows]


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MissingExtraError(
            "Parquet needs pyarrow, which is not installed; it comes with the extra `research`. "
            "Install thoracle[research], or write the manifest as .csv."
        ) from None
    return pa, pq


def _ending_text(path: Path) -> str:
    return f'{path.name} ends in "{path.suffix}", expected .csv or .parquet. Rename the manifest.'
