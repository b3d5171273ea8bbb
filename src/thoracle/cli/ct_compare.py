"""`thoracle ct compare` and `thoracle ct repeatability`: change between scans, and its noise."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thoracle.cli.ct_options import Grey, Spacing, Window
from thoracle.cli.outputs import file_to_write, folder_to_write
from thoracle.cli.progress import progress_bars

if TYPE_CHECKING:
    from thoracle.imaging.trust import Trust
    from thoracle.jobs.ct_visits import GivenScan

LABELS_HELP = (
    "Label map of a scan (NIfTI: 1 lung, 2 ground glass, 3 consolidation), one for each scan and "
    "in their order; without any the bundle labels them."
)
Bundle = Annotated[str, typer.Option(help="Name or folder of the bundle that labels scans.")]
Labels = Annotated[list[Path] | None, typer.Option(help=LABELS_HELP)]


def compare(
    scans: Annotated[
        list[Path],
        typer.Argument(
            help="Two or more scans of one patient: folders or ZIP archives of DICOM slices, or "
            ".nii or .nii.gz files."
        ),
    ],
    *,
    labels: Labels = None,
    dates: Annotated[
        list[str] | None,
        typer.Option(
            help="When a scan was made, as 2020-03-31, one for each scan and in their order; "
            "without any the Study Date of the files."
        ),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            callback=folder_to_write,
            help="Folder for report.html, report.pdf, changes.json and changes.csv.",
        ),
    ] = Path("ct-compare"),
    same_patient: Annotated[
        bool,
        typer.Option(
            "--same-patient",
            help="Compare although the scans do not look as if they were of one patient. You "
            "answer for it; the report says so.",
        ),
    ] = False,
    assume_window: Window = None,
    grey_range: Grey = None,
    slice_spacing: Spacing = None,
    bundle: Bundle = "ct",
    repeatability: Annotated[
        Path | None,
        typer.Option(help="Noise from `thoracle ct repeatability`; else the package's own."),
    ] = None,
    threads: Annotated[
        int, typer.Option(min=1, help="Threads; with 1 the search repeats to the last digit.")
    ] = 1,
    language: Annotated[str, typer.Option(help="Of the report: en or pt.")] = "en",
) -> None:
    """Say what changed between CT scans of one patient, and whether it is more than noise.

    Needs the extra `ct`. The dates decide the order; it is never guessed.
    """
    from thoracle.core.languages import language as language_of
    from thoracle.imaging.sandbox import DecoderPool
    from thoracle.jobs.ct_compare import FollowUpOptions, compare_scans
    from thoracle.jobs.ct_compare_report import write_report
    from thoracle.reporting.ct_follow_up_view import spoken_changes

    texts = language_of(_known_language(language))
    given = _given(scans, labels, dates)
    with progress_bars() as on_progress, DecoderPool.from_settings() as pool:
        options = FollowUpOptions(
            trust=_trust(assume_window, grey_range, slice_spacing),
            same_patient=same_patient,
            bundle=bundle,
            repeatability=repeatability,
            threads=threads,
            on_progress=on_progress,
        )
        course = compare_scans(given, options, pool)
    write_report(course, out, texts)
    for line in spoken_changes(course, texts):
        typer.echo(line)
    typer.echo(str(out / "report.html"))


def repeatability(
    scans: Annotated[
        list[Path],
        typer.Argument(
            help="Pairs of scans between which nothing changed, one after the other: A1 A2 B1 B2."
        ),
    ],
    *,
    labels: Labels = None,
    labeled_by: Annotated[
        str, typer.Option(help="Who drew the labels, for the reports.")
    ] = "the bundle",
    assume_window: Window = None,
    grey_range: Grey = None,
    slice_spacing: Spacing = None,
    bundle: Bundle = "ct",
    out: Annotated[Path, typer.Option(callback=file_to_write, help="File to write.")] = Path(
        "repeatability.toml"
    ),
) -> None:
    """Learn measurement noise from pairs of scans between which nothing changed."""
    from thoracle.core.files import write_atomically
    from thoracle.ct.repeatability import repeatability_toml
    from thoracle.imaging.sandbox import DecoderPool
    from thoracle.jobs.ct_compare import FollowUpOptions, learn_repeatability

    given = _pairs(_given(scans, labels, None))
    trust = _trust(assume_window, grey_range, slice_spacing)
    options = FollowUpOptions(trust=trust, bundle=bundle)
    with DecoderPool.from_settings() as pool:
        made = learn_repeatability(given, options, pool, labeled_by=labeled_by)
    said = repeatability_toml(made)
    write_atomically(out, said.encode("utf-8"))
    typer.echo(said.rstrip())


def _given(
    scans: Sequence[Path], labels: Sequence[Path] | None, dates: Sequence[str] | None
) -> "list[GivenScan]":
    from thoracle.jobs.ct_visits import GivenScan

    for name, said in (("--labels", labels), ("--dates", dates)):
        if said and len(said) != len(scans):
            raise typer.BadParameter(
                f"{len(scans)} scans and {len(said)} times {name}: give it once for each scan."
            )
    maps: Sequence[Path | None] = labels or [None] * len(scans)
    days: Sequence[str | None] = dates or [None] * len(scans)
    return [
        GivenScan(path=scan, labels=one, day=day)
        for scan, one, day in zip(scans, maps, days, strict=True)
    ]


def _trust(
    window: tuple[float, float] | None, grey: tuple[float, float] | None, spacing_mm: float | None
) -> "Trust":
    from thoracle.imaging.trust import Trust

    return Trust(assume_window=window, grey_range=grey, slice_spacing_mm=spacing_mm)


def _pairs(given: "list[GivenScan]") -> "list[tuple[GivenScan, GivenScan]]":
    if len(given) % 2:
        raise typer.BadParameter(f"{len(given)} scans are not pairs.")
    return list(zip(given[::2], given[1::2], strict=True))


def _known_language(code: str) -> str:
    from thoracle.core.languages import LANGUAGES

    if code not in LANGUAGES:
        raise typer.BadParameter(f"{code} is none of {', '.join(LANGUAGES)}.")
    return code
