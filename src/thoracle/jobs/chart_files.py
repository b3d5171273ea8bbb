"""Files of one patient's measurements as they are sent: tables, documents, FHIR bundles."""

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Final

from thoracle.core.errors import ChartError, ManifestError
from thoracle.datasets.prognosis.cohort import Cohort
from thoracle.datasets.prognosis.declared import read_declared
from thoracle.datasets.prognosis.fhir import read_fhir
from thoracle.datasets.prognosis.problems import NO_ENCOUNTER
from thoracle.datasets.prognosis.table_files import read_table_and_decimal
from thoracle.datasets.prognosis.wuhan import read_wuhan
from thoracle.datasets.reference_standard.sheets import BYTES_MAX
from thoracle.jobs.chart_documents import ChartNotes, KeptOut, NotedChart
from thoracle.jobs.chart_measurements import ReadDocument, read_measurements

MEASUREMENTS: Final = "measurements"
WUHAN: Final = "wuhan"
DECLARED: Final = "declared"
LAYOUTS: Final = (MEASUREMENTS, WUHAN, DECLARED)
"""One row for each measurement; dated rows with a column for each variable; as a schema says."""

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_OF_PATIENT: Final = ("patient", "age_years", "sex", "admitted_at")
_JSON_STARTS: Final = (b"{", b"[")
_FHIR: Final = b'"resourceType"'
_SHEET_OR_FOLDER: Final = "#/\\"
_NAME_MAX: Final = 60  # characters, which have four bytes at most: names of files have 255


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartFile:
    """A file as it came, and what its sender says of it.

    Attributes
    ----------
    layout
        Of a table, one of `LAYOUTS`.
    admitted_at
        ISO 8601, for files that do not say it; "" where nobody does.
    schema
        TOML that declares a table's columns; b"" where there is none.
    sheet
        Of a workbook with several; "" where it has one.
    """

    name: str
    content: bytes = field(repr=False)
    layout: str = MEASUREMENTS
    admitted_at: str = ""
    schema: bytes = field(default=b"", repr=False)
    sheet: str = ""


def read_chart_file(file: ChartFile) -> ReadDocument:
    """Read one patient's stay out of a file.

    Parameters
    ----------
    file
        A table (CSV, also compressed, or XLSX), a document of measurements, or a FHIR bundle.

    Returns
    -------
    ReadDocument
        With what was kept out. What cannot be read at all is a ChartError.
    """
    content = _unpacked(file)
    is_json = content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_JSON_STARTS)
    if is_json and _FHIR not in content:
        return read_document(_parsed(content, file.name), file)
    with TemporaryDirectory(prefix="thoracle-") as folder:
        path = Path(folder) / _named(file.name, _ending(file.name, content, is_json=is_json))
        path.write_bytes(content)
        return _of_bundle(path, file) if is_json else _of_table(path, file)


def read_document(document: Any, file: ChartFile) -> ReadDocument:
    """Read one patient's stay out of JSON.

    Parameters
    ----------
    document
        As `json.loads` gives it.
    file
        Its name, and what its sender says.

    Returns
    -------
    ReadDocument
        With what was kept out.

    Raises
    ------
    ChartError
        It is no object.
    """
    if not isinstance(document, dict):
        raise ChartError(
            f"found JSON in {file.name} that is no object – expected a FHIR bundle, or "
            "measurements. Send such a document.",
            code="chart-json",
        )
    known = dict(document)
    known["admitted_at"] = known.get("admitted_at") or file.admitted_at
    return read_measurements(known, source=file.name)


def need_stays(cohort: Cohort, name: str) -> None:
    """Stop where a file holds no stay.

    Parameters
    ----------
    cohort
        From a reader.
    name
        Of its file.

    Raises
    ------
    ChartError
        There is none.
    """
    if cohort.charts:
        return
    if any(one.detail == NO_ENCOUNTER for one in cohort.problems):
        raise ChartError(
            f"found no Encounter in {name} – expected one for each stay, or observations of one "
            "patient's one stay and, beside the file, when that patient was admitted. Add it, or "
            "say the time of admission.",
            code="chart-patients",
        )
    why = "".join(f" {one.text}" for one in cohort.problems[:1])
    raise ChartError(
        f"found no stay in {name} – expected at least one, with its patient and when it began. "
        f"Look what was kept out.{why}",
        code="chart-patients",
    )


def only_one(cohort: Cohort, name: str) -> ReadDocument:
    """Return the stay of a cohort that has one.

    Parameters
    ----------
    cohort
        From a reader; one without a stay is a ChartError.
    name
        Of its file.

    Returns
    -------
    ReadDocument
        With what was kept out.

    Raises
    ------
    ChartError
        There is more than one.
    """
    need_stays(cohort, name)
    notes = ChartNotes(kept_out=tuple(KeptOut.of(one) for one in cohort.problems))
    if len(cohort.charts) > 1:
        raise ChartError(
            f"found {len(cohort.charts)} stays in {name} – expected one patient's one stay. Send "
            "each by itself, or read them all with thoracle prognosis.",
            code="chart-patients",
        )
    (chart,) = cohort.charts
    return ReadDocument(noted=NotedChart(chart=chart, notes=notes), patient=chart.patient or None)


