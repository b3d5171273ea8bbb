"""`thoracle evaluate` and `thoracle calibrate`: how a bundle does, here and at your own site."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.progress import progress_bars

BundleArgument = Annotated[str, typer.Argument(help="Name or folder of a bundle.")]
ManifestArgument = Annotated[Path, typer.Argument(help="Manifest from `thoracle data build`.")]
SiteOption = Annotated[str, typer.Option(help="Name of the site; part of the new bundle's name.")]
SiteBundleOption = Annotated[
    Path | None,
    typer.Option(
        callback=folder_to_write,
        help="Folder of the new bundle; by default below THORACLE_HOME/bundles.",
    ),
]


def evaluate(
    bundle: BundleArgument,
    manifest: ManifestArgument,
    out: Annotated[
        Path,
        typer.Option(callback=folder_to_write, help="Folder for evaluation.html, .json and .md."),
    ] = Path("evaluation"),
    split: Annotated[
        Path | None, typer.Option(help="Split; without it every film is judged.")
    ] = None,
    part: Annotated[str, typer.Option(help="Part of the split to judge.")] = "test",
    sources: Annotated[str, typer.Option(help="Only these sources, comma-separated.")] = "",
    sites: Annotated[
        str, typer.Option(help="Only films of these sites or publishers, comma-separated.")
    ] = "",
    populations: Annotated[
        str,
        typer.Option(help="Only adult or child, comma-separated; a gate's collections stay."),
    ] = "",
    collections: Annotated[
        Path | None, typer.Option(help="Folder above a gate's collections.")
    ] = None,
    covariates: Annotated[
        Path | None,
        typer.Option(
            help="Table (CSV) with path or patient, and bmi, ethnicity, age_years or sex, for the "
            "regression of who is judged rightly."
        ),
    ] = None,
    half_width: Annotated[
        float,
        typer.Option(
            help="How well sensitivity, specificity and AUROC are wanted, half an interval; the "
            "report says how many patients that takes."
        ),
    ] = 0.05,
    name: Annotated[str, typer.Option(help="What the evaluation is called.")] = "Test films",
    films: Annotated[bool, typer.Option(help="Show misclassified films in the report.")] = True,
    attach: Annotated[
        bool, typer.Option("--attach", help="Add the figures to the bundle and its model card.")
    ] = False,
    attach_to: Annotated[
        str,
        typer.Option(help="Add the figures to the card of another bundle, which then says so."),
    ] = "",
) -> None:
    """Judge a bundle on labeled films and write the report.

    A classifier's needs the extra `research`, for plots and regression; a gate's and a lung
    bundle's do not.
    """
    from thoracle.datasets.manifest import read_manifest
    from thoracle.inference.bundle import open_bundle
    from thoracle.jobs.card import attach as attach_report
    from thoracle.jobs.evaluate import evaluate_bundle
    from thoracle.jobs.evaluation_scope import EvaluationScope, with_split

    with progress_bars() as on_progress:
        scope = EvaluationScope(
            name=name,
            manifest=read_manifest(manifest),
            part=part,
            sources=comma_separated(sources),
            sites=comma_separated(sites),
            populations=comma_separated(populations),
            collections=collections,
            covariates=covariates,
            half_width=half_width,
            on_progress=on_progress,
        )
        if split is not None:
            scope = with_split(scope, split)
        report = evaluate_bundle(bundle, scope, with_films=films)
    report.write(out)
    for card in ([bundle] if attach else []) + ([attach_to] if attach_to else []):
        attach_report(card, [report], judged=open_bundle(bundle))
    typer.echo(report.markdown)


def calibrate(
    bundle: BundleArgument,
    manifest: ManifestArgument,
    site: SiteOption = "site",
    out: SiteBundleOption = None,
) -> None:
    """Refit temperature and thresholds to a site's labeled films; both calibrations are kept."""
    from thoracle.core.settings import settings
    from thoracle.datasets.manifest import read_manifest
    from thoracle.jobs.calibrate import calibrate_site

    folder = out or settings().home / "bundles" / f"{Path(bundle).name}-{site}"
    with progress_bars() as on_progress:
        fitted = calibrate_site(
            bundle, read_manifest(manifest), out=folder, site=site, on_progress=on_progress
        )
    typer.echo(
        f"{folder}: temperature {fitted.temperature:.3f} on {fitted.films} films "
        f"(negative log-likelihood {fitted.nll_before:.3f} before, {fitted.nll_after:.3f} after)."
    )
    for choice in fitted.thresholds:
        shown = "kept" if choice.threshold is None else f"{choice.threshold:.3f}"
        typer.echo(f"  {choice.label}: threshold {shown}")
    for note in fitted.notes:
        typer.echo(f"  note: {note}")
    name = folder if out is not None else folder.name
    typer.echo(f"Use it with --bundle {name}, or everywhere with THORACLE_BUNDLE={name}")


def comma_separated(text: str) -> tuple[str, ...]:
    """Return the names of an option, without blanks."""
    return tuple(one.strip() for one in text.split(",") if one.strip())
