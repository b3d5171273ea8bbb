"""The numbers of a CT scan for other programs: one JSON object, and one table."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Final

from thoracle.core.results import DISCLAIMER
from thoracle.ct.measures import Quantity, ScanMeasures, measures_json
from thoracle.reporting.ct_texts import CT_DEFINITIONS
from thoracle.reporting.ct_view import MeasuredScan

SCHEMA: Final = "thoracle ct measures 1"
COLUMNS: Final = ("region", "quantity", "value", "low", "high", "is_lower_bound")
_OF_LESIONS: Final = (
    "volume_ml", "ground_glass_ml", "consolidation_ml", "mesh_ml", "surface_cm2", "sphericity",
    "diameter_mm",
)  # fmt: skip
Row = tuple[str, str, Quantity, bool | None]


def ct_json(found: MeasuredScan) -> bytes:
    """Write all numbers as a JSON object; unknown is null, and nothing names the patient."""
    scan = found.scan
    facts = asdict(scan.facts)
    content = {
        "schema": SCHEMA,
        "disclaimer": DISCLAIMER,
        "file": found.file,
        "scan": {
            "sha256": scan.sha256,
            "shape": list(scan.hu.shape),
            "spacing_mm": scan.spacing_mm,
            "affine_lps": scan.affine.tolist(),
            "window_hu": scan.window_hu,
            "assumptions": [asdict(one) for one in scan.assumptions],
            "warnings": [asdict(one) for one in scan.warnings],
            **{name: facts[name] for name in ("format", "files", "manufacturer", "kernel")},
            "slice_thickness_mm": facts["slice_thickness_mm"],
        },
        "labels": asdict(found.labels),
        "software_version": found.software_version,
        "definitions": CT_DEFINITIONS,
        "measures": measures_json(found.measures),
    }
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def ct_csv(measures: ScanMeasures) -> bytes:
    """Write the numbers as a table, one a row; unknown is an empty cell."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for region, quantity, found, is_bound in _rows(measures):
        bound = "" if is_bound is None else str(is_bound).lower()
        writer.writerow([region, quantity, found.value, found.low, found.high, bound])
    return stream.getvalue().encode()


def _rows(measures: ScanMeasures) -> Iterator[Row]:
    for one in measures.regions:
        for place in fields(one):
            value = getattr(one, place.name)
            if isinstance(value, Quantity):
                is_volume = place.name.endswith("_ml")
                yield one.name, place.name, value, one.is_lower_bound if is_volume else None
    yield "both", "lesions", measures.lesions.count, None
    yield "both", "smaller_pieces", Quantity(value=measures.lesions.smaller), None
    yield "both", "smaller_pieces_ml", Quantity(value=measures.lesions.smaller_ml), None
    yield from _densities(measures)
    for lesion in measures.lesions.largest:
        for name in _OF_LESIONS:
            yield f"lesion_{lesion.number}", name, Quantity(value=getattr(lesion, name)), None


def _densities(measures: ScanMeasures) -> Iterator[Row]:
    for one in measures.densities or ():
        yield one.side, f"{one.compartment}_mean_hu", one.mean_hu, None
        for name in ("sd_hu", "p5_hu", "median_hu", "p95_hu"):
            value = Quantity(value=getattr(one, name))
            yield one.side, f"{one.compartment}_{name}", value, None
