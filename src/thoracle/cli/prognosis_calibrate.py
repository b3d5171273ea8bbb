"""`thoracle prognosis calibrate`: told risks at the level of one's own hospital."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.evaluate import SiteBundleOption, SiteOption
from thoracle.cli.prognosis_evaluate import patients_of
from thoracle.cli.progress import progress_bars


def calibrate(
    cohort: Annotated[Path, typer.Argument(help="Folder from `thoracle prognosis build`.")],
    *,
    bundle: Annotated[str, typer.Option(help="Name or folder of a bundle.")] = "prognosis",
    site: SiteOption = "site",
    only: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Fit to these patients alone, one pseudonym a line."),
    ] = None,
    repeats: Annotated[
        int, typer.Option(min=1, help="How often patients are dealt anew for the figures.")
    ] = 5,
    folds: Annotated[int, typer.Option(min=2, help="Folds of patients.")] = 5,
    out: SiteBundleOption = None,
) -> None:
    """Fit slope and level of risks to a site's patients with known outcomes, in a copy.

    Who has the higher risk stays the same. The figures are of patients judged by a fit to others.
    """
    from thoracle.core.settings import settings
    from thoracle.datasets.prognosis.cohort import read_cohort
    from thoracle.inference.bundle import open_bundle
    from thoracle.jobs.prognosis_calibrate import SiteRequest, calibrate_risks

    opened = open_bundle(bundle)
    folder = out or settings().home / "bundles" / f"{opened.name}-{site}"
    with progress_bars() as on_progress:
        found = calibrate_risks(
            SiteRequest(
                bundle=opened,
                cohort=read_cohort(cohort),
                site=site,
                out=folder,
                only=None if only is None else patients_of(only),
                folds=folds,
                repeats=repeats,
                on_progress=on_progress,
            )
        )
    typer.echo(found.report.markdown)
    name = folder if out is not None else folder.name
    typer.echo(
        f"{folder}: use it with --bundle {name}, or everywhere under the name prognosis in "
        "THORACLE_HOME/bundles."
    )
