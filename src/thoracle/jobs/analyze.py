"""Analyze files: decode in the sandbox, gate, classify, explain; every file ends as a result."""

import stat
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from thoracle.core.errors import ImageError
from thoracle.core.files import sha256_of
from thoracle.core.results import Analysis, FileResult, Provenance, Reason, Status
from thoracle.core.settings import settings
from thoracle.core.version import version
from thoracle.imaging.recording import RecordingFile
from thoracle.imaging.sandbox import DecoderPool, Member
from thoracle.imaging.types import Radiograph
from thoracle.inference.bundle import list_bundles, open_bundle
from thoracle.inference.session import PRECISION, runtime_name
from thoracle.radiograph.analyze import Models, analyze, turned_back
from thoracle.radiograph.anomaly import AnomalyFinder
from thoracle.radiograph.gate import Gate
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier
from thoracle.radiograph.severity import SeverityScorer

GATE_BUNDLE = "gate"
LUNG_BUNDLE = "lungs"
SEVERITY_BUNDLE = "severity"
ANOMALY_BUNDLE = "anomaly"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzedFile:
    """A file's result, with the pixels and maps that a report needs."""

    result: FileResult
    radiograph: Radiograph | None = field(default=None, repr=False)
    analysis: Analysis | None = field(default=None, repr=False)


def load_models(bundle: str | None = None, *, threads: int | None = None) -> Models:
    """Open gate, lungs and the named classifier bundle, side by side.

    Parameters
    ----------
    bundle
        Name or folder of a classifier bundle; None means the setting `bundle`.
    threads
        How many threads one network uses; None means the setting `threads`.

    Returns
    -------
    Models
        Ready to use. A bundle that is missing, altered or of another task is a BundleError.
    """
    named = settings().bundle if bundle is None else bundle
    with ThreadPoolExecutor(max_workers=5) as openers:
        # The largest first: the others are ready before it.
        classifier = openers.submit(lambda: Classifier(open_bundle(named), threads=threads))
        gate = openers.submit(lambda: Gate(open_bundle(GATE_BUNDLE), threads=threads))
        lungs = openers.submit(lambda: LungFinder(open_bundle(LUNG_BUNDLE), threads=threads))
        severity = openers.submit(lambda: _severity_scorer(threads))
        anomaly = openers.submit(lambda: _anomaly_finder(threads))
        return Models(
            gate=gate.result(),
            lungs=lungs.result(),
            classifier=classifier.result(),
            severity=severity.result(),
            anomaly=anomaly.result(),
        )


def _severity_scorer(threads: int | None) -> SeverityScorer | None:
    """Open the severity bundle; an installation without one judges films all the same."""
    if all(folder.name != SEVERITY_BUNDLE for folder in list_bundles()):
        return None
    return SeverityScorer(open_bundle(SEVERITY_BUNDLE), threads=threads)


def _anomaly_finder(threads: int | None) -> AnomalyFinder | None:
    """Open the anomaly bundle; an installation without one has no such map."""
    if all(folder.name != ANOMALY_BUNDLE for folder in list_bundles()):
        return None
    return AnomalyFinder(open_bundle(ANOMALY_BUNDLE), threads=threads)


