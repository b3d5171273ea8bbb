"""Analyze many files, a few at once and told in order, and write what was asked for."""

import hashlib
import json
import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.files import write_atomically
from thoracle.core.languages import language
from thoracle.core.outputs import need_writable_folder
from thoracle.core.results import ContributionMap, FileResult, FilmMap, to_json
from thoracle.core.settings import settings
from thoracle.evaluation.confusion import BinaryCounts
from thoracle.jobs.analyze import AnalyzedFile, Analyzer, with_map_paths
from thoracle.jobs.measured import measured
from thoracle.jobs.saving import OnUnsaved, Saver

HIDDEN = "."
DESCRIBING = ".json"
OPACITY = "-opacity.png"
IN_FLIGHT = 2  # a film is decoded, painted or stored while the networks judge another
MOST_IN_FLIGHT = 8  # each holds its pixels and what the networks work with
PAINTERS = 2  # more threads than that wait for each other's Python.
LONGEST_STEM = 80  # leaves room for label, layer and method within a file system's 255 bytes.


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOutputs:
    """Where results go besides the screen: folders for reports and overlays, and the store."""

    html: Path | None = None
    maps: Path | None = None
    is_stored: bool = True

    def need_folders(self) -> None:
        """Refuse a folder that cannot be written into with a SettingError."""
        for folder in (self.html, self.maps):
            if folder is not None:
                need_writable_folder(folder)


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files named, folders opened and sorted.

    In folders hidden files are left out, and what `thoracle examples make` writes beside a film:
    a JSON file named like it, which describes it, and the mask of its opacity.

    Parameters
    ----------
    paths
        Files and folders.

    Returns
    -------
    list of Path
        In the order given. A path that does not exist, and a folder without files, stand for
        themselves, so that their failure is reported and the others are judged.
    """
    found: list[Path] = []
    for path in paths:
        found.extend(_files_in(path) or [path])
    return found


def _files_in(folder: Path) -> list[Path]:
    if not os.path.isdir(folder):  # noqa: PTH112  (Path.is_dir raises where it may not look)
        return []
    files = [
        one
        for one in folder.rglob("*")
        if one.is_file()
        and not any(part.startswith(HIDDEN) for part in one.relative_to(folder).parts)
    ]
    films = {one.with_suffix("") for one in files if one.suffix != DESCRIBING}
    described = {one.with_suffix("") for one in files if one.suffix == DESCRIBING} & films
    return sorted(one for one in files if not _is_beside(one, described))


def _is_beside(file: Path, described: Set[Path]) -> bool:
    """Say whether a file describes one of the films, or is the mask of its opacity."""
    if file.suffix == DESCRIBING:
        return file.with_suffix("") in described
    return file.name.endswith(OPACITY) and (
        file.with_name(file.name.removesuffix(OPACITY)) in described
    )


def analyze_files(
    files: Iterable[Path],
    *,
    outputs: FileOutputs,
    bundle: str | None = None,
    override_gate: bool = False,
    on_unsaved: OnUnsaved | None = None,
) -> Iterator[FileResult]:
    """Analyze files and yield one result each; a bad file is a failed result.

    Parameters
    ----------
    files
        From `find_files`.
    outputs
        What to write. A folder that cannot be written into is a SettingError before the first
        file is read, and a store that cannot be opened or written into a StoreError.
    bundle
        Name or folder of a classifier bundle; None means the setting `bundle`.
    override_gate
        Classify even when the gate refuses.
    on_unsaved
        Told of each result that the store refuses later on; the run goes on. None raises instead.

    Yields
    ------
    FileResult
        With the paths of written overlays.
    """
    outputs.need_folders()
    waiting = list(files)
    # Films side by side use the cores better than threads inside one film, which answer it sooner.
    threads = None if len(waiting) == 1 else 1
    with ExitStack() as stack:
        saver = stack.enter_context(Saver(on_unsaved)) if outputs.is_stored else None
        analyzer = stack.enter_context(Analyzer(bundle, threads=threads))
        if saver is not None:
            saver.need_store()
        counts = {} if outputs.html is None else measured(analyzer.models.classifier.bundle).counts

        def analyze(file: Path) -> AnalyzedFile:
            analyzed = analyzer.analyze_path(file, override_gate=override_gate)
            if outputs.maps is not None:
                analyzed = write_maps(analyzed, outputs.maps)
            if outputs.html is not None:
                write_report(analyzed, outputs.html, counts)
            return analyzed

        for analyzed in _in_order(analyze, waiting):
            if saver is not None:
                saver.save(analyzed)
            yield analyzed.result


def _in_order(
    analyze: Callable[[Path], AnalyzedFile], files: Iterable[Path]
) -> Iterator[AnalyzedFile]:
    """Work on a few files at once and yield what comes of them in the order of the files."""
    waiting: deque[Future[AnalyzedFile]] = deque()
    cores = settings().threads or os.cpu_count() or 1
    in_flight = min(max(IN_FLIGHT, cores), MOST_IN_FLIGHT)
    with ThreadPoolExecutor(max_workers=in_flight) as threads:
        try:
            for file in files:
                waiting.append(threads.submit(analyze, file))
                if len(waiting) > in_flight:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            threads.shutdown(cancel_futures=True)


def write_maps(analyzed: AnalyzedFile, folder: Path) -> AnalyzedFile:
    """Write the overlay of each map as PNG and return the file with their paths.

    Parameters
    ----------
    analyzed
        A refused or failed file has no maps and is returned as it is.
    folder
        Made when it is missing.

    Returns
    -------
    AnalyzedFile
        Its maps have paths.
    """
    maps = analyzed.result.drawn_maps
    if analyzed.radiograph is None or analyzed.analysis is None or not maps:
        return analyzed
    pictures = overlay_pngs(analyzed.radiograph.pixels, maps, analyzed.analysis.lung_mask)
    paths: dict[int, str] = {}
    for index, (one, picture) in enumerate(zip(maps, pictures, strict=True)):
        name = map_title(one)
        path = folder / f"{file_key(analyzed.result)}-{_plain(name)}.png"
        write_atomically(path, picture)
        paths[index] = str(path)
    return with_map_paths(analyzed, paths)


def map_title(one: FilmMap) -> str:
    """Return what tells a map from a film's others: label, layer and method, or "anomaly"."""
    if isinstance(one, ContributionMap):
        return "-".join((one.label, one.layer, one.method))
    return "anomaly"


