"""What is kept of a comparison does not print what changed, nor its files."""

from thoracle.store.comparison_types import ComparedScan, NewComparison


def test_files_and_numbers_stay_out_of_logs() -> None:
    scans = (ComparedScan(scan_id="s", mask_id="m"),)
    new = NewComparison(scans=scans, document={"x": 1}, files={"report-en.pdf": b"%PDF"})
    assert "PDF" not in repr(new)
    assert "'x'" not in repr(new)
    assert (new.owner, new.patient) == (None, None)
