"""The scans of one patient in their order, and what changed from each to the next."""

from dataclasses import dataclass, field

from thoracle.core.results import BundleReference, Reason
from thoracle.ct.follow_up import Step, Visit, step
from thoracle.ct.match import Fit, Match, match_of
from thoracle.ct.register import Coarse, Registration, register
from thoracle.ct.repeatability import Repeatability
from thoracle.ct.transitions import Common, Labeled, Transitions, on_common_grid, transitions


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenScan:
    """One scan with its labels and numbers.

    Attributes
    ----------
    visit
        Its numbers.
    labeled
        Its voxels and labels.
    labeled_by
        "given labels", or the bundle's name.
    assumptions, warnings
        What had to be taken on trust, and what a reader should know.
    """

    visit: Visit
    labeled: Labeled = field(repr=False)
    labeled_by: str
    assumptions: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """From one scan to the next.

    `common` and `became` are None where the scans do not lie over each other: then only their
    numbers are compared.
    """

    step: Step
    registration: Registration
    match: Match
    common: Common | None = field(repr=False)
    became: Transitions | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """All that is said about the scans of one patient.

    Attributes
    ----------
    scans
        In the order of their dates.
    steps
        From each scan to the next.
    overall
        From the first to the last, where there are more than two.
    repeatability
        What noise was reckoned from.
    bundle
        What labeled the scans that came without labels.
    software_version
        Of this package.
    """

    scans: tuple[SeenScan, ...]
    steps: tuple[Followed, ...]
    overall: Step | None
    repeatability: Repeatability
    bundle: BundleReference | None
    software_version: str


def follow(
    before: tuple[SeenScan, Coarse],
    after: tuple[SeenScan, Coarse],
    repeatability: Repeatability,
    *,
    threads: int,
) -> Followed:
    """Compare one scan with the next.

    Parameters
    ----------
    before, after
        Each scan, and its coarse view.
    repeatability
        What noise is reckoned from.
    threads
        Of the search; 1 repeats to the last digit.

    Returns
    -------
    Followed
        Voxels are compared where the scans lie over each other.
    """
    (first, first_view), (second, second_view) = before, after
    found = register(first_view, second_view, threads=threads)
    match = match_of(found)
    common = None
    if match.fit is not Fit.FAILED:
        error_mm = found.after.surface_mm
        common = on_common_grid(first.labeled, second.labeled, found.matrix, error_mm=error_mm)
    return Followed(
        step=step(first.visit, second.visit, repeatability),
        registration=found,
        match=match,
        common=common,
        became=None if common is None else transitions(common),
    )
