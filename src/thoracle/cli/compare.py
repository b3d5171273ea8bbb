"""`thoracle compare`: two bundles on the same films."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.progress import progress_bars


def compare(
    first: Annotated[str, typer.Argument(help="Name or folder of the bundle that is tried.")],
    second: Annotated[str, typer.Argument(help="Name or folder of the one it is held against.")],
    manifest: Annotated[Path, typer.Argument(help="Manifest from `thoracle data build`.")],
    out: Annotated[
        Path,
        typer.Option(callback=folder_to_write, help="Folder for comparison.html, .json and .md."),
    ] = Path("comparison"),
    split: Annotated[
        Path | None, typer.Option(help="Split; without it every film is judged.")
    ] = None,
    part: Annotated[str, typer.Option(help="Part of the split to judge.")] = "test",
    sources: Annotated[str, typer.Option(help="Only these sources, comma-separated.")] = "",
    sites: Annotated[
        str, typer.Option(help="Only films of these sites or publishers, comma-separated.")
    ] = "",
    populations: Annotated[str, typer.Option(help="Only adult or child, comma-separated.")] = "",
    name: Annotated[str, typer.Option(help="What the films are called.")] = "Test films",
    figure: Annotated[
        str,
        typer.Option(help="The figure that decides: balanced_accuracy, accuracy, brier or nll."),
    ] = "balanced_accuracy",
    margin: Annotated[
        float | None,
        typer.Option(
            help="How much worse the first may be and count as not worse: 0.02 for 2 points. "
            "Choose it before you look; without it nothing is said about that."
        ),
    ] = None,
) -> None:
    """Compare two classifier bundles on the same films: differences with intervals by patient.

    Needs the extra `research`, for its plot.
    """
    from thoracle.cli.evaluate import comma_separated
    from thoracle.datasets.manifest import read_manifest
    from thoracle.jobs.compare import Question, compare_bundles
    from thoracle.jobs.evaluation_scope import EvaluationScope, with_split

    question = Question(primary=figure, margin=margin)
    with progress_bars() as on_progress:
        scope = EvaluationScope(
            name=name,
            manifest=read_manifest(manifest),
            part=part,
            sources=comma_separated(sources),
            sites=comma_separated(sites),
            populations=comma_separated(populations),
            on_progress=on_progress,
        )
        if split is not None:
            scope = with_split(scope, split)
        report, _ = compare_bundles(first, second, scope, question)
    report.write(out)
    typer.echo(report.markdown)
