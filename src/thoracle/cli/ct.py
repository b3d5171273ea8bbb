"""`thoracle ct`: chest CT."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thoracle.cli.ct_classify import classify
from thoracle.cli.ct_compare import compare, repeatability
from thoracle.cli.ct_options import Grey, SeriesUid, Spacing, Window
from thoracle.cli.ct_quantify import quantify
from thoracle.cli.ct_retrain import corrections, retrain

if TYPE_CHECKING:
    from thoracle.imaging.scan import CtScan

ct_app = typer.Typer(
    help="Chest CT: whether a series can be trusted, and what it shows.", no_args_is_help=True
)

ct_app.command()(compare)
ct_app.command()(repeatability)


@ct_app.callback()
def ct() -> None:
    """Read chest CT: whether a series can be trusted, and what it shows."""


@ct_app.command()
def check(
    path: Annotated[
        Path,
        typer.Argument(help="Folder or ZIP archive of DICOM slices, or a .nii or .nii.gz file."),
    ],
    *,
    assume_window: Window = None,
    grey_range: Grey = None,
    slice_spacing: Spacing = None,
    series: SeriesUid = None,
) -> None:
    """Say whether a CT series can be trusted: geometry, unit, warnings, or why it is refused.

    Raises
    ------
    typer.Exit
        With 1 where it is refused.
    """
    from thoracle.imaging.sandbox import DecoderPool
    from thoracle.jobs.ct_scans import ScanRefusedError, Trust, open_scan

    trust = Trust(
        assume_window=assume_window, slice_spacing_mm=slice_spacing, grey_range=grey_range
    )
    with DecoderPool.from_settings() as pool:
        try:
            scan = open_scan(path, trust, pool, series_uid=series)
        except ScanRefusedError as refusal:
            for reason in refusal.reasons:
                typer.echo(f"thoracle: {reason.text} [{reason.code}]", err=True)
            raise typer.Exit(1) from refusal
    for line in _lines(scan):
        typer.echo(line)


ct_app.command()(quantify)
ct_app.command()(classify)
ct_app.command()(corrections)
ct_app.command()(retrain)


def _lines(scan: "CtScan") -> list[str]:
    slices, rows, columns = scan.hu.shape
    through_mm, row_mm, column_mm = scan.spacing_mm
    facts = scan.facts
    window = scan.window_hu
    unit = "HU" if window is None else f"HU of an assumed window, {window[0]:g} to {window[1]:g}"
    grid = f"{slices} slices (feet to head) × {rows} rows (front to back) × {columns} columns"
    sides = (slices * through_mm, rows * row_mm, columns * column_mm)
    told = [
        f"{facts.format}, {facts.files} {'file' if facts.files == 1 else 'files'}",
        f"{grid} (patient's right to left)",
        f"voxels of {through_mm:g} × {row_mm:g} × {column_mm:g} mm",
        f"{' × '.join(f'{side:.0f}' for side in sides)} mm in all",
        f"values from {scan.hu.min()} to {scan.hu.max()}: {unit}",
    ]
    said = {
        "manufacturer": facts.manufacturer,
        "kernel": facts.kernel,
        "slice thickness, mm": facts.slice_thickness_mm,
        "series": facts.series_uid,
    }
    told += [f"{name}: {value}" for name, value in said.items() if value is not None]
    told += [f"assumed: {one.text} [{one.code}]" for one in scan.assumptions]
    return [*told, *(f"warning: {one.text} [{one.code}]" for one in scan.warnings)]
