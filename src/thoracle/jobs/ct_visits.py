"""Open, label and measure one scan of a follow-up, with its date."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from thoracle.core.errors import ImageError
from thoracle.core.progress import Progress, no_progress
from thoracle.core.results import BundleReference, Reason
from thoracle.ct.course import SeenScan
from thoracle.ct.follow_up import LUNG, POI, Key, Measured, Visit
from thoracle.ct.quantify import measure
from thoracle.ct.repeatability import LESIONS, Amount, amounts
from thoracle.ct.transitions import Labeled
from thoracle.ct.types import Segmentation
from thoracle.imaging.faults import UnreadableFileError
from thoracle.imaging.sandbox import DecoderPool
from thoracle.imaging.scan import CtScan
from thoracle.imaging.trust import Trust
from thoracle.jobs.ct_files import ScanGrid, read_labels
from thoracle.jobs.ct_scans import open_scan

if TYPE_CHECKING:
    from thoracle.ct.measures import RegionMeasures, ScanMeasures
    from thoracle.ct.model import CtSegmenter

GIVEN: Final = "given labels"
_DAY: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")  # ISO 8601, or DICOM's DA (PS3.5, 6.2)
_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        POI: "percentage_of_infection",
        "infection": "infection_ml",
        "ground_glass": "ground_glass_ml",
        "consolidation": "consolidation_ml",
        LUNG: "lung_ml",
    }
)


class FollowUpError(ImageError):
    """Scans cannot be compared."""

    code = "ct-compare"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenScan:
    """One scan as a user gives it.

    Attributes
    ----------
    path
        As for `thoracle.jobs.ct_scans.open_scan`.
    labels
        A label map as NIfTI on the scan's own grid; None lets the bundle label it.
    day
        When it was made, "2020-03-01"; None takes Study Date (0008,0020).
    """

    path: Path
    labels: Path | None = None
    day: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpOptions:
    """How scans are compared.

    Attributes
    ----------
    trust
        What the user takes responsibility for in every scan.
    same_patient
        Whether the user answers for it that all scans are of one patient.
    bundle
        Name or folder of the bundle that labels what has no labels.
    repeatability
        From `thoracle ct repeatability`; None takes what the package brings.
    threads
        Of network and search; with 1 the search repeats to the last digit.
    on_progress
        Told of each scan and each pair.
    """

    trust: Trust = field(default_factory=Trust)
    same_patient: bool = False
    bundle: str = "ct"
    repeatability: Path | None = None
    threads: int = 1
    on_progress: Progress = no_progress


class Labeler:
    """Labels scans: from their files where they are given, else by the bundle, opened once."""

    def __init__(self, options: FollowUpOptions) -> None:
        self._options = options
        self._segmenter: CtSegmenter | None = None

    @property
    def reference(self) -> BundleReference | None:
        """The bundle, where it was needed."""
        if self._segmenter is None:
            return None
        bundle = self._segmenter.bundle
        return BundleReference(name=bundle.name, version=bundle.version, digest=bundle.digest)

    def label(self, given: GivenScan, scan: CtScan) -> Segmentation:
        """Return the labels of a scan."""
        if given.labels is None:
            return self._network().segment(scan)
        slices, rows, columns = scan.hu.shape
        grid = ScanGrid(shape=(slices, rows, columns), affine=scan.affine, factor=1)
        return Segmentation(label_map=read_labels(_content(given.labels), [grid]))

    def variants(self, given: GivenScan, scan: CtScan) -> Iterator[Segmentation]:
        """Yield what the bundle says of the scan's variants; nothing for labels that are given."""
        if given.labels is None:
            yield from self._network().variants(scan)

    def _network(self) -> "CtSegmenter":
        if self._segmenter is None:
            from thoracle.ct.model import CtSegmenter
            from thoracle.inference.bundle import open_bundle

            options = self._options
            self._segmenter = CtSegmenter(open_bundle(options.bundle), threads=options.threads)
        return self._segmenter


def see(
    given: GivenScan, options: FollowUpOptions, labeler: Labeler, pool: DecoderPool
) -> SeenScan:
    """Open, label and measure one scan.

    Parameters
    ----------
    given
        The scan.
    options
        What is taken on trust.
    labeler
        Shared by all scans of a course.
    pool
        Decodes the files.

    Returns
    -------
    SeenScan
        With its date. One without a date is a FollowUpError.
    """
    scan = open_scan(given.path, options.trust, pool)
    day, assumed = _day(given, scan)
    segmentation = labeler.label(given, scan)
    measures = measure(scan, segmentation, variants=labeler.variants(given, scan))
    found = amounts(segmentation.label_map, scan.spacing_mm)
    return SeenScan(
        visit=Visit(
            name=given.path.name,
            day=day,
            values=dict(values_of(measures)),
            surface_mm2={name: found[name].surface_mm2 for name in LESIONS},
            varied=measures.variants > 0,
        ),
        labeled=Labeled(scan=scan, label_map=segmentation.label_map),
        labeled_by=GIVEN if given.labels is not None else options.bundle,
        assumptions=(*scan.assumptions, *assumed),
        warnings=(*scan.warnings, *measures.warnings),
    )


def amounts_of(
    given: GivenScan, options: FollowUpOptions, labeler: Labeler, pool: DecoderPool
) -> dict[str, Amount]:
    """Return the volumes and surfaces of one scan, whose date does not matter."""
    scan = open_scan(given.path, options.trust, pool)
    return amounts(labeler.label(given, scan).label_map, scan.spacing_mm)


def values_of(measures: "ScanMeasures") -> Iterator[tuple[Key, Measured]]:
    """Yield the numbers of a scan as a follow-up names them."""
    for region in measures.regions:
        for kind, name in _NAMES.items():
            yield (kind, region.name), _measured(region, name)


def _measured(region: "RegionMeasures", name: str) -> Measured:
    found = getattr(region, name)
    return Measured(value=found.value, low=found.low, high=found.high, cut=region.is_lower_bound)


def _day(given: GivenScan, scan: CtScan) -> tuple[date, tuple[Reason, ...]]:
    """Return a scan's date, and what is assumed where the user gives another than its files.

    Raises
    ------
    FollowUpError
        Neither says a date.
    """
    filed = _date(scan.facts.study_date)
    if given.day is None:
        if filed is None:
            raise FollowUpError(
                f"found no Study Date (0008,0020) in {given.path.name} – expected the date of "
                "each scan, since their order is never guessed. Give --dates for all of them.",
                code="ct-compare-no-date",
            )
        return filed, ()
    said = _date(given.day)
    if said is None:
        raise FollowUpError(
            f"found the date {given.day} – expected a day as 2020-03-31. Give --dates again.",
            code="ct-compare-date",
        )
    if filed is not None and filed != said:
        reason = Reason(
            code="ct-compare-other-date",
            text=f"{given.path.name} is taken to be of {said}; its files say {filed}.",
        )
        return said, (reason,)
    return said, ()


def _date(said: str | None) -> date | None:
    found = _DAY.fullmatch((said or "").strip())
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise UnreadableFileError(path, fault) from fault