class Analyzer:
    """Opened models and a decoder pool; safe to use from several threads.

    Parameters
    ----------
    bundle
        Name or folder of a classifier bundle; None means the setting `bundle`.
    with_maps
        Whether contribution maps are made.
    threads
        How many threads one film uses; None means the setting `threads`, which answers one film
        soonest. One for each is best where as many films are analyzed at a time.
    """

    def __init__(
        self, bundle: str | None = None, *, with_maps: bool = True, threads: int | None = None
    ) -> None:
        self._pool = DecoderPool.from_settings()
        self._pool.start()  # its child imports its libraries while the models are opened
        self._with_maps = with_maps
        try:
            self.models = load_models(bundle, threads=threads)
        except BaseException:
            self._pool.close()
            raise
        opened = (
            self.models.gate,
            self.models.lungs,
            self.models.classifier,
            self.models.severity,
            self.models.anomaly,
        )
        self.references = tuple(one.bundle.reference for one in opened if one is not None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def warm_up(self) -> None:
        """Load every decoder library in the children before the first file comes."""
        self._pool.warm_up()

    def close(self) -> None:
        """End the decoder children."""
        self._pool.close()

    def analyze_bytes(
        self, content: bytes, *, file: str, override_gate: bool = False, turn_degrees: int = 0
    ) -> AnalyzedFile:
        """Analyze one file's bytes.

        Parameters
        ----------
        content
            Anything at all.
        file
            Its name, for the result.
        override_gate
            Classify even when the gate refuses.
        turn_degrees
            How far the film is turned clockwise, as the gate said; it is turned back first.

        Returns
        -------
        AnalyzedFile
            Analyzed, refused or failed; a broken file is a result, not an exception.
        """
        file = printable(file)
        try:
            film = self._pool.decode(content)
        except ImageError as error:
            sha256 = sha256_of(content)
            return AnalyzedFile(result=failed(file, sha256, code=error.code, text=error.text))
        if turn_degrees:
            film = turned_back(film, degrees=turn_degrees)
        analysis = analyze(
            film, self.models, override_gate=override_gate, with_maps=self._with_maps
        )
        is_refused = not analysis.gate.accepted and not override_gate
        result = FileResult(
            file=file,
            sha256=film.sha256,
            status=Status.REFUSED if is_refused else Status.ANALYZED,
            gate=analysis.gate,
            findings=analysis.findings,
            maps=analysis.maps,
            anomaly=analysis.anomaly,
            warnings=(*analysis.warnings, *_turn_warning(turn_degrees)),
            severity=analysis.severity,
            provenance=Provenance(
                sha256=film.sha256,
                software_version=version(),
                bundles=self.references,
                runtime=runtime_name(),
                precision=PRECISION,
                gate_overridden=override_gate and not analysis.gate.accepted,
            ),
        )
        return AnalyzedFile(result=result, radiograph=film, analysis=analysis)

    def decode_recording(
        self, content: bytes, *, name: str, channel: str | None = None
    ) -> RecordingFile:
        """Decode one breathing recording; a file that is none is an ImageError."""
        return self._pool.decode_recording(content, name=name, channel=channel)

    def unpack(self, content: bytes, folder: Path, *, files_max: int) -> tuple[Member, ...]:
        """Unpack a ZIP archive of films in a decoder child; see `DecoderPool.unpack`."""
        return self._pool.unpack(content, folder, files_max=files_max)

    def analyze_path(self, path: Path, *, override_gate: bool = False) -> AnalyzedFile:
        """Analyze one file on disk; one that cannot be read is a failed result.

        Parameters
        ----------
        path
            A raster or DICOM file. A folder is a failed result: `find_files` opens those that
            hold files.
        override_gate
            Classify even when the gate refuses.

        Returns
        -------
        AnalyzedFile
            As `analyze_bytes`.
        """
        file = printable(str(path))
        try:
            content = read_film_file(path)
        except ImageError as error:
            return AnalyzedFile(result=failed(file, "", code=error.code, text=error.text))
        return self.analyze_bytes(content, file=file, override_gate=override_gate)


def analyze_file(
    path: Path | str, *, bundle: str | None = None, override_gate: bool = False
) -> FileResult:
    """Analyze one file and return its result.

    Parameters
    ----------
    path
        A raster or DICOM file.
    bundle
        Name or folder of a classifier bundle; None means the setting `bundle`.
    override_gate
        Classify even when the gate refuses.

    Returns
    -------
    FileResult
        Analyzed, refused or failed.
    """
    with Analyzer(bundle) as analyzer:
        return analyzer.analyze_path(Path(path), override_gate=override_gate).result


def read_film_file(path: Path) -> bytes:
    """Read a file that may be anything, but no more of it than an upload may have.

    Parameters
    ----------
    path
        Of a regular file: a pipe or a device could deliver for ever.

    Returns
    -------
    bytes
        At most `upload_limit_mb` (a setting) megabytes.

    Raises
    ------
    ImageError
        It is no regular file, cannot be read, or is too large.
    """
    limit_mb = settings().upload_limit_mb
    try:
        _need_regular_file(path)
        with path.open("rb") as stream:
            content = stream.read(int(limit_mb * 1e6) + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ImageError(
            f"found no readable file ({why}) – expected a film. Check the path.",
            code="file-unreadable",
        ) from error
    if len(content) > limit_mb * 1e6:
        raise ImageError(
            f"found more than {limit_mb:g} MB – expected at most that (setting upload_limit_mb). "
            "Give one film, or raise the setting.",
            code="file-too-large",
        )
    return content


def empty_folder() -> ImageError:
    """Return what is said of a folder that stands for itself, since no film is in it."""
    return ImageError(
        "found no file in this folder – expected at least one film. Check the folder.",
        code="folder-empty",
    )


def _need_regular_file(path: Path) -> None:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise empty_folder()
    if not stat.S_ISREG(mode):
        raise ImageError(
            "found a device or a pipe – expected a file with a film. Check the path.",
            code="file-unreadable",
        )


def printable(name: str) -> str:
    """Replace what no page and no terminal can show: control characters, undecodable bytes."""
    whole = name.encode("utf-8", "replace").decode("utf-8")
    return "".join(sign if sign.isprintable() else "�" for sign in whole)


def failed(file: str, sha256: str, *, code: str, text: str) -> FileResult:
    """Return the result of a file that could not be read."""
    return FileResult(
        file=file, sha256=sha256, status=Status.FAILED, error=Reason(code=code, text=text)
    )


def with_map_paths(analyzed: AnalyzedFile, paths: Mapping[int, str]) -> AnalyzedFile:
    """Return the analyzed file with the written overlays' paths, by place, in its maps."""
    result = analyzed.result
    maps = tuple(replace(one, path=paths.get(index)) for index, one in enumerate(result.maps))
    anomaly = result.anomaly
    if anomaly is not None:
        anomaly = replace(anomaly, path=paths.get(len(maps)))
    return replace(analyzed, result=replace(result, maps=maps, anomaly=anomaly))


def _turn_warning(turn_degrees: int) -> tuple[Reason, ...]:
    if not turn_degrees:
        return ()
    text = f"The film was turned back by {turn_degrees}° before it was judged."
    return (Reason(code="turned-back", text=text),)
