"""`thoracle analyze`: judge files, two at once and told in order, and never stop at a bad one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.progress import told_if_interrupted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thoracle.core.errors import StoreError
    from thoracle.core.results import FileResult

STDOUT = "-"

BundleOption = Annotated[
    str | None,
    typer.Option(help="Name or folder of the classifier bundle; the setting bundle if not given."),
]


def analyze(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Films, or folders that hold films.")
    ],
    *,
    bundle: BundleOption = None,
    json: Annotated[
        str | None,
        typer.Option(metavar="OUT|-", help="Write all results as a JSON array; - is stdout."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            callback=folder_to_write,
            help="Write one report per file into this folder.",
        ),
    ] = None,
    maps: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            callback=folder_to_write,
            help="Write the overlays of all maps into this folder.",
        ),
    ] = None,
    override_gate: Annotated[
        bool,
        typer.Option("--override-gate", help="Judge even what the gate refuses; results say so."),
    ] = False,
    store: Annotated[bool, typer.Option(help="Keep the results under THORACLE_HOME.")] = True,
) -> None:
    """Judge chest radiographs: gate, findings, maps, warnings.

    Exits with 0 when no file failed (a refusal is not a failure), else with 1.
    """
    from thoracle.core.outputs import need_writable_file
    from thoracle.jobs.analyze_files import FileOutputs, analyze_files, find_files

    if json is not None and json != STDOUT:
        need_writable_file(Path(json))
    paths = find_files(files)
    outputs = FileOutputs(html=html, maps=maps, is_stored=store)
    results: list[FileResult] = []
    unsaved: list[StoreError] = []

    def on_unsaved(error: "StoreError") -> None:
        if not unsaved:
            _warn(error)
        unsaved.append(error)

    with told_if_interrupted(lambda: _how_far(len(results), len(paths), json)):
        for result in analyze_files(
            paths,
            outputs=outputs,
            bundle=bundle,
            override_gate=override_gate,
            on_unsaved=on_unsaved,
        ):
            results.append(result)
            _show(result, done=len(results), total=len(paths), is_quiet=json == STDOUT)
    _finish(results, json=json, unsaved=len(unsaved))


def _how_far(done: int, total: int, json: str | None) -> str:
    unwritten = "" if json is None else ", and no JSON is written"
    return f"{done} of {total} done; reports, maps and kept results of these stay{unwritten}"


def _warn(error: "StoreError") -> None:
    """Say once that results are not kept; they are shown and written all the same."""
    typer.echo(f"thoracle: warning: {error.text} [{error.code}] Going on without.", err=True)


def _show(result: "FileResult", *, done: int, total: int, is_quiet: bool) -> None:
    """Print a line per file, or, where stdout is for JSON, count on a terminal's stderr."""
    if not is_quiet:
        place = f"[{done}/{total}] " if total > 1 else ""
        typer.echo(f"{place}{_line(result)}")
    elif total > 1 and typer.get_text_stream("stderr").isatty():
        typer.echo(f"\r{done} of {total}", nl=done == total, err=True)


def _finish(results: "Sequence[FileResult]", *, json: str | None, unsaved: int) -> None:
    """Write the JSON or sum up, and end with the exit code."""
    from thoracle.core.files import write_atomically
    from thoracle.core.results import Status
    from thoracle.jobs.analyze_files import results_json

    if json == STDOUT:
        typer.echo(results_json(results), nl=False)
    else:
        if json is not None:
            write_atomically(Path(json), results_json(results))
        typer.echo(_summary(results, unsaved=unsaved))
    _end(has_failed=any(one.status is Status.FAILED for one in results))


def _end(*, has_failed: bool) -> None:
    if has_failed:
        raise typer.Exit(1)


def _line(result: "FileResult") -> str:
    if result.error is not None:
        return f"{result.file}: failed – {result.error.text} [{result.error.code}]"
    notes = "".join(f"\n    {one.code}: {one.text}" for one in result.warnings)
    if not result.findings:
        reasons = " ".join(reason.text for reason in (result.gate.reasons if result.gate else ()))
        return f"{result.file}: refused – {reasons}{notes}"
    shares = ", ".join(
        f"{one.label} {100 * one.probability:.0f} %{' (positive)' if one.is_positive else ''}"
        for one in result.findings
    )
    return f"{result.file}: {shares}{notes}"


def _summary(results: "Sequence[FileResult]", *, unsaved: int) -> str:
    from collections import Counter

    from thoracle.core.results import DISCLAIMER

    counts = Counter(str(one.status) for one in results)
    shares = ", ".join(f"{counts[status]} {status}" for status in ("analyzed", "refused", "failed"))
    kept = f"; {unsaved} not kept" if unsaved else ""
    files = "file" if len(results) == 1 else "files"
    return f"{len(results)} {files}: {shares}{kept}. {DISCLAIMER}"
