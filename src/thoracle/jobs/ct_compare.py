"""Use case: what changed between scans of one patient, from files to a report."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from thoracle.core.progress import counted
from thoracle.core.results import BundleReference, Reason
from thoracle.core.version import version
from thoracle.ct.course import Course, Followed, SeenScan, follow
from thoracle.ct.follow_up import step
from thoracle.ct.match import Fit, contradictions
from thoracle.ct.register import coarse_view, require_simpleitk
from thoracle.ct.repeatability import Repeatability, learned, read_repeatability
from thoracle.imaging.sandbox import DecoderPool
from thoracle.jobs.ct_visits import (
    FollowUpError,
    FollowUpOptions,
    GivenScan,
    Labeler,
    amounts_of,
    see,
)

__all__ = [
    "FollowUpError",
    "FollowUpOptions",
    "GivenScan",
    "compare_scans",
    "compare_seen",
    "learn_repeatability",
]


def compare_scans(
    given: Sequence[GivenScan], options: FollowUpOptions, pool: DecoderPool
) -> Course:
    """Compare scans of one patient.

    Parameters
    ----------
    given
        Two or more, in any order: their dates decide. All are held in memory, half a gigabyte
        for 512 × 512 × 600 voxels each.
    options
        How.
    pool
        Decodes the files.

    Returns
    -------
    Course
        What changed from each scan to the next.

    Raises
    ------
    FollowUpError
        There are too few scans, or they are not of one patient.
    """
    if len(given) < 2:
        raise FollowUpError(
            f"found {len(given)} scans – expected two or more of one patient. Name them all.",
            code="ct-compare-one",
        )
    require_simpleitk()
    read_repeatability(options.repeatability)  # a file of no use is told before the work
    labeler = Labeler(options)
    scans = [
        see(one, options, labeler, pool) for one in counted(given, "scans", options.on_progress)
    ]
    return compare_seen(scans, options, bundle=labeler.reference)


def compare_seen(
    scans: Sequence[SeenScan], options: FollowUpOptions, *, bundle: BundleReference | None
) -> Course:
    """Compare scans that are open, labeled and measured.

    Parameters
    ----------
    scans
        Two or more, in any order: their dates decide.
    options
        How.
    bundle
        What labeled them; None where it was not one bundle.

    Returns
    -------
    Course
        What changed from each scan to the next. Scans that are not of one patient are a
        FollowUpError.
    """
    known = read_repeatability(options.repeatability)
    ordered = sorted(scans, key=lambda one: one.visit.day)
    checked = tuple(_agreeing(ordered, options))
    views = [coarse_view(one.labeled.scan, one.labeled.label_map > 0) for one in checked]
    pairs = list(pairwise(zip(checked, views, strict=True)))
    steps = tuple(
        _one_patient(follow(first, second, known, threads=options.threads), options)
        for first, second in counted(pairs, "register", options.on_progress)
    )
    ends = checked[0].visit, checked[-1].visit
    return Course(
        scans=checked,
        steps=steps,
        overall=step(*ends, known) if len(checked) > 2 else None,
        repeatability=known,
        bundle=bundle,
        software_version=version(),
    )


def learn_repeatability(
    pairs: Sequence[tuple[GivenScan, GivenScan]],
    options: FollowUpOptions,
    pool: DecoderPool,
    *,
    labeled_by: str,
) -> Repeatability:
    """Learn how far measures differ between scans of which the user knows that nothing changed.

    Parameters
    ----------
    pairs
        Two scans each; dates do not matter.
    options, pool
        As for `compare_scans`.
    labeled_by
        Who drew the labels.

    Returns
    -------
    Repeatability
        That no pair has lungs and lesions is a SettingError.
    """
    labeler = Labeler(options)
    found = [tuple(amounts_of(one, options, labeler, pool) for one in pair) for pair in pairs]
    return learned([(first, second) for first, second in found], labeled_by=labeled_by)


def _agreeing(scans: Sequence[SeenScan], options: FollowUpOptions) -> list[SeenScan]:
    """Refuse scans whose files name two patients; the user may answer for it.

    Raises
    ------
    FollowUpError
        They do, and the user does not.
    """
    said: list[Reason] = []
    for first, second in pairwise(scans):
        said += contradictions(first.labeled.scan, second.labeled.scan)
    if not said:
        return list(scans)
    if not options.same_patient or any(one.code == "ct-match-same-files" for one in said):
        raise FollowUpError(said[0].text, code=said[0].code)
    return [*scans[:-1], _assuming(scans[-1], said)]


def _assuming(scan: SeenScan, said: Sequence[Reason]) -> SeenScan:
    return replace(scan, assumptions=(*scan.assumptions, *map(_answered_for, said)))


def _answered_for(said: Reason) -> Reason:
    return Reason(
        code="ct-compare-same-patient",
        text=f"The user answers for it that the scans are of one patient: {said.text}",
    )


def _one_patient(followed: Followed, options: FollowUpOptions) -> Followed:
    """Refuse scans that do not lie over each other, unless the user answers for the patient.

    Raises
    ------
    FollowUpError
        They do not, and the user does not.
    """
    if followed.match.fit is not Fit.FAILED:
        return followed
    reason = followed.match.reasons[0]
    if not options.same_patient:
        raise FollowUpError(f"{reason.text} Or say --same-patient.", code=reason.code)
    match = replace(followed.match, reasons=(_answered_for(reason),))
    return replace(followed, match=match)
