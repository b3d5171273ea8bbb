"""Scans of made-up patches, whose grey says what they are or where they come from."""

import numpy as np

from thoracle.ct.candidates import Candidate
from thoracle.ct.case import COVID, IRRELEVANT, OTHER
from thoracle.train.ct.case_data import CasePatches


def made_scan(name: str, disease: int, *, tint: float = 0.0, patient: str = "") -> CasePatches:
    """Return a scan of 12 healthy and 12 altered patches; altered ones are brighter by 0.8."""
    rng = np.random.default_rng(len(name) + disease)
    candidates = tuple(
        Candidate(
            place=(one // 2, 0, 0), region=one % 2 * (1 + one // 12), area_cm2=2.0,
            edge_distance=0.05,
        )
        for one in range(24)
    )  # fmt: skip
    patches = rng.normal(-0.7 + tint, 0.02, (24, 2, 48, 48)).astype(np.float32)
    patches[1::2, 0] += 0.8
    return CasePatches(
        name=name, patient=patient or name, disease=disease, unit="HU", labeled_by="thresholds",
        candidates=candidates, patches=patches,
    )  # fmt: skip


def made_scans() -> list[CasePatches]:
    """Return two patients with COVID-19, one with another pneumonia and a tint, one healthy."""
    return [
        made_scan("a1", COVID, patient="a"),
        made_scan("a2x", COVID, patient="a"),
        made_scan("b", COVID),
        made_scan("other", OTHER, tint=0.2),
        made_scan("healthy", IRRELEVANT),
    ]
