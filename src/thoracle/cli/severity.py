"""`thoracle severity`: how well severity scores agree with readers, and readers with each other."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.progress import progress_bars

severity_app = typer.Typer(
    help="Severity scores (Brixia, extent, opacity): how far to trust them.", no_args_is_help=True
)


@severity_app.command("evaluate")
def evaluate_severity(
    run: Annotated[Path, typer.Argument(help="Folder of a finished severity run.")],
    *,
    bundle: Annotated[
        str, typer.Option(help="Name or folder of the bundle exported from it.")
    ] = "severity",
    manifest: Annotated[Path, typer.Option(help="Manifest from `thoracle data build`.")] = Path(
        "manifest.csv"
    ),
    split: Annotated[Path, typer.Option(help="Split from `thoracle data split`.")] = Path(
        "split.csv"
    ),
    out: Annotated[
        Path,
        typer.Option(
            callback=folder_to_write, help="Folder for evaluation.html, .json, .md and the plot."
        ),
    ] = Path("evaluation"),
    name: Annotated[str, typer.Option(help="What the evaluation is called.")] = "Unseen patients",
    attach: Annotated[
        bool, typer.Option("--attach", help="Add the figures to the bundle and its model card.")
    ] = False,
) -> None:
    """Judge severity scores of unseen patients beside the readers' own agreement.

    Films without a finding, and outcomes of patients whose films nobody scored, are judged by the
    bundle. Needs the extra `research`.
    """
    from thoracle.datasets.manifest import read_manifest
    from thoracle.datasets.split import read_checked_split
    from thoracle.inference.bundle import open_bundle
    from thoracle.jobs.card import attach as attach_report
    from thoracle.jobs.evaluate_severity import need_finished
    from thoracle.jobs.evaluation_scope import EvaluationScope, with_split
    from thoracle.jobs.severity_report import severity_report
    from thoracle.reporting.svg import require_plots

    require_plots()
    need_finished(run)
    films = read_manifest(manifest)
    groups = {row.path: row.group for row in read_checked_split(split, films).rows}
    with progress_bars() as on_progress:
        scope = with_split(
            EvaluationScope(name=name, manifest=films, on_progress=on_progress), split
        )
        made = severity_report(run, open_bundle(bundle), scope, groups)
    made.write(out)
    if attach:
        attach_report(bundle, [made.report])
    typer.echo(made.report.markdown)
