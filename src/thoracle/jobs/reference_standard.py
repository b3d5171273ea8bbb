"""Use cases around a hospital's tables: build a reference standard, simulate a hospital."""

import contextlib
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from thoracle.core.errors import ImageError, ManifestError
from thoracle.core.files import sha256_of, write_atomically
from thoracle.core.progress import Progress, counted
from thoracle.datasets.film import Film
from thoracle.datasets.labels import Labels, label_text, parse_label
from thoracle.datasets.manifest import Manifest, csv_bytes, write_manifest
from thoracle.datasets.readers.source_files import read_rows
from thoracle.datasets.reference_standard.cohort import FirstLast, Selected, flow_of, select
from thoracle.datasets.reference_standard.linking import link
from thoracle.datasets.reference_standard.plan import Plan, default_plan_text, read_plan
from thoracle.datasets.reference_standard.problems import Problems
from thoracle.datasets.reference_standard.readings import reader_pairs
from thoracle.datasets.reference_standard.release import (
    COVARIATE_COLUMNS,
    DECISION_COLUMNS,
    Release,
    release,
)
from thoracle.datasets.reference_standard.rule import Branch, is_positive
from thoracle.datasets.reference_standard.sheets import read_sheet
from thoracle.datasets.reference_standard.standard import judge
from thoracle.datasets.reference_standard.tables import XRAYS, Sheets, read_tables
from thoracle.datasets.reference_standard.types import Exclusion, HospitalTables, XRay
from thoracle.imaging.encode import png_bytes
from thoracle.imaging.sandbox import DecoderPool
from thoracle.imaging.synthetic import PNG_KEY, PNG_VALUE
from thoracle.jobs.pseudonyms import Pseudonyms
from thoracle.reporting.cohort_flow import CohortFlow, FlowStep, flow_svg, flow_text
from thoracle.reporting.cohort_html import (
    CohortReport,
    ReaderAgreement,
    cohort_html,
    cohort_json,
)

_SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_WHITE = 65535  # 16 bits keep all that a film's 12 to 14 have


class ReferenceStandardError(ManifestError):
    """A reference standard cannot be built as asked."""

    code = "reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRequest:
    """What a reference standard is built from, and where it goes.

    Attributes
    ----------
    xrays, admissions, codes, microbiology
        Tables: .csv, .xlsx or .xlsx#sheet.
    plan
        What the hospital declares; None for the shipped plan.
    films
        Folder that the X-rays' paths start from; None writes tables alone.
    source
        Name of the collection: small letters, digits and hyphens.
    key_folder
        Holds the key of the pseudonyms; made if needed, never inside `out`.
    out
        Folder to write; must not exist, or be empty.
    """

    xrays: str
    admissions: str
    codes: str
    microbiology: str
    plan: Path | None
    films: Path | None
    source: str
    key_folder: Path
    out: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceBuilt:
    """What was written, and what only the hospital may see.

    `undecided_rows` are rows of the X-ray table on which readers did not agree; `labels_of` has
    the labels of the chosen X-rays by accession number.
    """

    report: CohortReport
    undecided_rows: tuple[int, ...]
    labels_of: Mapping[str, Labels]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """How many chosen films have the true label: alone, among the possible ones, or lost."""

    exact: int
    possible: int
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """What the page's counts are made from."""

    selected: tuple[Selected, ...]
    tables: HospitalTables
    plan: Plan


def build_reference(request: ReferenceRequest, *, on_progress: Progress) -> ReferenceBuilt:
    """Turn four tables into a manifest with labels, without identifiers.

    Parameters
    ----------
    request
        Tables, plan, folders. Anything that is wrong with the tables is a TablesError with all of
        it; a wrong plan is a PlanError; then nothing is written.
    on_progress
        Told about the films that are written anew.

    Returns
    -------
    ReferenceBuilt
        With the counts that page and JSON show.
    """
    _check_places(request)
    plan = read_plan(request.plan)
    problems = Problems()
    tables = read_tables(_sheets(request), plan, problems)
    links = link(tables, plan, problems)
    files = _files(tables, request.films, problems)
    problems.refuse()
    selected = select(judge(tables, links, plan), plan.cohort.admissions)
    keyed = Pseudonyms(request.key_folder, keeps_identifiers=False)
    made = release(
        selected,
        source=request.source,
        pseudonym_of=lambda name: keyed.of(name) or "",
        smallest_cell=plan.cohort.smallest_cell,
    )
    with _whole_folder(request.out) as folder:
        films = _films(made, files, folder, on_progress) if files else made.films
        manifest = Manifest(films=films, root=folder)
        write_manifest(manifest, folder / "manifest.csv")
        counted_cohort = _Counted(selected=selected, tables=tables, plan=plan)
        report = _report(counted_cohort, manifest, made, with_films=bool(files))
        for name, content in _texts(made, report).items():
            write_atomically(folder / name, content)
    return ReferenceBuilt(
        report=report,
        undecided_rows=_undecided_rows(selected),
        labels_of={
            one.judged.xray.accession: one.judged.labels
            for one in selected
            if one.first_last is not None
        },
    )


