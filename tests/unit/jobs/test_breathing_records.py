"""A recording is read, kept and opened again as it was; without a network it is measured alone."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import SignalError, StoreError
from thoracle.core.settings import settings
from thoracle.core.version import version
from thoracle.imaging.recording import RecordingFile
from thoracle.imaging.recording_read import read_recording
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.breathing_records import (
    NO_BUNDLE,
    PatternReader,
    Sender,
    has_patterns,
    keep_recording,
    show_recording,
    tell_breathing,
)
from thoracle.respiration.model import PatternClassifier
from thoracle.respiration.recording import Choice
from thoracle.respiration.result import breathing_json
from thoracle.store.recording_types import NewRecording
from thoracle.store.results import ResultStore, open_store

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BELT = Choice(sensor="belt", rate_hz=20.0)


def _file(seconds: float, *, hz: float = 20.0) -> RecordingFile:
    times_s = np.arange(round(seconds * hz)) / hz
    values = np.sin(2 * np.pi * 0.25 * times_s)
    content = ("chest\n" + "\n".join(f"{one:.5f}" for one in values) + "\n").encode()
    return RecordingFile(reading=read_recording(content), sha256="e" * 64, name="a.csv")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    with open_store(tmp_path / "home", database_url=None) as opened:
        yield opened


@pytest.fixture
def classifier(pattern_bundle: Callable[..., Path]) -> PatternClassifier:
    return PatternClassifier(open_bundle(str(pattern_bundle("biot"))))


def test_a_recording_is_opened_as_it_was_kept(
    store: ResultStore, classifier: PatternClassifier
) -> None:
    told = tell_breathing(_file(130), BELT, classifier)
    sender = Sender(file="a.csv", owner="ana", patient="p-1")
    kept = keep_recording(store.recordings, told, sender, now=NOW)
    shown = show_recording(store.recordings, kept)
    assert breathing_json(shown.result) == breathing_json(told)
    assert shown.result.trace is not None
    assert told.trace is not None
    np.testing.assert_array_equal(shown.result.trace.signal, told.trace.signal)
    for again, before in zip(shown.result.patterns, told.patterns, strict=True):
        np.testing.assert_array_equal(again.attention, before.attention)
    facts = shown.line.facts
    assert (facts.file, facts.owner, facts.patient) == ("a.csv", "ana", "p-1")
    assert (facts.sensor, facts.rate_hz, facts.duration_s) == ("belt", 20.0, 130.0)
    assert (facts.pattern, facts.apneas) == ("biot", 0)
    assert facts.breaths_per_minute == pytest.approx(15.0, abs=0.1)


def test_what_made_it_is_kept(classifier: PatternClassifier) -> None:
    told = tell_breathing(_file(130), BELT, classifier)
    assert told.provenance.sha256 == "e" * 64
    assert told.provenance.software_version == version()
    assert told.provenance.bundles == (classifier.bundle.reference,)
    assert told.colors == tuple(one.color for one in classifier.bundle.labels)
    assert told.channel == "chest"


def test_without_a_network_breaths_are_measured_all_the_same() -> None:
    told = tell_breathing(_file(130), BELT, None)
    assert told.untold == NO_BUNDLE
    assert told.patterns == ()
    assert told.provenance.bundles == ()
    assert len(told.breaths) > 25


@pytest.mark.parametrize(
    ("choice", "seconds", "code"),
    [
        (Choice(sensor="unknown", rate_hz=20.0), 130, "signal-sensor"),
        (BELT, 45, "signal-window"),
    ],
)
def test_where_no_pattern_can_be_looked_for_it_says_why(
    classifier: PatternClassifier, choice: Choice, seconds: float, code: str
) -> None:
    told = tell_breathing(_file(seconds), choice, classifier)
    assert told.untold is not None
    assert told.untold.code == code
    assert told.provenance.bundles == ()
    assert told.breaths


def test_what_nobody_says_is_not_guessed() -> None:
    with pytest.raises(SignalError) as caught:
        tell_breathing(_file(130), Choice(sensor="belt"), None)
    assert caught.value.code == "signal-no-rate"


def test_a_recording_that_cannot_be_read_again_is_told_of(store: ResultStore) -> None:
    told = tell_breathing(_file(70), BELT, None)
    kept = keep_recording(store.recordings, told, Sender(file="a.csv"), now=NOW)
    line = store.recordings.get(kept).line
    broken = NewRecording(facts=line.facts, document={"schema": "x"}, traces=b"")
    with pytest.raises(StoreError, match="cannot be read") as caught:
        show_recording(store.recordings, store.recordings.save(broken, now=NOW))
    assert caught.value.code == "damaged-result"


def test_the_network_is_opened_once_it_is_installed(
    pattern_bundle: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path / "own"))
    monkeypatch.setattr("thoracle.inference.bundle.SHIPPED", tmp_path / "nothing")
    settings.cache_clear()
    reader = PatternReader()
    assert not has_patterns()
    assert reader.classifier() is None
    made = pattern_bundle("eupnea", name="breathing")
    monkeypatch.setenv("THORACLE_BUNDLES", str(made.parent))
    settings.cache_clear()
    first = reader.classifier()
    assert first is not None
    assert reader.classifier() is first
