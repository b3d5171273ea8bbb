"""The mark: one rule for text of every kind."""

import pytest

from thoracle.imaging.synthetic import DICOM_KEYWORDS, MARK, PNG_KEY, PNG_VALUE, bears_mark


@pytest.mark.parametrize(
    "notes",
    [
        {PNG_KEY: PNG_VALUE},
        {"Description": f"{MARK} film of nobody"},
        {"comment": b"SYNTHETIC"},
        {"description": "  synthetic film"},
        {"PatientName": "Synthetic^Film"},
        {"Title": "a film", "Comment": "SYNTHETIC"},
    ],
)
def test_a_note_that_begins_with_the_mark_is_enough(notes: dict[str, object]) -> None:
    assert bears_mark(notes)


@pytest.mark.parametrize(
    "notes",
    [
        {},
        {PNG_KEY: "somebody else"},
        {"Description": "not a SYNTHETIC film"},
        {"comment": b"", "description": ""},
        {"PatientID": None, "ImageComments": 7},
    ],
)
def test_other_notes_are_no_mark(notes: dict[str, object]) -> None:
    assert not bears_mark(notes)


def test_the_mark_and_its_places_are_those_of_the_documentation() -> None:
    assert (MARK, PNG_KEY, PNG_VALUE) == ("SYNTHETIC", "Synthetic", "Thoracle")
    assert DICOM_KEYWORDS == ("PatientName", "PatientID", "ImageComments")