def _undecided_rows(selected: Iterable[Selected]) -> tuple[int, ...]:
    undecided = (one for one in selected if one.judged.exclusion is Exclusion.UNDECIDED)
    return tuple(sorted(row for one in undecided for row in one.judged.xray.rows))


def recovery(built: ReferenceBuilt, truth: Path) -> Recovery:
    """Compare the labels of chosen films with a table `accession`, `label` of the truth.

    Raises
    ------
    ReferenceStandardError
        A chosen X-ray has no true label.
    """
    rows = read_rows(truth, columns=("accession", "label"), encoding="utf-8-sig")
    true = {row["accession"]: parse_label(row["label"]) for row in rows}
    missing = sum(accession not in true for accession in built.labels_of)
    if missing:
        raise ReferenceStandardError(
            f"found no true label of {missing} X-rays – expected one for each. Give the truth.csv "
            "that belongs to these tables."
        )
    exact = sum(true[name] == labels for name, labels in built.labels_of.items())
    kept = sum(true[name] < labels for name, labels in built.labels_of.items())
    return Recovery(exact=exact, possible=kept, lost=len(built.labels_of) - exact - kept)


def write_default_plan(path: Path) -> None:
    """Write the shipped plan, to be edited; a file that is there is kept.

    Raises
    ------
    ReferenceStandardError
        The file exists.
    """
    if path.exists():
        raise ReferenceStandardError(
            f"found {path.name} there already – expected a new name. Choose another, so that a "
            "plan in use is kept."
        )
    write_atomically(path, default_plan_text().encode())


def _check_places(request: ReferenceRequest) -> None:
    out, keys = request.out.resolve(), request.key_folder.resolve()
    if _SOURCE_NAME.fullmatch(request.source) is None:
        raise ReferenceStandardError(
            "found a source name with other signs – expected small letters, digits and hyphens, "
            "at most 40. Choose another (--source)."
        )
    if keys.is_relative_to(out):
        raise ReferenceStandardError(
            "found the key folder inside the output – expected it elsewhere: whoever has the key "
            "can find patients out. Choose another (--key-folder)."
        )
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise ReferenceStandardError(
            f"found files in {request.out.name} – expected a new or empty folder. Choose another "
            "(--out)."
        )


def _sheets(request: ReferenceRequest) -> Sheets:
    return Sheets(
        xrays=read_sheet(request.xrays),
        admissions=read_sheet(request.admissions),
        codes=read_sheet(request.codes),
        microbiology=read_sheet(request.microbiology),
    )


def _files(tables: HospitalTables, folder: Path | None, problems: Problems) -> dict[str, Path]:
    """Return the file of each X-ray, by accession number; what is missing is a problem."""
    if folder is None:
        return {}
    files: dict[str, Path] = {}
    root = folder.resolve()
    for xray in tables.xrays:
        path = None if xray.path is None else (root / xray.path).resolve()
        if path is None or not path.is_relative_to(root) or not path.is_file():
            _refuse_file(xray, "no file of this X-ray in the folder of films", problems)
        else:
            files[xray.accession] = path
    return files


def _refuse_file(xray: XRay, found: str, problems: Problems) -> None:
    problems.add(
        XRAYS,
        xray.rows,
        found=found,
        expected="a film below --films, by the column path",
        action="Correct the path, or leave out --films to write tables alone",
    )


