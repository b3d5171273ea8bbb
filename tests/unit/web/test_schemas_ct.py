"""No field of a job or a scan is left undescribed."""

from dataclasses import fields

from thoracle.store.comparison_types import ComparedScan, Comparison
from thoracle.store.job_types import Job
from thoracle.store.scan_types import Mask, Scan
from thoracle.web.schemas_ct import (
    ComparedScanSchema,
    ComparisonSchema,
    JobSchema,
    MaskSchema,
    ScanSchema,
    TrustSchema,
)

NOT_TOLD = {"input", "worker", "heartbeat_at", "error_code", "error_text"}
"""What is the installation's own, or told as `error`."""


def test_all_of_a_scan_and_its_masks_is_described() -> None:
    assert set(ScanSchema.model_fields) == {one.name for one in fields(Scan)}
    assert set(MaskSchema.model_fields) == {one.name for one in fields(Mask)}


def test_all_of_a_comparison_is_described() -> None:
    told = {one.name for one in fields(Comparison)} - {"document"} | {"changes", "pictures"}
    assert set(ComparisonSchema.model_fields) == told
    assert set(ComparedScanSchema.model_fields) == {one.name for one in fields(ComparedScan)}


def test_all_of_a_job_is_described_but_what_is_nobodys_business() -> None:
    told = {one.name for one in fields(Job)} - NOT_TOLD | {"error", "asks"}
    assert set(JobSchema.model_fields) == told


def test_nothing_is_trusted_by_default() -> None:
    said = TrustSchema(responsible=False).model_dump()
    assert {name for name, value in said.items() if value is not None} == {"responsible"}
