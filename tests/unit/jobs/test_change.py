"""A change is the later number less the earlier one, where both are there."""

from dataclasses import replace

import pytest

from thoracle.core.results import FileResult, Finding, Provenance, Status
from thoracle.jobs.change import changes, is_comparable


def _result(**probabilities: float) -> FileResult:
    return FileResult(
        file="a",
        sha256="0" * 64,
        status=Status.ANALYZED,
        findings=tuple(
            Finding(label=label, logit=0, probability=one, threshold=0.5, is_positive=one >= 0.5)
            for label, one in probabilities.items()
        ),
        provenance=Provenance(
            sha256="0" * 64, software_version="1", bundles=(), runtime="x", precision="fp32"
        ),
    )


def test_the_change_of_each_common_finding_is_told() -> None:
    found = changes(_result(a=0.2, b=0.8), _result(b=0.3, a=0.6, c=0.1))
    assert [one.label for one in found] == ["b", "a"]
    assert found[0].difference == pytest.approx(-0.5)
    assert (found[0].was_positive, found[0].is_positive) == (True, False)
    assert changes(_result(), _result(a=0.1)) == ()


def test_only_results_of_the_same_bundles_compare() -> None:
    one = _result(a=0.2)
    assert is_comparable(one, _result(a=0.9))
    assert not is_comparable(one, replace(one, provenance=None))