@contextlib.contextmanager
def _whole_folder(out: Path) -> Iterator[Path]:
    """Give a hidden folder beside the wanted one, which takes its name if all went well."""
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=out.parent, prefix=".reference-"))
    try:
        yield folder
        folder.chmod(0o755)
        if out.exists():
            out.rmdir()
        folder.rename(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _texts(made: Release, report: CohortReport) -> dict[str, bytes]:
    conflicts = [row for row in made.decisions if row["conflict"]]
    return {
        "covariates.csv": csv_bytes(made.covariates, COVARIATE_COLUMNS),
        "decisions.csv": csv_bytes(made.decisions, DECISION_COLUMNS),
        "conflicts.csv": csv_bytes(conflicts, DECISION_COLUMNS),
        "cohort.svg": flow_svg(report.flow).encode(),
        "cohort.txt": flow_text(report.flow).encode(),
        "cohort.json": cohort_json(report),
        "cohort.html": cohort_html(report).encode(),
    }


def _films(
    made: Release, files: Mapping[str, Path], folder: Path, on_progress: Progress
) -> tuple[Film, ...]:
    """Decode every chosen film and write its pixels anew, so that no header is left."""
    problems = Problems()
    written: list[Film] = []
    with DecoderPool.from_settings(workers=1) as pool:
        for film in counted(made.films, "films", on_progress):
            xray = made.sources[film.path]
            try:
                content = _anew(files[xray.accession].read_bytes(), pool)
            except (ImageError, OSError) as fault:
                code = fault.code if isinstance(fault, ImageError) else "unreadable"
                _refuse_file(xray, f"a file that cannot be read as a film [{code}]", problems)
                continue
            write_atomically(folder / film.path, content)
            written.append(replace(film, sha256=sha256_of(content)))
    problems.refuse()
    return tuple(written)


def _anew(content: bytes, pool: DecoderPool) -> bytes:
    radiograph = pool.decode(content)
    samples = np.rint(radiograph.pixels * np.float32(_WHITE)).astype(np.uint16)
    text = {PNG_KEY: PNG_VALUE} if radiograph.is_synthetic else {}
    return png_bytes(samples, fast=True, text=text)


def _report(
    cohort: _Counted, manifest: Manifest, made: Release, *, with_films: bool
) -> CohortReport:
    selected, plan = cohort.selected, cohort.plan
    chosen = [one for one in selected if one.first_last is not None]
    places = Counter(one.first_last for one in chosen)
    return CohortReport(
        flow=_flow(selected, chosen),
        branches=_branches(selected, chosen),
        conflicts=_conflicts(chosen),
        agreement=_agreement(cohort),
        depends_on_flank=sum(one.judged.depends_on_flank for one in chosen),
        by_covid_code_alone=sum(one.judged.is_by_covid_code_alone for one in chosen),
        pairs=places[FirstLast.FIRST],
        singles=places[FirstLast.ONLY],
        small_groups=made.small_groups,
        smallest_cell=plan.cohort.smallest_cell,
        manifest_digest=manifest.digest,
        plan_digest=plan.digest,
        with_films=with_films,
    )


def _agreement(cohort: _Counted) -> tuple[ReaderAgreement, ...]:
    return tuple(
        ReaderAgreement(
            readers=pair.readers,
            xrays=pair.xrays,
            disagreements=pair.disagreements,
            kappa=pair.kappa,
        )
        for pair in reader_pairs(cohort.tables.xrays, cohort.plan.readers)
    )


def _flow(selected: Iterable[Selected], chosen: Iterable[Selected]) -> CohortFlow:
    classes = Counter(label_text(one.judged.labels) for one in chosen)
    return CohortFlow(
        steps=tuple(
            FlowStep(title=box.title, xrays=box.xrays, patients=box.patients, left_out=box.left_out)
            for box in flow_of(selected)
        ),
        classes=tuple((name.replace("|", " or "), n) for name, n in sorted(classes.items())),
    )


def _branches(
    selected: Iterable[Selected], chosen: Iterable[Selected]
) -> tuple[tuple[str, str, int, int], ...]:
    table = Counter(one.judged.branch for one in selected)
    cohort = Counter(one.judged.branch for one in chosen)
    return tuple(
        (str(one), "positive" if is_positive(one) else "negative", table[one], cohort[one])
        for one in Branch
    )


def _conflicts(chosen: Iterable[Selected]) -> tuple[tuple[str, int], ...]:
    stays = {
        (one.judged.admission.admission, str(one.judged.conflict))
        for one in chosen
        if one.judged.admission is not None and one.judged.conflict is not None
    }
    return tuple(sorted(Counter(kind for _, kind in stays).items()))
