"""Say what kind of pneumonia a scan shows, and how little that may mean."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from thoracle.core.arrays import ByteArray
from thoracle.core.results import DISCLAIMER
from thoracle.core.version import version
from thoracle.ct.case import KINDS, CaseAnswer, CaseClassifier
from thoracle.ct.grid import grid_of, shares_to_scan, to_grid
from thoracle.ct.threshold import METHOD, threshold_labels
from thoracle.ct.types import LABELS
from thoracle.imaging.sandbox import DecoderPool
from thoracle.imaging.scan import CtScan
from thoracle.imaging.trust import Trust
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.jobs.ct_quantify import BUNDLE, QuantifyOptions, quantify
from thoracle.jobs.ct_scans import open_scan

CASE_BUNDLE: Final = "ct-case"
SCHEMA: Final = "thoracle-ct-case/1"
PATIENTS: Final = ("patients_covid", "patients_other", "patients_healthy")
"""Numbers of a bundle: of how many patients of each kind it learned, in the order of `KINDS`."""
PATIENTS_MIN: Final = 10  # of each kind: below, no figure of it can be given with an interval.


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifyOptions:
    """How a scan is classified.

    Attributes
    ----------
    trust, series_uid
        As in `QuantifyOptions`.
    labels
        A NIfTI file with the labels, on the scan's own grid.
    bundle
        Bundle that labels where `labels` is None.
    by_thresholds
        Let thresholds label, for a study.
    case_bundle
        Name or folder of the bundle that classifies.
    """

    trust: Trust = field(default_factory=Trust)
    series_uid: str | None = None
    labels: Path | None = None
    bundle: str = BUNDLE
    by_thresholds: bool = False
    case_bundle: str = CASE_BUNDLE


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifiedScan:
    """One scan, what its regions say together, and what must be known of it."""

    file: str
    sha256: str
    labeled_by: str
    bundle: Bundle = field(repr=False)
    answer: CaseAnswer
    cautions: tuple[str, ...]

    @property
    def document(self) -> dict[str, Any]:
        """All of it, for JSON; what is unknown is None."""
        reference = self.bundle.reference
        return {
            "schema": SCHEMA,
            "file": self.file,
            "sha256": self.sha256,
            "kind": self.answer.kind,
            "confidence": self.answer.confidence,
            "pooled": {name: _named(chances) for name, chances in self.answer.pooled.items()},
            "regions": [asdict(one) for one in self.answer.regions],
            "kinds": list(KINDS),
            "labeled_by": self.labeled_by,
            "cautions": list(self.cautions),
            "provenance": {
                "software": f"thoracle {version()}",
                "bundle": f"{reference.name} {reference.version}",
                "bundle_digest": reference.digest,
            },
            "disclaimer": DISCLAIMER,
        }


def classify_scan(path: Path, options: ClassifyOptions, pool: DecoderPool) -> ClassifiedScan:
    """Open, label and classify one scan.

    Parameters
    ----------
    path
        A folder or ZIP archive of DICOM slices, or a .nii or .nii.gz file.
    options
        How.
    pool
        Decodes the files.

    Returns
    -------
    ClassifiedScan
        A scan that cannot be trusted is a ScanRefusedError, a bundle that is not installed a
        BundleError.
    """
    classifier = CaseClassifier(open_bundle(options.case_bundle))
    scan, label_map, labeled_by = _labeled(path, options, pool)
    return ClassifiedScan(
        file=path.name,
        sha256=scan.sha256,
        labeled_by=labeled_by,
        bundle=classifier.bundle,
        answer=classifier.classify(scan, label_map),
        cautions=cautions_of(classifier.bundle, labeled_by=labeled_by),
    )


def cautions_of(bundle: Bundle, *, labeled_by: str) -> tuple[str, ...]:
    """Return what a reader must know of an answer.

    Parameters
    ----------
    bundle
        Says of how many patients of each kind it learned.
    labeled_by
        What labeled the scan.

    Returns
    -------
    tuple of str
        Sentences.
    """
    counts = [int(bundle.number(name)) for name in PATIENTS]
    said = []
    if min(counts[:2]) < PATIENTS_MIN:
        said.append(
            f"The network learned from {counts[0]} patients with COVID-19, {counts[1]} with "
            f"other pneumonia and {counts[2]} healthy: whether it tells diseases or scanners "
            "apart cannot be known. Do not use the kind."
        )
    said.append(
        "Noisy-OR takes regions for independent, and grows with their number whatever they show: "
        "compare the other ways of pooling."
    )
    if labeled_by == METHOD:
        said.append(
            "Thresholds labeled the scan: vessels and the lung's root are among the regions."
        )
    return tuple(said)


def _labeled(
    path: Path, options: ClassifyOptions, pool: DecoderPool
) -> tuple[CtScan, ByteArray, str]:
    if options.by_thresholds:
        scan = open_scan(path, options.trust, pool, series_uid=options.series_uid)
        return scan, labels_by_thresholds(scan), METHOD
    how = QuantifyOptions(
        trust=options.trust,
        labels=options.labels,
        bundle=options.bundle,
        with_intervals=False,
        series_uid=options.series_uid,
    )
    done = quantify(path, how, pool=pool)
    source = done.found.labels
    name = source.file if source.bundle is None else source.bundle.name
    return done.found.scan, done.segmentation.label_map, str(name)


def labels_by_thresholds(scan: CtScan) -> ByteArray:
    """Label a scan by `threshold_labels`, and bring the labels to its own grid.

    Parameters
    ----------
    scan
        In HU.

    Returns
    -------
    (slices, rows, columns) uint8
        On the scan's grid.
    """
    slices, rows, columns = scan.hu.shape
    spacing_mm = (5.0, 1.5, 1.5)
    grid = grid_of((slices, rows, columns), scan.spacing_mm, spacing_mm=spacing_mm)
    found = threshold_labels(to_grid(scan.hu, grid), spacing_mm=spacing_mm)
    shares = [np.where(found == one, np.uint8(255), np.uint8(0)) for one in range(1, len(LABELS))]
    return shares_to_scan(np.stack(shares), grid)


def _named(chances: tuple[float, float]) -> Mapping[str, float | None]:
    known = [None if np.isnan(one) else one for one in chances]
    return dict(zip(KINDS, known, strict=False))
