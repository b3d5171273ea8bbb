"""Options of the commands for CT: a series, its labels, and what a user answers for."""

from pathlib import Path
from typing import Annotated

import typer

SeriesPath = Annotated[
    Path,
    typer.Argument(help="Folder or ZIP archive of DICOM slices, or a .nii or .nii.gz file."),
]
Labels = Annotated[
    Path | None,
    typer.Option(
        help="Label map of the scan (NIfTI: 1 lung, 2 ground glass, 3 consolidation) on its "
        "own grid; without it the bundle labels."
    ),
]
LabelBundle = Annotated[
    str, typer.Option(help="Name or folder of the bundle that labels the scan.")
]
Window = Annotated[
    tuple[float, float] | None,
    typer.Option(
        "--assume-window",
        metavar="LOW HIGH",
        help="Take the values for the grey of this window, in HU of black and white. You answer "
        "for it; what comes of the scan says so.",
    ),
]
Grey = Annotated[
    tuple[float, float] | None,
    typer.Option(
        "--grey-range",
        metavar="BLACK WHITE",
        help="Which grey is black and which white, where the values do not show it.",
    ),
]
Spacing = Annotated[
    float | None,
    typer.Option(
        "--slice-spacing",
        metavar="MM",
        help="Take slices without a place in the order of Instance Number, so far apart, axial, as "
        "radiologists see them; below 0 where the number rises towards the feet. You answer for "
        "it; what comes of the scan says so.",
    ),
]
SeriesUid = Annotated[
    str | None,
    typer.Option(
        "--series",
        metavar="UID",
        help="Which series, where there are several; or how its UID begins.",
    ),
]
