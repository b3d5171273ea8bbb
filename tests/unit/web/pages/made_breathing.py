"""A recording of two minutes and a half as pages get it: told, with a pause and patterns."""

from thoracle.imaging.recording import RecordingFile
from thoracle.imaging.recording_read import read_recording
from thoracle.jobs.breathing_records import tell_breathing
from thoracle.respiration.recording import Choice
from thoracle.respiration.result import BreathingResult


def told_recording(content: bytes, sensor: str = "belt") -> BreathingResult:
    """Return what is told of a table of breathing, without a network."""
    file = RecordingFile(reading=read_recording(content), sha256="0" * 64, name="a.csv")
    return tell_breathing(file, Choice(sensor=sensor), None)
