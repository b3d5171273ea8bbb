"""`thoracle breathing judge`: how well a network tells simulated patterns apart."""

from pathlib import Path
from typing import Annotated, Final

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.progress import progress_bars
from thoracle.reporting.pattern_texts import PATTERN_TEXTS

WINDOWS: Final = 7_000  # a thousand of each class


def judge(
    *,
    bundle: Annotated[str, typer.Option(help="Name or folder of the bundle.")] = "breathing",
    windows: Annotated[int, typer.Option(min=70, help="Windows of each condition.")] = WINDOWS,
    out: Annotated[
        Path,
        typer.Option(callback=folder_to_write, help="Folder for patterns.html, .json and .md."),
    ] = Path("patterns"),
    name: Annotated[str, typer.Option(help="What the evaluation is called.")] = PATTERN_TEXTS[
        "evaluation"
    ],
    attach: Annotated[
        bool, typer.Option("--attach", help="Add the figures to the bundle and its model card.")
    ] = False,
) -> None:
    """Judge a pattern network on fresh simulated windows, as published and as sensors give them.

    Other rates, more noise and none, drift, lost samples; beside a rule on rate and pauses.
    """
    from thoracle.inference.bundle import open_bundle
    from thoracle.jobs.card import attach as attach_reports
    from thoracle.jobs.judge_patterns import judge_patterns
    from thoracle.jobs.judge_patterns_report import patterns_report
    from thoracle.respiration.model import PatternClassifier

    opened = open_bundle(bundle)
    with progress_bars() as on_progress:
        judged = judge_patterns(PatternClassifier(opened), windows=windows, on_progress=on_progress)
    report = patterns_report(judged, opened, name=name, windows=windows)
    report.write(out)
    if attach:
        attach_reports(bundle, [report])
    typer.echo(report.markdown)
