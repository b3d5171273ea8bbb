"""`thoracle ct quantify`: from a scan to volumes, percentages, lesions, and a report."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thoracle.cli.ct_options import (
    Grey,
    LabelBundle,
    Labels,
    SeriesPath,
    SeriesUid,
    Spacing,
    Window,
)
from thoracle.cli.outputs import folder_to_write
from thoracle.cli.progress import progress_bars

if TYPE_CHECKING:
    from thoracle.ct.measures import Quantity, ScanMeasures


def quantify(
    series: SeriesPath,
    *,
    labels: Labels = None,
    assume_window: Window = None,
    grey_range: Grey = None,
    slice_spacing: Spacing = None,
    series_uid: SeriesUid = None,
    out: Annotated[
        Path,
        typer.Option(
            callback=folder_to_write,
            help="Folder for segmentation.nii.gz, report.html, report.pdf, measures.json and "
            "measures.csv.",
        ),
    ] = Path("ct-report"),
    bundle: LabelBundle = "ct",
    intervals: Annotated[
        bool,
        typer.Option(
            help="Let the bundle label mirrored and darker or brighter copies too, and tell how "
            "far each number moves."
        ),
    ] = True,
    language: Annotated[str, typer.Option(help="Of the report: en or pt.")] = "en",
) -> None:
    """Measure a chest CT: volumes, percentage of infection, lesions, HU; and write the report.

    Raises
    ------
    typer.BadParameter
        There is no such language.
    """
    from thoracle.core.languages import LANGUAGES
    from thoracle.core.languages import language as language_of
    from thoracle.jobs.ct_quantify import QuantifyOptions
    from thoracle.jobs.ct_quantify import quantify as measure
    from thoracle.jobs.ct_scans import Trust

    if language not in LANGUAGES:
        raise typer.BadParameter(f"found {language!r} – expected {' or '.join(LANGUAGES)}.")
    trust = Trust(
        assume_window=assume_window, slice_spacing_mm=slice_spacing, grey_range=grey_range
    )
    with progress_bars() as on_progress:
        options = QuantifyOptions(
            trust=trust,
            labels=labels,
            bundle=bundle,
            with_intervals=intervals,
            series_uid=series_uid,
            on_progress=on_progress,
        )
        done = measure(series, options)
    measures = done.found.measures
    for line in _lines(measures):
        typer.echo(line)
    for one in (*done.found.scan.assumptions, *done.found.scan.warnings, *measures.warnings):
        typer.echo(f"{one.text} [{one.code}]", err=True)
    for path in done.write(out, language=language_of(language)):
        typer.echo(str(path))


def _lines(measures: "ScanMeasures") -> Iterator[str]:
    """Yield a short table: lungs, then how many lesions."""
    heads = ("", "lung ml", "ground glass ml", "consolidation ml", "infection %")
    widths = (6, 22, 22, 22, 22)
    yield "".join(head.rjust(width) for head, width in zip(heads, widths, strict=True))
    for side in ("both", "right", "left"):
        one = measures.region(side)
        sign = "≥ " if one.is_lower_bound else ""
        volumes = (one.lung_ml, one.ground_glass_ml, one.consolidation_ml)
        cells = [side, *(_cell(found, sign) for found in volumes)]
        cells.append(_cell(one.percentage_of_infection, ""))
        yield "".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    yield f"lesions: {_cell(measures.lesions.count, '', digits=0)}"


def _cell(found: "Quantity", sign: str, *, digits: int = 1) -> str:
    if found.value is None:
        return "unknown"
    told = f"{sign}{found.value:.{digits}f}"
    if found.low is None or found.high is None:
        return told
    return f"{told} ({found.low:.{digits}f}–{found.high:.{digits}f})"
