"""Regions are averaged over their patches and pooled; a case gets the kind that is likeliest."""

from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import BundleError
from thoracle.ct import case as module
from thoracle.ct.candidates import Candidate
from thoracle.ct.case import CASE_INPUT, KINDS, CaseClassifier, answer_of
from thoracle.imaging.scan import CtScan, ScanFacts
from thoracle.inference.bundle import Bundle


def _at(region: int) -> Candidate:
    return Candidate(place=(0, 0, 0), region=region, area_cm2=2.0, edge_distance=0.1)


def test_patches_of_a_region_are_averaged_before_regions_are_pooled() -> None:
    chances = np.array([[0.8, 0.0, 0.2], [0.4, 0.2, 0.4], [0.1, 0.3, 0.6]])
    answer = answer_of(chances, [_at(4), _at(4), _at(7)])
    assert [one.patches for one in answer.regions] == [2, 1]
    assert answer.regions[0].probabilities == pytest.approx((0.6, 0.1, 0.3))
    assert answer.pooled["noisy_or"] == pytest.approx((1 - 0.4 * 0.9, 1 - 0.9 * 0.7))
    assert answer.pooled["mean"] == pytest.approx((0.35, 0.2))
    assert answer.kind == "COVID-19"
    assert answer.confidence == pytest.approx(0.64)


def test_a_case_where_no_kind_is_likely_is_irrelevant() -> None:
    answer = answer_of(np.array([[0.1, 0.2, 0.7]]), [_at(1)])
    assert answer.kind == "irrelevant"
    assert answer.confidence == pytest.approx(0.8)


def test_the_other_pneumonia_can_win() -> None:
    assert answer_of(np.array([[0.1, 0.8, 0.1]]), [_at(1)]).kind == "other pneumonia"


def test_without_an_altered_region_there_is_no_answer() -> None:
    answer = answer_of(np.zeros((0, 3)), [])
    assert answer.kind is None
    assert answer.confidence is None
    assert answer.regions == ()


class _Network:
    """Says COVID-19 of every patch, and remembers how many it saw at once."""

    seen: list[int] = []  # noqa: RUF012

    def __init__(self, _bundle: Bundle, *, threads: int | None = None) -> None:
        self.threads = threads

    def run(self, patches: np.ndarray) -> dict[str, np.ndarray]:
        """Return one logit per kind."""
        self.seen.append(len(patches))
        return {"logits": np.tile(np.array([2.0, 0.0, 0.0], np.float32), (len(patches), 1))}


def _bundle(task: str = "ct_case", form: str = CASE_INPUT) -> Bundle:
    return Bundle(
        folder=Path("nowhere"), name="x", version="1", task=task, license="", intended_use="",
        population="", labels=(), input_size=48, input_form=form, temperature=2.0, map_layers=(),
        map_scale={}, numbers={"slice_mm": 5.0, "row_mm": 1.5, "column_mm": 1.5}, training={},
        digest="",
    )  # fmt: skip


def test_a_scan_is_shown_patch_by_patch_and_the_temperature_divides(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "Network", _Network)
    hu = np.full((6, 100, 100), -850, np.int16)
    labels = np.zeros(hu.shape, np.uint8)
    labels[:, 5:95, 5:95] = 1
    labels[2:4, 20:60, 20:60] = 2
    scan = CtScan(
        hu=hu, spacing_mm=(5.0, 1.5, 1.5), affine=np.eye(4), sha256="",
        facts=ScanFacts(format="NIfTI", files=1),
    )  # fmt: skip
    answer = CaseClassifier(_bundle()).classify(scan, labels)
    assert [one.number for one in answer.regions] == [1]
    assert sum(_Network.seen) == answer.regions[0].patches > 2
    odds = np.exp(1.0)
    assert answer.regions[0].probabilities[0] == pytest.approx(odds / (odds + 2))
    labels[labels > 1] = 1
    assert CaseClassifier(_bundle()).classify(scan, labels).kind is None


@pytest.mark.parametrize("bundle", [_bundle(task="ct_segmentation"), _bundle(form="other")])
def test_another_bundle_is_refused(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="expected"):
        CaseClassifier(bundle)


def test_kinds_are_in_the_order_of_their_numbers() -> None:
    assert KINDS[module.COVID] == "COVID-19"
    assert KINDS[module.OTHER] == "other pneumonia"
    assert KINDS[module.IRRELEVANT] == "irrelevant"