def overlay_pngs(
    pixels: FloatArray, maps: Sequence[FilmMap], lung_mask: BoolArray | None
) -> list[bytes]:
    """Paint the overlays of several maps of one film, with their color bars.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1.
    maps
        Each becomes one picture.
    lung_mask : (rows, columns) bool
        Lungs on the film's grid, drawn as an outline; None draws none.

    Returns
    -------
    list of bytes
        PNGs, in the order of the maps.
    """
    from thoracle.reporting.overlay import backdrop, overlay_png

    film = backdrop(pixels, lung_mask)
    # Resizing and compressing, most of the work, let other threads run.
    with ThreadPoolExecutor(max_workers=PAINTERS) as painters:
        return list(painters.map(lambda one: overlay_png(film, one, color_bar=True), maps))


def write_report(
    analyzed: AnalyzedFile, folder: Path, counts: Mapping[str, BinaryCounts] = MappingProxyType({})
) -> Path:
    """Write one self-contained HTML report.

    Parameters
    ----------
    analyzed
        Of any status.
    folder
        Made when it is missing.
    counts
        What was measured of the classifier's bundle, by finding.

    Returns
    -------
    Path
        The page.
    """
    from thoracle.reporting.analysis_html import analysis_html

    page = analysis_html(
        analyzed.result,
        pixels=None if analyzed.radiograph is None else analyzed.radiograph.pixels,
        lung_mask=None if analyzed.analysis is None else analyzed.analysis.lung_mask,
        made_at=datetime.now(UTC),
        counts=counts,
        language=language(settings().language),
    )
    path = folder / f"{file_key(analyzed.result)}.html"
    write_atomically(path, page.encode("utf-8"))
    return path


def file_key(result: FileResult) -> str:
    """Return a file name that two files share only when name and bytes agree.

    Parameters
    ----------
    result
        Of any status; a file that could not be read is told apart by its path.

    Returns
    -------
    str
        Lower case, safe on any file system.
    """
    unread = hashlib.sha256(result.file.encode("utf-8")).hexdigest()
    mark = result.sha256[:8] or f"unread-{unread[:8]}"
    return f"{_plain(Path(result.file).stem)[:LONGEST_STEM]}-{mark}"


def results_json(results: Iterable[FileResult]) -> bytes:
    """Return the JSON array of results, UTF-8, with a line end."""
    rows = [to_json(one) for one in results]
    return (json.dumps(rows, indent=1, allow_nan=False) + "\n").encode("utf-8")


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._+]+", "-", name).strip("-.").lower() or "film"
