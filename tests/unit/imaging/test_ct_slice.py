"""What is said of a slice keeps who the patient is out of logs."""

from thoracle.imaging.ct_slice import SliceHeader


def test_who_the_patient_is_does_not_show_when_a_header_is_printed() -> None:
    said = repr(SliceHeader(rows=2, columns=3, patient_id="someone", study_date="20200101"))
    assert "someone" not in said
    assert "20200101" not in said
