"""A checklist is made of what a bundle holds, and of nothing else."""

import json
from pathlib import Path

import pytest

import thoracle
from thoracle.core.errors import BundleError
from thoracle.jobs.claim import (
    Status,
    checklist_document,
    checklist_markdown,
    claim_checklist,
)

SHIPPED = Path(str(thoracle.__file__)).parent / "bundles"


@pytest.mark.usefixtures("bundles")
def test_a_bundle_that_holds_little_leaves_most_unanswered() -> None:
    found = claim_checklist("radiograph")
    assert len(found.items) == 44
    status = {one.item.number: one.status for one in found.items}
    answered = {number for number, one in status.items() if one is Status.ANSWERED}
    assert answered == {9, 27}  # no recipe, no evaluation, no digest of a split
    assert status[2] is status[44] is Status.UNANSWERED
    assert status[3] is Status.PARTLY
    counts = [found.count(one) for one in Status]
    assert sum(counts) == 44
    assert counts[0] == 2


@pytest.mark.parametrize("name", ["radiograph", "gate", "lungs"])
def test_every_answer_of_a_shipped_bundle_names_a_place_that_it_holds(name: str) -> None:
    folder = SHIPPED / name
    document = checklist_document(claim_checklist(str(folder)))
    json.dumps(document, allow_nan=False)
    for one in document["items"]:
        assert (one["answer"] is None) == (one["status"] == "unanswered")
        assert (one["missing"] is None) == (one["status"] == "answered")
        if one["place"]:
            file = one["place"].split(":")[0].split(",")[0]
            assert (folder / file).is_file(), one
    numbers = {one["number"]: one for one in document["items"]}
    assert numbers[25]["status"] == "answered"
    for number in (2, 4, 11, 15, 21, 34, 44):  # nothing in a bundle could say this
        assert numbers[number]["status"] == "unanswered"


def test_figures_are_those_that_the_bundle_was_measured_with() -> None:
    folder = SHIPPED / "radiograph"
    metrics = json.loads((folder / "metrics.json").read_bytes())["evaluations"]
    own = metrics["Adults, held-out patients"]["figures"]
    answers = {
        one.item.number: one.answer.text
        for one in claim_checklist(str(folder)).items
        if one.answer is not None
    }
    pair = own["overall"]["pairs"][0]
    area = pair["auroc_clustered"]
    assert (
        f"{pair['positive']} against {pair['negative']} {area['value']:.3f} ({area['low']:.3f} to "
        f"{area['high']:.3f})"
    ) in answers[37]
    row = own["overall"]["threshold"][0]["sensitivity"]
    low, value, high = (f"{100 * row[key]:.1f}" for key in ("low", "value", "high"))
    assert f"sensitivity {value} % ({low} to {high})" in answers[38]
    data = own["data"]
    assert f"{data['films']} films of {data['patients']} patients" in answers[32]
    assert f"median age {data['age']['median_years']:g} years" in answers[36]


def test_markdown_counts_what_it_shows() -> None:
    found = claim_checklist(str(SHIPPED / "radiograph"))
    text = checklist_markdown(found)
    assert text.count("**Unanswered.**") == found.count(Status.UNANSWERED)
    assert text.count("**Partly.**") == found.count(Status.PARTLY)
    assert f"{found.count(Status.ANSWERED)} answered, " in text


def test_a_tampered_bundle_answers_nothing(bundles: Path) -> None:
    (bundles / "radiograph" / "network.onnx").write_bytes(b"another")
    with pytest.raises(BundleError):
        claim_checklist("radiograph")
