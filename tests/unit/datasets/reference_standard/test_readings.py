"""Several readers of one X-ray."""

import math
from dataclasses import replace
from typing import Any

import pytest

from thoracle.datasets.reference_standard.plan import SeveralReaders, default_plan
from thoracle.datasets.reference_standard.readings import reader_pairs, reading_of
from thoracle.datasets.reference_standard.types import Vote

P, N, U = Vote.POSITIVE, Vote.NEGATIVE, Vote.UNCERTAIN


@pytest.mark.parametrize(
    ("sentence", "votes", "several", "expected"),
    [
        ("one reader decides", {"a": P}, "majority", True),
        ("one reader who cannot tell decides nothing", {"a": U}, "majority", None),
        ("two who agree decide", {"a": N, "b": N}, "majority", False),
        ("two who differ decide nothing", {"a": P, "b": N}, "majority", None),
        ("two of three decide", {"a": P, "b": N, "c": P}, "majority", True),
        ("uncertain is a vote", {"a": P, "b": U}, "majority", None),
        ("two decide against an uncertain one", {"a": N, "b": U, "c": N}, "majority", False),
        ("two of three are not unanimous", {"a": P, "b": N, "c": P}, "unanimous", None),
        ("all of three are unanimous", {"a": P, "b": P, "c": P}, "unanimous", True),
        ("consensus is final", {"a": P, "b": P, "Consensus": N}, "majority", False),
        ("an uncertain consensus is final", {"a": P, "b": P, "consensus": U}, "majority", None),
    ],
)  # fmt: skip
def test_every_way_in_which_readers_decide(
    hospital: Any, sentence: str, votes: dict[str, Vote], several: str, expected: bool | None
) -> None:
    rows = [{"reader": name, "reading": str(vote)} for name, vote in votes.items()]
    (xray,) = hospital(xrays=rows).tables().xrays
    readers = replace(default_plan().readers, several=SeveralReaders(several))
    assert reading_of(xray, readers) is expected, sentence


def test_agreement_is_cohens_kappa_of_two_readers_and_names_nobody(hospital: Any) -> None:
    # Cohen's own form: 20 both positive, 15 both negative, 5 and 10 apart: kappa 0.4.
    table = [(P, P)] * 20 + [(P, N)] * 5 + [(N, P)] * 10 + [(N, N)] * 15
    rows = [
        {"accession": f"X{i}", "reader": name, "reading": str(vote)}
        for i, pair in enumerate(table)
        for name, vote in zip(("Dr Zoe", "Dr Ann"), pair, strict=True)
    ]
    rows.append({"accession": "X0", "reader": "consensus", "reading": "positive"})
    (pair,) = reader_pairs(hospital(xrays=rows).tables().xrays, default_plan().readers)
    assert (pair.readers, pair.xrays, pair.disagreements) == (("A", "B"), 50, 15)
    assert pair.kappa.value is not None
    assert math.isclose(pair.kappa.value, 0.4)
    assert "Zoe" not in repr(pair)


def test_readers_without_an_xray_in_common_are_no_pair(hospital: Any) -> None:
    rows = [{"accession": "X1", "reader": "a"}, {"accession": "X2", "reader": "b"}]
    assert reader_pairs(hospital(xrays=rows).tables().xrays, default_plan().readers) == ()
