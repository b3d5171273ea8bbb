"""Read a recording that was sent, keep what is told of it, and open it again as it was kept."""

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from thoracle.core.errors import SignalError, StoreError
from thoracle.core.results import BundleReference, Provenance, Reason
from thoracle.core.version import version
from thoracle.imaging.recording import RecordingFile
from thoracle.inference.bundle import list_bundles, open_bundle
from thoracle.inference.session import PRECISION, runtime_name
from thoracle.respiration.analyze import measure_recording
from thoracle.respiration.model import PatternClassifier
from thoracle.respiration.patterns import PatternWindow, tell_patterns
from thoracle.respiration.recording import Choice, pick_channel, recording_of
from thoracle.respiration.result import BreathingResult, breathing_from_json, breathing_json
from thoracle.respiration.trace import thin
from thoracle.respiration.types import Recording
from thoracle.store.recording_types import NewRecording, RecordingFacts, RecordingLine
from thoracle.store.recordings import RecordingStore
from thoracle.store.traces import traces_npz, with_traces

BREATHING_BUNDLE: Final = "breathing"

NO_BUNDLE: Final = Reason(
    code="breathing-no-bundle",
    text=(
        "found no network for breathing patterns in this installation – expected the bundle named "
        "breathing. Install it, and send the recording again."
    ),
)


class RecordingDecoder(Protocol):
    """What opens files of recordings: a decoder pool, or who has one."""

    def decode_recording(
        self, content: bytes, *, name: str, channel: str | None = None
    ) -> RecordingFile:
        """Decode one recording; a file that is none is an ImageError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """What a recording was called, who sent it, and whose it is (a pseudonym)."""

    file: str
    owner: str | None = None
    patient: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRecording:
    """One recording opened again: its line, and all that is told of it."""

    line: RecordingLine
    result: BreathingResult


class PatternReader:
    """The installed network for patterns, opened when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._classifier: PatternClassifier | None = None

    def classifier(self) -> PatternClassifier | None:
        """Return the network; None while none is installed, a BundleError where it is altered."""
        with self._lock:
            if self._classifier is None and has_patterns():
                self._classifier = PatternClassifier(open_bundle(BREATHING_BUNDLE))
            return self._classifier


def has_patterns() -> bool:
    """Say whether a network for breathing patterns is installed."""
    return any(folder.name == BREATHING_BUNDLE for folder in list_bundles())


def tell_breathing(
    file: RecordingFile, choice: Choice, classifier: PatternClassifier | None
) -> BreathingResult:
    """Measure the breaths of a decoded file, and tell its patterns where that can be done.

    Parameters
    ----------
    file
        From a decoder.
    choice
        What the sender says of it; what is missing or contradicts the file is a SignalError.
    classifier
        None where none is installed.

    Returns
    -------
    BreathingResult
        With its trace. Where no pattern can be looked for, it says why.
    """
    recording = recording_of(file, choice)
    measured = measure_recording(recording)
    patterns, untold = _patterns(recording, classifier)
    return BreathingResult(
        sensor=recording.sensor,
        unit=recording.unit,
        rate_hz=recording.rate_hz,
        duration_s=recording.duration_s,
        channel=pick_channel(file.reading, choice.channel).name,
        breaths=measured.breathing.breaths,
        apneas=measured.apneas,
        faults=measured.faults,
        windows=measured.windows,
        patterns=patterns,
        untold=untold,
        colors=() if classifier is None else _colors(classifier),
        provenance=_provenance(recording.sha256, classifier if patterns else None),
        trace=thin(recording),
    )


def keep_recording(
    store: RecordingStore, result: BreathingResult, sender: Sender, *, now: datetime
) -> str:
    """Keep what is told of a recording; not its file, which may name the patient.

    Parameters
    ----------
    store
        Open.
    result
        With its trace.
    sender
        Name of the file, who sent it, whose it is.
    now
        With a time zone.

    Returns
    -------
    str
        Its id.
    """
    facts = RecordingFacts(
        file=sender.file,
        sha256=result.provenance.sha256,
        sensor=result.sensor,
        rate_hz=result.rate_hz,
        duration_s=result.duration_s,
        breaths_per_minute=result.breaths_per_minute,
        apneas=len(result.apneas),
        pattern=result.pattern,
        owner=sender.owner,
        patient=sender.patient,
    )
    new = NewRecording(facts=facts, document=breathing_json(result), traces=traces_npz(result))
    return store.save(new, now=now)


def show_recording(store: RecordingStore, recording_id: str) -> ShownRecording:
    """Open a kept recording exactly as it was kept.

    Parameters
    ----------
    store
        Open.
    recording_id
        From `keep_recording`; one that is not kept is a StoreError.

    Returns
    -------
    ShownRecording
        With trace and attention.

    Raises
    ------
    StoreError
        What is kept cannot be read.
    """
    stored = store.get(recording_id)
    try:
        result = breathing_from_json(stored.document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreError(
            f"found a stored recording that cannot be read ({type(error).__name__}: {error}) – "
            "expected what was saved. Send the recording again.",
            code="damaged-result",
        ) from error
    return ShownRecording(line=stored.line, result=with_traces(result, store.traces(recording_id)))


def _patterns(
    recording: Recording, classifier: PatternClassifier | None
) -> tuple[tuple[PatternWindow, ...], Reason | None]:
    if classifier is None:
        return (), NO_BUNDLE
    try:
        return tell_patterns(recording, classifier), None
    except SignalError as error:
        return (), Reason(code=error.code, text=error.text)


def _colors(classifier: PatternClassifier) -> tuple[str, ...]:
    return tuple(label.color for label in classifier.bundle.labels)


def _provenance(sha256: str, classifier: PatternClassifier | None) -> Provenance:
    used: tuple[BundleReference, ...] = ()
    if classifier is not None:
        used = (classifier.bundle.reference,)
    return Provenance(
        sha256=sha256,
        software_version=version(),
        bundles=used,
        runtime=runtime_name() if used else "",
        precision=PRECISION if used else "",
        gate_overridden=False,
    )
