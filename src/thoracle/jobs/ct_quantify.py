"""Measure one CT scan and write its report: labels, numbers, page, PDF."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from thoracle.core.files import sha256_of, write_atomically
from thoracle.core.languages import ENGLISH_TEXTS, Language
from thoracle.core.progress import Progress, no_progress
from thoracle.core.version import version
from thoracle.ct.quantify import measure
from thoracle.ct.types import Segmentation
from thoracle.imaging.faults import UnreadableFileError
from thoracle.imaging.sandbox import DecoderPool
from thoracle.imaging.scan import CtScan
from thoracle.imaging.trust import Trust
from thoracle.jobs.ct_files import ScanGrid, read_labels, volume_nifti
from thoracle.jobs.ct_scans import open_scan
from thoracle.reporting.ct_html import ct_html
from thoracle.reporting.ct_pdf import ct_pdf
from thoracle.reporting.ct_pictures import ct_pictures
from thoracle.reporting.ct_table import ct_csv, ct_json
from thoracle.reporting.ct_view import LabelSource, MeasuredScan, ct_view

BUNDLE: Final = "ct"
SEGMENTATION, PAGE, PRINTED, NUMBERS, TABLE = (
    "segmentation.nii.gz",
    "report.html",
    "report.pdf",
    "measures.json",
    "measures.csv",
)
_STEPS: Final = ("open the scan", "label lungs and infection", "measure")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantifyOptions:
    """How a scan is measured.

    Attributes
    ----------
    trust
        What the user takes responsibility for.
    labels
        A NIfTI file with the labels, on the scan's own grid; None lets the bundle label.
    bundle
        Name or folder of the bundle.
    with_intervals
        Whether the bundle labels the scan's variants too, which takes several times as long.
    series_uid
        Which series of a study, or how its UID begins.
    threads
        Of the network; None takes the setting.
    on_progress
        Told of each step.
    """

    trust: Trust = field(default_factory=Trust)
    labels: Path | None = None
    bundle: str = BUNDLE
    with_intervals: bool = True
    series_uid: str | None = None
    threads: int | None = None
    on_progress: Progress = no_progress


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantifiedScan:
    """One scan with its labels and all that was measured."""

    found: MeasuredScan
    segmentation: Segmentation = field(repr=False)

    def write(
        self,
        folder: Path,
        *,
        language: Language = ENGLISH_TEXTS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> tuple[Path, ...]:
        """Write labels, report and numbers.

        Parameters
        ----------
        folder
            Made where it is missing.
        language
            Of page and PDF.
        now
            Tells the time that stands in them.

        Returns
        -------
        tuple of Path
            The files: segmentation.nii.gz, report.html, report.pdf, measures.json, measures.csv.
        """
        scan = self.found.scan
        slices, rows, columns = scan.hu.shape
        view = ct_view(self.found, made_at=now(), language=language)
        pictures = ct_pictures(scan, self.segmentation, language=language)
        shape = (slices, rows, columns)
        files = {
            SEGMENTATION: volume_nifti(self.segmentation.label_map, scan.affine),
            PAGE: ct_html(view, pictures=pictures, shape=shape, language=language).encode(),
            PRINTED: ct_pdf(view, pictures=pictures, shape=shape, language=language),
            NUMBERS: ct_json(self.found),
            TABLE: ct_csv(self.found.measures),
        }
        for name, content in files.items():
            write_atomically(folder / name, content)
        return tuple(folder / name for name in files)


def quantify(
    path: Path, options: QuantifyOptions, *, pool: DecoderPool | None = None
) -> QuantifiedScan:
    """Open, label and measure one scan.

    Parameters
    ----------
    path
        A folder or ZIP archive of DICOM slices, or a .nii or .nii.gz file.
    options
        How.
    pool
        Decodes the files; None makes one with the settings' limits.

    Returns
    -------
    QuantifiedScan
        A scan that cannot be trusted is a ScanRefusedError, labels of another grid an ImageError,
        a bundle that is not installed a BundleError.
    """
    if pool is None:
        with DecoderPool.from_settings() as own:
            return quantify(path, options, pool=own)
    told, (opening, labeling, measuring) = options.on_progress, _STEPS
    label = _labeler(options)
    told(opening, 0, 1)
    scan = open_scan(path, options.trust, pool, series_uid=options.series_uid)
    told(opening, 1, 1)
    told(labeling, 0, 1)
    labeled = label(scan)
    told(labeling, 1, 1)
    told(measuring, 0, 1)
    measures = measure(scan, labeled.segmentation, variants=labeled.variants)
    told(measuring, 1, 1)
    found = MeasuredScan(
        file=path.name,
        scan=scan,
        labels=labeled.source,
        measures=measures,
        software_version=version(),
    )
    return QuantifiedScan(found=found, segmentation=labeled.segmentation)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labeled:
    """Labels, where they come from, and what would have been said of the scan's variants."""

    segmentation: Segmentation
    source: LabelSource
    variants: Iterable[Segmentation] = ()


def _labeler(options: QuantifyOptions) -> Callable[[CtScan], _Labeled]:
    """Return what labels a scan; a bundle that is missing is told before the scan is read."""
    if options.labels is not None:
        return partial(_given, options.labels)
    from thoracle.core.settings import settings
    from thoracle.ct.model import CtSegmenter
    from thoracle.inference.bundle import open_bundle

    threads = options.threads or settings().threads or None
    segmenter = CtSegmenter(open_bundle(options.bundle), threads=threads)

    def label(scan: CtScan) -> _Labeled:
        return _Labeled(
            segmentation=segmenter.segment(scan),
            source=LabelSource(bundle=segmenter.bundle.reference),
            variants=segmenter.variants(scan) if options.with_intervals else (),
        )

    return label


def _given(path: Path, scan: CtScan) -> _Labeled:
    """Read the labels that a user gives.

    Raises
    ------
    UnreadableFileError
        There is no such file.
    """
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise UnreadableFileError(path, fault) from fault
    slices, rows, columns = scan.hu.shape
    grid = ScanGrid(shape=(slices, rows, columns), affine=scan.affine, factor=1)
    return _Labeled(
        segmentation=Segmentation(label_map=read_labels(content, [grid])),
        source=LabelSource(file=path.name, sha256=sha256_of(content)),
    )
