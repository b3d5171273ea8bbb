"""The items are those of CLAIM 2024: 44, in its order and sections."""

from collections import Counter

from thoracle.reporting.claim_texts import CLAIM_ITEMS, CLAIM_TEXTS


def test_the_items_are_numbered_as_published() -> None:
    assert [one.number for one in CLAIM_ITEMS] == list(range(1, 45))
    assert Counter(one.section for one in CLAIM_ITEMS) == {
        "Title and abstract": 2, "Introduction": 2, "Study design": 2, "Data": 7,
        "Reference standard": 5, "Data partitions": 2, "Testing data": 1, "Model": 3,
        "Training": 3, "Evaluation": 7, "Results: data": 2, "Results: model performance": 3,
        "Discussion": 2, "Other information": 3,
    }  # fmt: skip
    sections = [one.section for one in CLAIM_ITEMS]
    assert sections == sorted(sections, key=sections.index)


def test_known_items_stand_where_the_publication_has_them() -> None:
    """Numbers as other papers cite them: 13 is the acquisition, 21 the sample size."""
    titles = {one.number: one.title.lower() for one in CLAIM_ITEMS}
    for number, word in {
        5: "retrospective", 11: "identifiers", 13: "acquired", 18: "readers", 20: "parts",
        21: "sample size", 27: "combined", 33: "external", 34: "trial", 39: "misclassified",
        44: "fund",
    }.items():  # fmt: skip
        assert word in titles[number], number


def test_every_item_says_what_would_answer_it_and_the_source_is_cited() -> None:
    assert all(one.needed.endswith(".") for one in CLAIM_ITEMS)
    assert len({one.title for one in CLAIM_ITEMS}) == 44
    assert "e240300" in CLAIM_TEXTS["citation"]
