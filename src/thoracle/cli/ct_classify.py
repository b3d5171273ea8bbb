"""`thoracle ct classify`: COVID-19, other pneumonia or neither, with how little it may mean."""

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
from thoracle.cli.outputs import file_to_write

if TYPE_CHECKING:
    from thoracle.ct.case import CaseAnswer


def classify(
    scan: SeriesPath,
    *,
    labels: Labels = None,
    bundle: LabelBundle = "ct",
    thresholds: Annotated[
        bool,
        typer.Option("--thresholds", help="Let thresholds label the scan: for a study only."),
    ] = False,
    case_bundle: Annotated[
        str, typer.Option(help="Name or folder of the bundle that classifies.")
    ] = "ct-case",
    assume_window: Window = None,
    grey_range: Grey = None,
    slice_spacing: Spacing = None,
    series_uid: SeriesUid = None,
    out: Annotated[
        Path | None, typer.Option(callback=file_to_write, help="JSON file for all that was found.")
    ] = None,
) -> None:
    """Say what kind of pneumonia a chest CT shows: COVID-19, another, or neither.

    Altered regions are judged one by one and pooled; the answer says of how many patients the
    bundle learned.
    """
    import json

    from thoracle.core.files import write_atomically
    from thoracle.imaging.sandbox import DecoderPool
    from thoracle.imaging.trust import Trust
    from thoracle.jobs.ct_classify import ClassifyOptions, classify_scan

    options = ClassifyOptions(
        trust=Trust(
            assume_window=assume_window, slice_spacing_mm=slice_spacing, grey_range=grey_range
        ),
        series_uid=series_uid,
        labels=labels,
        bundle=bundle,
        by_thresholds=thresholds,
        case_bundle=case_bundle,
    )
    with DecoderPool.from_settings() as pool:
        found = classify_scan(scan, options, pool)
    for line in _lines(found.answer):
        typer.echo(line)
    for caution in found.cautions:
        typer.echo(f"caution: {caution}", err=True)
    if out is not None:
        write_atomically(out, (json.dumps(found.document, indent=1) + "\n").encode("utf-8"))
        typer.echo(str(out))


def _lines(answer: "CaseAnswer") -> Iterator[str]:
    """Yield the kind, then each way of pooling."""
    if answer.kind is None or answer.confidence is None:
        yield "no altered region: nothing to classify"
        return
    patches = sum(one.patches for one in answer.regions)
    yield f"{answer.kind}, confidence {answer.confidence:.3f} (Noisy-OR)"
    yield f"{len(answer.regions)} regions, {patches} patches"
    yield "pooling".ljust(12) + "COVID-19".rjust(10) + "other".rjust(10)
    for name, (covid, other) in answer.pooled.items():
        yield name.ljust(12) + f"{covid:10.3f}{other:10.3f}"
