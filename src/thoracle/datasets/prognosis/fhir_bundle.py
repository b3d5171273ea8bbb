"""Resources of FHIR R4 from files: bundles, newline-delimited resources, or a folder of both."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from thoracle.core.errors import ChartError

BYTES_MAX: Final = 500 * 2**20
"""Largest file; a million observations have about as much."""
_ENDINGS: Final = (".json", ".ndjson")
# dateTime and instant with a time have an offset (FHIR R4, 2.24.0.1): a date alone tells no hour.
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})")


class BundleFileError(ChartError):
    """A file holds no FHIR resources that can be read."""

    code = "chart-fhir"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource; `entry` counts from 1 over all files, `keys` are what references call it."""

    entry: int
    keys: tuple[str, ...]
    kind: str
    content: Mapping[str, Any] = field(repr=False)


def files_of(path: Path) -> list[Path]:
    """Return the files of resources: the path itself, or what a folder holds of them, by name.

    Raises
    ------
    BundleFileError
        There is none.
    """
    if path.is_dir():
        found = sorted(one for one in path.iterdir() if one.suffix.lower() in _ENDINGS)
    else:
        found = [path] if path.suffix.lower() in _ENDINGS and path.is_file() else []
    if not found:
        raise BundleFileError(
            f"found no file of resources at {path} – expected FHIR R4 as .json or .ndjson, or a "
            "folder of such files. Correct the path."
        )
    return found


def read_resources(files: Sequence[Path]) -> Iterator[Resource]:
    """Yield every resource of files, those of bundles one by one.

    Parameters
    ----------
    files
        Of `files_of`.
    """
    entry = 0
    for file in files:
        for url, content in _contents(file):
            entry += 1
            kind, own = text_of(content.get("resourceType")), text_of(content.get("id"))
            keys = (reference_key(url), f"{kind}/{own}" if own else "")
            yield Resource(
                entry=entry, keys=tuple(key for key in keys if key), kind=kind, content=content
            )


def reference_key(reference: str) -> str:
    """Return what a reference points to, the same for a relative and an absolute one.

    Examples
    --------
    >>> reference_key("https://hospital.example/fhir/Patient/7/_history/2")
    'Patient/7'
    >>> reference_key("urn:uuid:0b1c")
    'urn:uuid:0b1c'
    """
    parts = reference.partition("/_history")[0].split("/")
    return reference if reference.startswith("urn:") else "/".join(parts[-2:])


def referred(content: Mapping[str, Any], name: str) -> str:
    """Return the key of what a resource refers to, "" without a reference."""
    return reference_key(text_of(table_of(content.get(name)).get("reference")))


def text_of(value: Any) -> str:
    """Return a text, "" for anything else."""
    return value if isinstance(value, str) else ""


def table_of(value: Any) -> Mapping[str, Any]:
    """Return an object, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def tables_of(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects of a list, none for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def instant(value: Any) -> datetime | None:
    """Return a dateTime with time and offset, None for anything less exact."""
    text = text_of(value)
    if not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _contents(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each resource of a file with its full URL.

    Raises
    ------
    BundleFileError
        The file is too large, no JSON, or holds something else.
    """
    try:
        if file.stat().st_size > BYTES_MAX:
            raise BundleFileError(
                f"found {file.name} of more than {BYTES_MAX} bytes – expected smaller files. "
                "Export in parts, into one folder."
            )
        for document in _documents(file):
            content = table_of(document)
            if not text_of(content.get("resourceType")):
                raise BundleFileError(
                    f"found {file.name} without a resourceType – expected FHIR R4 resources, such "
                    "as a Bundle. Choose another file."
                )
            yield from _unpacked(content)
    except (OSError, ValueError, RecursionError) as fault:
        raise BundleFileError(
            f"found {file.name} that cannot be read as JSON ({type(fault).__name__}) – expected "
            "FHIR R4 resources. Export them again."
        ) from None


def _documents(file: Path) -> Iterator[Any]:
    """Yield what a file holds as JSON, line by line if it is .ndjson."""
    with file.open(encoding="utf-8-sig", newline="\n") as stream:
        if file.suffix.lower() != ".ndjson":
            yield json.load(stream, parse_constant=_refuse)
            return
        for line in stream:
            if line.strip():
                yield json.loads(line, parse_constant=_refuse)


def _unpacked(content: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if content["resourceType"] != "Bundle":
        yield "", content
        return
    for entry in tables_of(content.get("entry")):
        resource = table_of(entry.get("resource"))
        if resource:
            yield text_of(entry.get("fullUrl")), resource


def _refuse(constant: str) -> float:
    """Refuse NaN and Infinity, which JSON does not have.

    Raises
    ------
    ValueError
        Always.
    """
    raise ValueError(constant)
