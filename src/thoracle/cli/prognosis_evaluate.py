"""`thoracle prognosis evaluate`: how well risks are told, beside the rule and simple models."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.progress import progress_bars

Told = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="What networks told of patients left out in training (NPZ)."),
]


def patients_of(path: Path) -> frozenset[str]:
    """Return the pseudonyms of a list, one a line; a name may have blanks."""
    lines = path.read_text("utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip())


def evaluate(
    cohort: Annotated[Path, typer.Argument(help="Folder from `thoracle prognosis build`.")],
    *,
    bundle: Annotated[
        str | None,
        typer.Option(help="Name or folder of a bundle that learned from other patients."),
    ] = None,
    out_of_fold: Told = None,
    temporal: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The same of the patients admitted last, by networks of earlier ones.",
        ),
    ] = None,
    baselines: Annotated[
        bool, typer.Option(help="Fit logistic regression and boosting in the same folds.")
    ] = True,
    repeats: Annotated[int, typer.Option(min=1, help="How often patients are dealt anew.")] = 5,
    folds: Annotated[int, typer.Option(min=2, help="Folds of patients.")] = 5,
    learned_too: Annotated[
        bool,
        typer.Option("--learned-too", help="Judge a bundle even on patients it learned from."),
    ] = False,
    only: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Judge these patients alone, one pseudonym a line: left out of the training.",
        ),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(callback=folder_to_write, help="Folder for prognosis.html, .json and .md."),
    ] = Path("evaluation-prognosis"),
    name: Annotated[str | None, typer.Option(help="What the evaluation is called.")] = None,
    attach_to: Annotated[
        str | None,
        typer.Option(metavar="BUNDLE", help="Add the figures to a bundle and its model card."),
    ] = None,
) -> None:
    """Judge risks of death at landmarks after admission and before the outcome.

    With a bundle: on patients it never learned from. Without one: baselines, and networks by what
    they told out of fold, all in the same folds. Always beside the three-marker rule and NEWS2.
    Baselines need the extra `research`.
    """
    from thoracle.datasets.prognosis.cohort import read_cohort
    from thoracle.datasets.prognosis.out_of_fold import read_out_of_fold
    from thoracle.inference.bundle import open_bundle
    from thoracle.jobs.card import attach
    from thoracle.jobs.evaluate_cohort import CohortRequest, evaluate_cohort
    from thoracle.jobs.evaluate_cohort_report import cohort_report
    from thoracle.prognosis.model import RiskModel
    from thoracle.reporting.prognosis_evaluation_texts import PROGNOSIS_EVALUATION

    opened = None if bundle is None else open_bundle(bundle)
    told = [None if one is None else read_out_of_fold(one) for one in (out_of_fold, temporal)]
    with progress_bars() as on_progress:
        found = evaluate_cohort(
            CohortRequest(
                cohort=read_cohort(cohort),
                bundle=opened,
                network=None if opened is None else RiskModel(opened),
                out_of_fold=told[0],
                temporal=told[1],
                with_baselines=baselines,
                learned_too=learned_too,
                only=None if only is None else patients_of(only),
                folds=folds,
                repeats=repeats,
                on_progress=on_progress,
            )
        )
    default = PROGNOSIS_EVALUATION["name" if bundle is None else "external_name"]
    report = cohort_report(found, name=name or default)
    report.write(out)
    if attach_to is not None:
        attach(attach_to, [report])
    typer.echo(report.markdown)
