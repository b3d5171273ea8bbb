"""What is kept of a recording does not print its numbers, nor its traces."""

from thoracle.store.recording_types import NewRecording, RecordingFacts


def test_numbers_and_traces_stay_out_of_logs() -> None:
    facts = RecordingFacts(
        file="a.csv",
        sha256="a" * 64,
        sensor="belt",
        rate_hz=25.0,
        duration_s=60.0,
        breaths_per_minute=None,
        apneas=0,
        pattern=None,
    )
    new = NewRecording(facts=facts, document={"x": 1}, traces=b"NPZ")
    assert "NPZ" not in repr(new)
    assert "'x'" not in repr(new)
    assert (facts.owner, facts.patient) == (None, None)
