"""`thoracle audit`: what a classifier rests on, what it bears, and what its maps are worth."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.evaluate import BundleArgument, ManifestArgument, comma_separated
from thoracle.cli.outputs import folder_to_write
from thoracle.cli.progress import progress_bars
from thoracle.core.errors import EvaluationError


def audit(
    bundle: BundleArgument,
    manifest: ManifestArgument,
    out: Annotated[
        Path, typer.Option(callback=folder_to_write, help="Folder for audit.html, .json and .md.")
    ] = Path("audit"),
    split: Annotated[
        Path | None, typer.Option(help="Split; without it every film is judged.")
    ] = None,
    part: Annotated[str, typer.Option(help="Part of the split to judge.")] = "test",
    sources: Annotated[str, typer.Option(help="Only these sources, comma-separated.")] = "",
    populations: Annotated[str, typer.Option(help="Only adult or child, comma-separated.")] = "",
    without: Annotated[
        list[str] | None,
        typer.Option(
            help="SOURCE=BUNDLE: a bundle trained without a source, to see what the source gave. "
            "Once for each."
        ),
    ] = None,
    without_split: Annotated[
        list[Path] | None,
        typer.Option(
            help="Split that a bundle of --without was trained with, to see that the source was "
            "left out. Once for each.",
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Few films of each finding: a look in minutes.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of samples, shuffles, noise and intervals.")] = 0,
    attach: Annotated[
        bool, typer.Option("--attach", help="Add the verdicts to the bundle and its model card.")
    ] = False,
) -> None:
    """Audit a classifier bundle: shortcuts, robustness, and maps, each test with a verdict.

    Needs the extra `research`, for probes and plots; torch is not needed.
    """
    from dataclasses import replace

    from thoracle.datasets.manifest import read_manifest
    from thoracle.inference.bundle import open_bundle
    from thoracle.jobs.audit.options import QUICK, AuditOptions
    from thoracle.jobs.audit.run import audit_bundle
    from thoracle.jobs.card import attach_audit
    from thoracle.jobs.evaluation_scope import EvaluationScope, with_split

    others = _by_source(without or [])
    for other in others.values():
        open_bundle(other)  # before the films are judged
    with progress_bars() as on_progress:
        scope = EvaluationScope(
            name="Shortcut laboratory",
            manifest=read_manifest(manifest),
            part=part,
            sources=comma_separated(sources),
            populations=comma_separated(populations),
            on_progress=on_progress,
        )
        if split is not None:
            scope = with_split(scope, split)
        options = replace(QUICK if quick else AuditOptions(), seed=seed)
        found = audit_bundle(
            bundle,
            scope,
            options,
            without=others,
            splits=tuple(without_split or ()),
        )
    found.write(out)
    if attach:
        attach_audit(bundle, found.json)
    typer.echo(found.markdown)


def _by_source(given: list[str]) -> dict[str, str]:
    """Read SOURCE=BUNDLE pairs.

    Raises
    ------
    EvaluationError
        One has no "=", or nothing on either side of it.
    """
    found = {}
    for one in given:
        source, _, bundle = one.partition("=")
        if not source or not bundle:
            raise EvaluationError(
                f"found --without {one!r} – expected SOURCE=BUNDLE, as in cohen=no-cohen. "
                "Name the source as the manifest does.",
                code="audit-without",
            )
        found[source] = bundle
    return found
