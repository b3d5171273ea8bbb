"""`thoracle train ct-cases` and `thoracle train ct-slices`: kinds of pneumonia, and the leaks."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.progress import progress_bars
from thoracle.cli.train import need_torch
from thoracle.cli.train_ct import DEFAULT_CASES, CasesOption

if TYPE_CHECKING:
    from thoracle.train.ct.case_data import HuScan

Scans = Annotated[list[Path] | None, typer.Option(help="A NIfTI file in HU; may be repeated.")]
Threads = Annotated[int, typer.Option(help="Threads that torch may use.")]


def train_ct_cases(
    *,
    cases: CasesOption = DEFAULT_CASES,
    covid: Scans = None,
    other: Scans = None,
    healthy: Scans = None,
    bundle: Annotated[
        str,
        typer.Option(
            help="Bundle that labels the scans in HU: a name or a folder. Without it thresholds "
            "do, for a study."
        ),
    ] = "",
    out: Annotated[
        Path,
        typer.Option(
            callback=folder_to_write,
            help="Folder for the trainings, cases.html, .json and .md, and the bundle.",
        ),
    ] = Path("runs/ct-cases"),
    epochs: Annotated[int, typer.Option(min=1, help="Of each training.")] = 6,
    threads: Threads = 1,
) -> None:
    """Train a classifier of altered regions, patients left out one by one; measure what leaks.

    The labeled scans are of patients with COVID-19; --covid, --other (pneumonia) and --healthy add
    scans in HU. Needs the extras `train` and `research`; a stopped study goes on where it was.
    """
    need_torch()
    import torch

    from thoracle.ct.model import CtSegmenter
    from thoracle.datasets.ct_cases import read_cases
    from thoracle.evaluation.probes import require_probes
    from thoracle.inference.bundle import open_bundle
    from thoracle.train.ct.case_data import hu_patches, labeled_patches
    from thoracle.train.ct.case_packing import pack_cases
    from thoracle.train.ct.case_report import case_report
    from thoracle.train.ct.case_study import EVERYBODY, CaseStudyPlan, study_cases
    from thoracle.train.ct.small_fit import FitPlan

    require_probes()
    torch.set_num_threads(threads)
    segmenter = CtSegmenter(open_bundle(bundle)) if bundle else None
    scans = [labeled_patches(one) for one in read_cases(cases)]
    scans += [hu_patches(one, segmenter) for one in _hu_scans(covid, other, healthy)]
    plan = CaseStudyPlan(fit=FitPlan(epochs=epochs))
    study = study_cases(scans, plan, out, told=typer.echo)
    report = case_report(study)
    report.write(out)
    parity = pack_cases(out / EVERYBODY, scans, out / "bundle", width=plan.width)
    typer.echo(report.markdown)
    typer.echo(f"{out / 'bundle'}: {parity.logit_difference:.1e} in a logit from torch")


def train_ct_slices(
    slices: Annotated[
        Path, typer.Argument(help="Folder of the slices, with both MetaInfo tables in it.")
    ],
    *,
    out: Annotated[
        Path,
        typer.Option(
            callback=folder_to_write,
            help="Folder for the trainings, groups.csv, slices.html, .json and .md.",
        ),
    ] = Path("runs/ct-slices"),
    epochs: Annotated[int, typer.Option(min=1, help="Of each training.")] = 6,
    threads: Threads = 1,
) -> None:
    """Train a slice classifier by patient and publication, beside what the files alone give away.

    Needs the extras `train` and `research`; a stopped study goes on where it was.
    """
    need_torch()
    import torch

    from thoracle.datasets.ct_slices import read_ct_slices
    from thoracle.evaluation.probes import require_probes
    from thoracle.train.ct.slice_report import slice_report
    from thoracle.train.ct.slice_study import SlicePlan, study_slices
    from thoracle.train.ct.small_fit import FitPlan

    require_probes()
    torch.set_num_threads(threads)
    plan = SlicePlan(fit=FitPlan(epochs=epochs))
    found = read_ct_slices(slices)
    with progress_bars() as on_progress:
        study = study_slices(found, plan, out, told=typer.echo, on_progress=on_progress)
    report = slice_report(study)
    report.write(out)
    typer.echo(report.markdown)


def _hu_scans(
    covid: list[Path] | None, other: list[Path] | None, healthy: list[Path] | None
) -> "list[HuScan]":
    from thoracle.ct.case import COVID, IRRELEVANT, OTHER
    from thoracle.train.ct.case_data import HuScan

    given = ((covid, COVID), (other, OTHER), (healthy, IRRELEVANT))
    return [HuScan(path=path, disease=disease) for paths, disease in given for path in paths or []]
