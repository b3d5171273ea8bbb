"""Open charts to be read: a cohort's folder, tables, FHIR bundles."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from thoracle.core.errors import ChartError
from thoracle.core.files import sha256_of, sha256_of_file
from thoracle.datasets.prognosis.cohort import FACTS, Cohort, read_cohort
from thoracle.datasets.prognosis.table_files import file_of
from thoracle.prognosis.types import Chart

_FHIR: Final = b'"resourceType"'


class NoChartFileError(ChartError):
    """A file that a chart, a film's result or a table should be in cannot be read."""

    code = "chart-file"

    def __init__(self, path: Path, fault: OSError) -> None:
        super().__init__(
            f"found no readable file at {path} ({fault.strerror or type(fault).__name__}) – "
            "expected one. Correct the path."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCharts:
    """The stays of one file.

    Attributes
    ----------
    charts
        In the file's order.
    kept_out
        A sentence for each thing that is not in them.
    sha256
        Of the file; of a cohort's folder that of its `cohort.json`, which holds the digests of
        the other files; of several bundles that of the lines that `sha256sum` prints of them.
    """

    charts: tuple[Chart, ...] = field(repr=False)
    kept_out: tuple[str, ...]
    sha256: str


def open_charts(path: Path, *, schema: Path | None = None, admitted_at: str = "") -> OpenedCharts:
    """Open a file of charts.

    Parameters
    ----------
    path
        A cohort's folder; a table, if `schema` says what is in it; a FHIR bundle or a folder of
        them; or one patient's own measurements. A workbook's sheet is named as in ward.xlsx#values.
    schema
        TOML that declares a table's columns.
    admitted_at
        ISO 8601, of one patient whose file does not say it; "" where nobody does.

    Returns
    -------
    OpenedCharts
        What cannot be read, or holds no stay, is a ChartError.
    """
    if path.is_dir():
        return _of_folder(path, admitted_at)
    place = file_of(path)
    content = file_bytes(place)
    if schema is not None:
        from thoracle.datasets.prognosis.declared import read_declared

        return _of_cohort(read_declared(path, schema), path.name, sha256_of(content))
    if path.suffix.lower() == ".ndjson" or _FHIR in content:
        from thoracle.datasets.prognosis.fhir import read_fhir

        cohort = read_fhir(path, admitted_at=admitted_at)
        return _of_cohort(cohort, path.name, sha256_of(content))
    from thoracle.jobs.chart_files import ChartFile, read_chart_file

    sheet = str(path).removeprefix(str(place)).removeprefix("#")
    file = ChartFile(name=place.name, content=content, admitted_at=admitted_at, sheet=sheet)
    read = read_chart_file(file)
    kept_out = tuple(one.text for one in read.noted.notes.kept_out)
    chart = replace(read.noted.chart, patient=read.patient or "")
    return OpenedCharts(charts=(chart,), kept_out=kept_out, sha256=sha256_of(content))


def file_bytes(path: Path) -> bytes:
    """Read a whole file.

    Parameters
    ----------
    path
        Any.

    Returns
    -------
    bytes
        All of it.

    Raises
    ------
    NoChartFileError
        It is missing, or the system refuses it.
    """
    try:
        return path.read_bytes()
    except OSError as fault:
        raise NoChartFileError(path, fault) from fault


def _of_folder(folder: Path, admitted_at: str) -> OpenedCharts:
    """Open a cohort's folder, or one of FHIR bundles."""
    bundles = sorted(one for one in folder.iterdir() if one.suffix in {".json", ".ndjson"})
    if (folder / FACTS).exists() or not bundles:
        return _of_cohort(read_cohort(folder), folder.name, sha256_of_file(folder / FACTS))
    from thoracle.datasets.prognosis.fhir import read_fhir

    digests = "".join(f"{sha256_of_file(one)}  {one.name}\n" for one in bundles)
    cohort = read_fhir(folder, admitted_at=admitted_at)
    return _of_cohort(cohort, folder.name, sha256_of(digests.encode()))


def _of_cohort(cohort: Cohort, name: str, sha256: str) -> OpenedCharts:
    from thoracle.jobs.chart_files import need_stays

    need_stays(cohort, name)
    kept_out = tuple(one.text for one in cohort.problems)
    return OpenedCharts(charts=cohort.charts, kept_out=kept_out, sha256=sha256)
