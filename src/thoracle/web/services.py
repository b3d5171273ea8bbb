"""What the handlers work with: one analyzer, one store, and a bounded line in front of them."""

from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath
from typing import Final

from fastapi import Request

from thoracle.core.errors import ImageError
from thoracle.core.files import sha256_of
from thoracle.core.results import FileResult
from thoracle.imaging.recording import RecordingFile
from thoracle.imaging.sandbox import Member
from thoracle.inference.landscape import Place
from thoracle.jobs.about import AboutBundle
from thoracle.jobs.analyze import AnalyzedFile, failed
from thoracle.jobs.breathing_live import LiveBreathing
from thoracle.jobs.breathing_records import PatternReader
from thoracle.jobs.charts import PrognosisReader
from thoracle.jobs.example_films import ExampleFilms
from thoracle.jobs.landscape import Surroundings, place_result
from thoracle.jobs.measured import Measured
from thoracle.jobs.pseudonyms import Pseudonyms
from thoracle.jobs.results import AnalyzedLike, AnalyzerLike, Asked, save_result
from thoracle.jobs.second_look import SecondLook, second_look
from thoracle.radiograph.analyze import with_training_warning
from thoracle.store.results import ResultStore
from thoracle.store.types import StoredResult
from thoracle.web.attempts import Attempts
from thoracle.web.breathing_live_beat import EVERY_S, Beat
from thoracle.web.counters import Counters
from thoracle.web.line import ANY_TURN, BusyError, Line, Turn
from thoracle.web.options import WebOptions

NAME_LIMIT: Final = 255  # the longest file name of common file systems


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One analyzed file and the id it is kept under."""

    id: str
    result: FileResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What a web app knows beside its analyzer and its store; all of it may be missing.

    `pseudonyms` tells patients apart without naming them; `measured` is known of the classifier in
    use, `bundles` of all three; `examples` are films to try, `surroundings` those of the training;
    `live` are streams of breathing, told of every `beat_s`; None makes them as the options say.
    """

    pseudonyms: Pseudonyms | None = None
    measured: Measured | None = None
    bundles: tuple[AboutBundle, ...] = ()
    examples: ExampleFilms | None = None
    surroundings: Surroundings | None = None
    live: LiveBreathing | None = None
    beat_s: float = EVERY_S


NO_EXTRAS: Final = Extras()


class Services:
    """The analyzer, the store and the options of one web app.

    Parameters
    ----------
    analyzer
        Ready to use; at most `options.parallel` threads enter it at a time.
    store
        Open.
    options
        Limits and clock.
    extras
        What else the app knows.
    """

    def __init__(
        self,
        analyzer: AnalyzerLike,
        store: ResultStore,
        options: WebOptions,
        *,
        extras: Extras = NO_EXTRAS,
    ) -> None:
        self.store = store
        self.options = options
        self.measured = extras.measured
        self.bundles = extras.bundles
        self.examples = extras.examples
        self.surroundings = extras.surroundings
        self.line = Line(parallel=options.parallel, waiting_max=options.waiting_max)
        self.patterns = PatternReader()
        self.prognosis = PrognosisReader()
        self.attempts = Attempts()
        self.counters = Counters(lambda: self.line.length)
        self.live = (
            LiveBreathing(streams_max=options.breathing_streams_max)
            if extras.live is None
            else extras.live
        )
        self.beat = Beat(self.live, self.counters, every_s=extras.beat_s)
        self.viewers = 0  # of the monitor
        self._analyzer = analyzer
        self._pseudonyms = extras.pseudonyms

    def analyze(
        self,
        content: bytes,
        *,
        name: str,
        asked: Asked,
        override_gate: bool = False,
        turn: Turn = ANY_TURN,
    ) -> Saved:
        """Analyze one uploaded file and keep the result; blocks, so call it in a worker.

        Raises
        ------
        BusyError
            The line is full, and `turn` does not insist.
        """
        try:
            with self.line.place(turn), self.counters.seconds.time():
                analyzed = self._analyzer.analyze_bytes(
                    content, file=clean_name(name), override_gate=override_gate
                )
        except BusyError:
            self.counters.refused.inc()
            raise
        return self._keep(analyzed, asked)

    def unpack(self, content: bytes, folder: Path, *, turn: Turn = ANY_TURN) -> tuple[Member, ...]:
        """Unpack an uploaded ZIP archive into a folder; blocks; one of no use is an ImageError."""
        with self.line.place(turn):
            return self._analyzer.unpack(content, folder, files_max=self.options.files_max)

    def decode_recording(
        self, content: bytes, *, name: str, channel: str | None = None
    ) -> RecordingFile:
        """Decode one breathing recording; blocks; a file that is none is an ImageError."""
        return self._analyzer.decode_recording(content, name=name, channel=channel)

    def pseudonym(self, patient_id: str | None) -> str | None:
        """Return what a patient is kept under; None for nobody, or where nothing is kept."""
        return None if self._pseudonyms is None else self._pseudonyms.of(patient_id)

    def fail(self, content: bytes, error: ImageError, *, name: str, asked: Asked) -> Saved:
        """Keep an uploaded file that could not be read as a failed result."""
        result = failed(clean_name(name), sha256_of(content), code=error.code, text=error.text)
        return self._keep(AnalyzedFile(result=result), asked)

    def look_again(self, result_id: str, look: SecondLook) -> str:
        """Judge a kept film again and keep that too; blocks, so call it in a worker."""
        with self.line.place():
            return second_look(
                self._analyzer, self.store, result_id, look=look, now=self.options.now()
            )

    def place(self, stored: StoredResult) -> Place | None:
        """Place a kept result's film among the training films; None where it has no place."""
        if self.surroundings is None:
            return None
        return place_result(self.store, stored, self.surroundings)

    def told(self, stored: StoredResult) -> StoredResult:
        """Return a kept result that warns of a training film, as those of older versions do not."""
        found = self.place(stored)
        if found is None or not found.is_training_film:
            return stored
        return replace(stored, result=with_training_warning(stored.result))

    def _keep(self, analyzed: AnalyzedLike, asked: Asked) -> Saved:
        self.counters.analyses.labels(str(analyzed.result.status)).inc()
        known = replace(asked, patient=self.pseudonym(_patient_id(analyzed.radiograph)))
        saved = save_result(self.store, analyzed, now=self.options.now(), asked=known)
        return Saved(id=saved, result=analyzed.result)


def services_of(request: Request) -> Services:
    """Return the services of the app that got a request."""
    services: Services = request.app.state.services
    return services


def _patient_id(radiograph: object | None) -> str | None:
    return getattr(radiograph, "patient_id", None)


def clean_name(name: str) -> str:
    """Return the last part of an uploaded file's name, whatever system it comes from."""
    last = PureWindowsPath(name).name  # it splits at slashes of both kinds
    return last[:NAME_LIMIT] or "unnamed"
