"""Judge CT bundles on labeled scans, each on patients that it never saw."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import scipy

from thoracle.core.errors import EvaluationError
from thoracle.core.progress import Progress, counted, no_progress
from thoracle.ct.model import CtSegmenter
from thoracle.ct.types import CONSOLIDATION, GROUND_GLASS, LUNG
from thoracle.datasets.ct_cases import CtCase, LabeledScan, read_case, read_hu_scan
from thoracle.evaluation.label_maps import (
    GroupAgreement,
    group_agreement,
    percentage_of_infection,
)
from thoracle.imaging.scan import CtScan
from thoracle.inference.bundle import DESCRIPTION, Bundle, open_bundle

LUNGS: Final = (LUNG, GROUND_GLASS, CONSOLIDATION)
INFECTION: Final = (GROUND_GLASS, CONSOLIDATION)
GROUPS: Final[Mapping[str, tuple[int, ...]]] = {
    "lungs": LUNGS,
    "infection": INFECTION,
    "ground glass": (GROUND_GLASS,),
    "consolidation": (CONSOLIDATION,),
}
INFECTION_MIN_ML: Final = 1.0
"""Less infection in the reference than this has no Dice: one slice more or less would be all."""
LUNG_PART_MIN_ML: Final = 300.0  # of a part that is counted as a lung of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedScan:
    """One labeled scan, judged by a bundle that learned from `learned` other patients."""

    case: str
    patient: str
    learned: int
    groups: Mapping[str, GroupAgreement]
    poi: float
    reference_poi: float

    @property
    def poi_error(self) -> float:
        """Found less reference, in points."""
        return self.poi - self.reference_poi


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlabeledScan:
    """What was found in a scan that nobody outlined: parts of lung, volumes, percentage."""

    name: str
    lung_parts: int
    lungs_ml: float
    ground_glass_ml: float
    consolidation_ml: float
    poi: float


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCt:
    """All that was measured.

    `noise` holds, per patient whose scan was labeled more than once, the percentages of infection
    of those references.
    """

    bundles: tuple[Bundle, ...]
    scans: tuple[JudgedScan, ...]
    noise: Mapping[str, tuple[float, ...]]
    unlabeled: tuple[UnlabeledScan, ...] = ()
    shown_by: str = ""


def find_ct_bundles(folder: Path) -> tuple[Bundle, ...]:
    """Open a bundle, or all bundles of a study.

    Parameters
    ----------
    folder
        Of a bundle, or of `thoracle train ct-study`, with a folder "bundle" in that of each run.

    Returns
    -------
    tuple of Bundle
        At least one, by name of folder.

    Raises
    ------
    EvaluationError
        There is none.
    """
    own = [folder] if (folder / DESCRIPTION).is_file() else []
    found = own or [one.parent for one in sorted(folder.glob(f"*/bundle/{DESCRIPTION}"))]
    if not found:
        raise EvaluationError(
            f"found no bundle in {folder} – expected one, or the folder of a study. Make it with "
            "thoracle train ct-study.",
            code="evaluation-no-bundles",
        )
    return tuple(open_bundle(str(one)) for one in found)


def judge_ct(
    bundles: Sequence[Bundle],
    cases: Sequence[CtCase],
    *,
    unlabeled: Sequence[Path] = (),
    on_progress: Progress = no_progress,
) -> JudgedCt:
    """Judge every bundle on every labeled scan of a patient that it never saw.

    Parameters
    ----------
    bundles
        From `find_ct_bundles`.
    cases
        Labeled scans. One that no bundle left out is not judged.
    unlabeled
        NIfTI files in HU that no bundle learned from; judged by the bundle of most patients.
    on_progress
        Told of each scan.

    Returns
    -------
    JudgedCt
        The outcome.

    Raises
    ------
    EvaluationError
        There is nothing to judge.
    """
    labeled = {one.name: read_case(one) for one in cases}
    pairs = [
        (bundle, labeled[one.name])
        for bundle in bundles
        for one in cases
        if one.patient not in learned_patients(bundle)
    ]
    if not pairs and not unlabeled:
        raise EvaluationError(
            "found no scan of a patient that a bundle never saw – expected some. Train with "
            "--leave-out, or give scans with --unlabeled.",
            code="evaluation-no-films",
        )
    judged = tuple(
        judge_scan(CtSegmenter(bundle), one, learned=len(learned_patients(bundle)))
        for bundle, one in counted(pairs, "judge", on_progress)
    )
    widest = max(bundles, key=lambda one: len(learned_patients(one)))
    return JudgedCt(
        bundles=tuple(bundles),
        scans=judged,
        noise=_noise(labeled.values()),
        unlabeled=tuple(_shown(widest, unlabeled, on_progress)),
        shown_by=", ".join(learned_patients(widest)),
    )


def judge_scan(segmenter: CtSegmenter, labeled: LabeledScan, *, learned: int) -> JudgedScan:
    """Segment one scan and compare it with its reference.

    Parameters
    ----------
    segmenter
        Of a bundle that did not learn from the patient.
    labeled
        The scan and its reference.
    learned
        From how many patients the bundle learned.

    Returns
    -------
    JudgedScan
        On the scan's own grid.
    """
    scan = labeled.scan
    label_map = segmenter.segment(scan).label_map
    return JudgedScan(
        case=labeled.case.name,
        patient=labeled.case.patient,
        learned=learned,
        groups={
            name: group_agreement(
                label_map,
                labeled.label_map,
                labels=labels,
                spacing_mm=scan.spacing_mm,
                reference_min_ml=INFECTION_MIN_ML,
            )
            for name, labels in GROUPS.items()
        },
        poi=percentage_of_infection(label_map, infection=INFECTION, lungs=LUNGS),
        reference_poi=percentage_of_infection(labeled.label_map, infection=INFECTION, lungs=LUNGS),
    )


def learned_patients(bundle: Bundle) -> tuple[str, ...]:
    """Return whom a bundle learned from, as its description says.

    Raises
    ------
    EvaluationError
        It does not say: then nobody can know whom it never saw.
    """
    if "patients" not in bundle.training:
        raise EvaluationError(
            f"found no patients in the description of bundle {bundle.name!r} – expected whom it "
            "learned from. Export it with thoracle train ct.",
            code="evaluation-unknown-patients",
        )
    return tuple(one.strip() for one in bundle.training["patients"].split(",") if one.strip())


def show_scan(segmenter: CtSegmenter, scan: CtScan, name: str) -> UnlabeledScan:
    """Segment a scan that has no reference.

    Parameters
    ----------
    segmenter
        Of any bundle.
    scan
        The scan.
    name
        What the report calls it.

    Returns
    -------
    UnlabeledScan
        Volumes, and how many parts of lung there are.
    """
    label_map = segmenter.segment(scan).label_map
    counts = [float((label_map == label).sum()) * scan.voxel_ml for label in LUNGS]
    parts, _count = scipy.ndimage.label(label_map > 0)
    sizes = np.bincount(parts.ravel())[1:]
    return UnlabeledScan(
        name=name,
        lung_parts=int((sizes * scan.voxel_ml >= LUNG_PART_MIN_ML).sum()),
        lungs_ml=sum(counts),
        ground_glass_ml=counts[1],
        consolidation_ml=counts[2],
        poi=percentage_of_infection(label_map, infection=INFECTION, lungs=LUNGS),
    )


def _shown(bundle: Bundle, paths: Sequence[Path], on_progress: Progress) -> Iterator[UnlabeledScan]:
    segmenter = CtSegmenter(bundle)
    for path in counted(paths, "segment", on_progress):
        yield show_scan(segmenter, read_hu_scan(path), path.name.split(".")[0])


def _noise(labeled: Iterable[LabeledScan]) -> dict[str, tuple[float, ...]]:
    found: dict[str, list[float]] = {}
    for one in labeled:
        poi = percentage_of_infection(one.label_map, infection=INFECTION, lungs=LUNGS)
        found.setdefault(one.case.patient, []).append(poi)
    return {name: tuple(values) for name, values in found.items() if len(values) > 1}
