"""A small measured phantom for the tests of a CT scan's report."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from thoracle.core.languages import Language
from thoracle.core.results import BundleReference, Reason
from thoracle.ct.quantify import measure
from thoracle.ct.texts import MEASURES
from thoracle.ct.types import Segmentation
from thoracle.datasets.thorax import Thorax
from thoracle.datasets.thorax_phantom import Scanner, phantom
from thoracle.datasets.thorax_shapes import Lesion
from thoracle.imaging.scan import CtScan
from thoracle.reporting.ct_texts import CT_DEFINITIONS, CT_PAGE
from thoracle.reporting.ct_view import LabelSource, MeasuredScan

BALL = Lesion(center_mm=(60.0, 0.0, -75.0), half_mm=(30.0, 30.0, 30.0), core=0.7)
BUNDLE = BundleReference(name="ct", version="1.2.3", digest="ab" * 32)
# A language that marks what passed through it: what stays unmarked was not translated.
MARKED = Language(
    "pt",
    {
        text: f"⟦{text}⟧"
        for text in (*CT_PAGE.values(), *CT_DEFINITIONS, *MEASURES.values(), "Assumed so.")
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A measured scan and its labels."""

    found: MeasuredScan
    segmentation: Segmentation

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slices, rows, columns."""
        slices, rows, columns = self.found.scan.hu.shape
        return slices, rows, columns


@lru_cache(maxsize=8)
def case(
    *, lesions: bool = True, cut: bool = False, window: bool = False, variants: int = 0
) -> Case:
    """Measure a thorax with one ball in the right lung, or none."""
    field = ((40.0 if cut else -85.0, 175.0), (-105.0, 105.0), (-150.0, 150.0))
    thorax = Thorax(lesions=(BALL,) if lesions and not cut else ())
    made = phantom(thorax, Scanner(spacing_mm=(10.0, 5.0, 5.0), field_mm=field))
    scan = made.scan
    if window:
        trusted = Reason(code="scan-window-assumed", text="Assumed so.")
        scan = replace(scan, window_hu=(-1350.0, 150.0), assumptions=(trusted,))
    return measured(scan, made.segmentation, variants=variants)


def empty_case() -> Case:
    """A scan in which nobody found a lung."""
    full = case()
    nothing = np.zeros_like(full.segmentation.label_map)
    return measured(full.found.scan, Segmentation(label_map=nothing))


def measured(scan: CtScan, segmentation: Segmentation, *, variants: int = 0) -> Case:
    """Measure a scan whose variants lost some of their ground glass."""
    labels = segmentation.label_map
    others = []
    for number in range(variants):
        fewer = labels.copy()
        fewer[labels.shape[0] // 2 + number :][labels[labels.shape[0] // 2 + number :] == 2] = 1
        others.append(Segmentation(label_map=fewer))
    found = MeasuredScan(
        file="a<b>.nii.gz",
        scan=scan,
        labels=LabelSource(bundle=BUNDLE),
        measures=measure(scan, segmentation, variants=others),
        software_version="9.9.9",
    )
    return Case(found=found, segmentation=segmentation)