def _ending(name: str, content: bytes, *, is_json: bool) -> str:
    if is_json:
        return ".ndjson" if name.lower().endswith(".ndjson") else ".json"
    return ".xlsx" if content.startswith(_ZIP) else ".csv"


def _named(name: str, ending: str) -> str:
    """Return a name for a copy by which the sender knows the file, with the ending of its kind."""
    stem = Path(name.removesuffix(".gz")).stem
    known = "".join(one for one in stem if one.isprintable() and one not in _SHEET_OR_FOLDER)
    return f"{known[:_NAME_MAX] or 'chart'}{ending}"


def _of_bundle(path: Path, file: ChartFile) -> ReadDocument:
    return only_one(read_fhir(path, admitted_at=file.admitted_at), file.name)


def _of_table(path: Path, file: ChartFile) -> ReadDocument:
    """Read a table of one of the layouts.

    Raises
    ------
    ChartError
        It is no table, or there is no such layout.
    """
    read = _READERS.get(file.layout)
    if read is None:
        raise ChartError(
            f"found the layout {file.layout[:64]!r} – expected {' or '.join(LAYOUTS)}. Choose one.",
            code="chart-layout",
        )
    try:
        return read(path.with_name(f"{path.name}#{file.sheet}") if file.sheet else path, file)
    except ManifestError as error:
        raise ChartError(error.text, code="chart-table") from error


def _of_measurements(path: Path, file: ChartFile) -> ReadDocument:
    """Read a table with a row for each measurement.

    Raises
    ------
    ChartError
        A column is missing.
    """
    sheet, decimal = read_table_and_decimal(path)
    columns = ["_".join(one.lower().split()) for one in sheet.header]
    if not {"variable", "value"} <= {*columns} or not {"time_h", "at"} & {*columns}:
        raise ChartError(
            f"found columns {', '.join(sheet.header[:12]) or 'none'} in {file.name} – expected "
            "variable, value, unit and time_h or at, a row for each measurement. Name them so, or "
            "choose another layout.",
            code="chart-columns",
        )
    rows = [dict(zip(columns, cells, strict=True)) for _, cells in sheet.rows]
    facts = _facts(rows, file)
    measured = [{**row, "time_h": row.get("time_h") or None} for row in rows]
    document = {**facts, "measurements": measured}
    return read_measurements(document, source=file.name, first=2, decimal=decimal)


def _facts(rows: Sequence[Mapping[str, str]], file: ChartFile) -> dict[str, str | None]:
    """Return what the rows say of their patient.

    Raises
    ------
    ChartError
        They say it of more than one.
    """
    said = {name: {row[name] for row in rows if row.get(name)} for name in _OF_PATIENT}
    for name, values in said.items():
        if len(values) > 1:
            raise ChartError(
                f"found {len(values)} values of {name} in {file.name} – expected one patient's "
                "one stay. Send each by itself.",
                code="chart-patients",
            )
    facts = {name: next(iter(values), None) for name, values in said.items()}
    return facts | {"admitted_at": facts["admitted_at"] or file.admitted_at}


def _of_wuhan(path: Path, file: ChartFile) -> ReadDocument:
    return only_one(read_wuhan(path), file.name)


def _of_declared(path: Path, file: ChartFile) -> ReadDocument:
    """Read a table as a schema declares it.

    Raises
    ------
    ChartError
        There is no schema.
    """
    if not file.schema:
        raise ChartError(
            f"found no schema beside {file.name} – expected a TOML file that declares its columns. "
            "Send one with it, or choose another layout.",
            code="chart-no-schema",
        )
    schema = path.with_name("schema.toml")
    schema.write_bytes(file.schema)
    return only_one(read_declared(path, schema), file.name)


_READERS: Final[Mapping[str, Callable[[Path, ChartFile], ReadDocument]]] = MappingProxyType(
    {MEASUREMENTS: _of_measurements, WUHAN: _of_wuhan, DECLARED: _of_declared}
)


def _unpacked(file: ChartFile) -> bytes:
    """Return the bytes of a file that may be compressed.

    Raises
    ------
    ChartError
        It is damaged, or holds more than a table may.
    """
    if not file.content.startswith(_GZIP):
        return file.content
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        content = unpacker.decompress(file.content, BYTES_MAX)
    except zlib.error as error:
        raise ChartError(
            f"found {file.name} compressed and damaged – expected a whole .gz file. Send it again.",
            code="chart-table",
        ) from error
    if not unpacker.eof:
        raise ChartError(
            f"found {file.name} cut off, or more than {BYTES_MAX} bytes in it – expected a whole "
            "file of fewer. Send it again, or in parts.",
            code="chart-table",
        )
    return content


def _parsed(content: bytes, name: str) -> Any:
    """Parse JSON.

    Raises
    ------
    ChartError
        It is none.
    """
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ChartError(
            f"found {name} that begins like JSON and is none ({type(error).__name__}) – expected "
            "a FHIR bundle, or measurements. Export it again.",
            code="chart-json",
        ) from error
