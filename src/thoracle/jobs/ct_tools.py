"""What reads CT scans in this installation: the decoders, the shipped network, the measures."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from thoracle.core.settings import settings
from thoracle.ct.measures import measures_json
from thoracle.ct.model import CtSegmenter
from thoracle.ct.quantify import measure
from thoracle.ct.types import Segmentation
from thoracle.imaging.sandbox import DecoderPool
from thoracle.imaging.scan import CtScan
from thoracle.imaging.trust import Trust
from thoracle.inference.bundle import list_bundles, open_bundle
from thoracle.inference.session import PRECISION, runtime_name
from thoracle.jobs.ct_jobs import (
    MEASURE_PARTS,
    QUANTIFY_PARTS,
    CtTools,
    measure_again,
    quantify,
)
from thoracle.jobs.ct_scans import open_scan
from thoracle.jobs.long_work import Work

CT_BUNDLE: Final = "ct"


def shipped_tools() -> CtTools:
    """Open the CT bundle and a decoder; a bundle that is missing or altered is a BundleError."""
    segmenter = CtSegmenter(open_bundle(CT_BUNDLE), threads=settings().threads or None)
    reference = segmenter.bundle.reference
    made_by = {
        "bundles": [
            {"name": reference.name, "version": reference.version, "digest": reference.digest}
        ],
        "runtime": runtime_name(),
        "precision": PRECISION,
    }
    return CtTools(
        open=_opened,
        segment=segmenter.segment,
        variants=segmenter.variants,
        measure=measures_of,
        made_by=made_by,
    )


def measures_of(
    scan: CtScan, segmentation: Segmentation, variants: Iterable[Segmentation]
) -> dict[str, Any]:
    """Measure a scan, as JSON."""
    return dict(measures_json(measure(scan, segmentation, variants=variants)))


def quantify_work() -> tuple[Work, Mapping[str, float]]:
    """Return how a scan is read with what is shipped, and the shares of its stages."""
    return (lambda task: quantify(task, shipped_tools())), QUANTIFY_PARTS


def measure_work() -> tuple[Work, Mapping[str, float]]:
    """Return how a corrected mask is measured, and the shares of its stages."""
    return partial(measure_again, measure=measures_of), MEASURE_PARTS


def has_ct() -> bool:
    """Say whether a network for CT is installed."""
    return any(folder.name == CT_BUNDLE for folder in list_bundles())


def _opened(path: Path, trust: Trust, series_uid: str | None) -> CtScan:
    with DecoderPool.from_settings() as pool:
        return open_scan(path, trust, pool, series_uid=series_uid)
