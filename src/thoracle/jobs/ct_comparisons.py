"""Comparing kept scans of one patient as a job: what changed, its pictures and its reports."""

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

from thoracle.core.languages import LANGUAGES, Language, language
from thoracle.core.progress import counted
from thoracle.core.results import Reason
from thoracle.ct.course import Course
from thoracle.ct.register import missing_simpleitk
from thoracle.jobs.ct_compare import FollowUpError, FollowUpOptions, compare_seen
from thoracle.jobs.ct_kept_visits import Wanted, checked, kept_visit
from thoracle.jobs.long_work import Task, Work
from thoracle.reporting.ct_follow_up_html import follow_up_html
from thoracle.reporting.ct_follow_up_pdf import follow_up_pdf
from thoracle.reporting.ct_follow_up_pictures import SlicePicture, slice_pictures
from thoracle.reporting.ct_follow_up_tables import changes_csv, follow_up_document
from thoracle.reporting.ct_follow_up_timeline import timeline_svg
from thoracle.reporting.ct_follow_up_view import course_view
from thoracle.store.comparison_types import NewComparison
from thoracle.store.job_types import Job
from thoracle.store.results import ResultStore

COMPARE: Final = "ct_compare"
SCANS_MAX: Final = 6
"""Most scans of one comparison: all are in memory, up to half a gigabyte each."""

COMPARE_PARTS: Final[Mapping[str, float]] = MappingProxyType(
    {"scans": 0.1, "register": 0.7, "draw": 0.15, "keep": 0.05}
)
_FILE_LENGTH: Final = 255


def can_compare() -> bool:
    """Say whether what lays scans over each other is installed (extra `ct`)."""
    return importlib.util.find_spec("SimpleITK") is not None


def submit_comparison(
    store: ResultStore,
    wanted: Sequence[Wanted],
    *,
    same_patient: bool,
    keeps_dates: bool,
    owner: str | None,
    now: datetime,
) -> Job:
    """Queue a comparison of kept scans.

    Parameters
    ----------
    store
        Open.
    wanted
        Two scans or more.
    same_patient
        Whether who asks answers for it that all are of one patient.
    keeps_dates
        Whether dates that are given may be kept.
    owner
        Who asks.
    now
        With a time zone.

    Returns
    -------
    Job
        Queued.

    Raises
    ------
    FollowUpError
        There are too few scans or too many. That SimpleITK is missing is a MissingExtraError.
    """
    if not 2 <= len(wanted) <= SCANS_MAX:
        raise FollowUpError(
            f"found {len(wanted)} scans – expected two to {SCANS_MAX} of one patient. Choose them "
            "again.",
            code="ct-compare-one",
        )
    if not can_compare():
        error = missing_simpleitk()
        raise error
    chosen = checked(store, wanted, keeps_dates=keeps_dates)
    scans = [store.scans.get(one.scan_id) for one in chosen]
    wishes = {
        "scans": [one.as_input() for one in chosen],
        "same_patient": same_patient,
        "patient": _agreed([one.patient for one in scans]),
        "file": ", ".join(one.file for one in scans)[:_FILE_LENGTH],
    }
    return store.jobs.get(store.jobs.submit(COMPARE, wishes, owner=owner, now=now))


def compare(task: Task) -> None:
    """Compare kept scans; keep what changed with pictures and reports, and end the job.

    Parameters
    ----------
    task
        Its wishes are those of `submit_comparison`.
    """
    task.progress("scans", 0, 1)
    wanted = [Wanted.of(one) for one in task.wishes["scans"]]
    opened = [kept_visit(task.store, one) for one in counted(wanted, "scans", task.progress)]
    opened.sort(key=lambda one: one.seen.visit.day)
    task.progress("register", 0, 1)
    options = FollowUpOptions(same_patient=task.wishes["same_patient"], on_progress=task.progress)
    bundles = {one.bundle for one in opened}
    one_bundle = opened[0].bundle if len(bundles) == 1 else None
    course = compare_seen([one.seen for one in opened], options, bundle=one_bundle)
    task.progress("draw", 0, 1)
    document, files = course_files(_with_labelers(course))
    task.progress("keep", 0, 1)
    new = NewComparison(
        scans=tuple(one.compared for one in opened),
        document=document,
        files=files,
        owner=task.job.owner,
        patient=task.wishes["patient"],
    )
    task.store.comparisons.save(new, now=task.now(), lease=task.lease)


def compare_work() -> tuple[Work, Mapping[str, float]]:
    """Return how kept scans are compared, and the shares of the stages."""
    return compare, COMPARE_PARTS


def course_files(course: Course) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return what changed as JSON, and pictures and reports in every language.

    Parameters
    ----------
    course
        What changed.

    Returns
    -------
    document, files
        `document["changes"]` is what `thoracle ct compare` writes as changes.json;
        `document["views"]` holds the texts of the page by language, `document["pictures"]` a list
        for each step, with the slice and the name of its file.
    """
    pictures = [() if one.common is None else slice_pictures(one.common) for one in course.steps]
    named = [_named(step, made) for step, made in enumerate(pictures, start=1)]
    files = {"changes.csv": changes_csv(course)}
    for made, names in zip(pictures, named, strict=True):
        files |= {said["file"]: one.png for said, one in zip(names, made, strict=True)}
    views = {}
    for code in LANGUAGES:
        texts = language(code)
        views[code] = asdict(course_view(course, texts))
        files |= _reports(course, pictures, texts)
    changes = follow_up_document(course)
    return {"changes": changes, "views": views, "pictures": named}, files


def _reports(
    course: Course, pictures: Sequence[Sequence[SlicePicture]], texts: Language
) -> dict[str, bytes]:
    code = texts.code
    return {
        f"timeline-{code}.svg": timeline_svg(course, texts).encode("utf-8"),
        f"report-{code}.html": follow_up_html(course, pictures, texts).encode("utf-8"),
        f"report-{code}.pdf": follow_up_pdf(course, pictures, texts),
    }


def _named(step: int, made: Sequence[SlicePicture]) -> list[dict[str, Any]]:
    return [
        {"slice": one.slice_number, "file": f"step-{step}-slice-{one.slice_number}.png"}
        for one in made
    ]


def _with_labelers(course: Course) -> Course:
    """Warn of steps whose two masks were not drawn by the same hand."""
    steps = []
    for followed, (before, after) in zip(course.steps, pairwise(course.scans), strict=True):
        warnings = followed.step.warnings
        if before.labeled_by != after.labeled_by:
            warnings = (_labelers(before.labeled_by, after.labeled_by), *warnings)
        steps.append(replace(followed, step=replace(followed.step, warnings=warnings)))
    return replace(course, steps=tuple(steps))


def _labelers(before: str, after: str) -> Reason:
    return Reason(
        code="ct-compare-labelers",
        text=(
            f"The masks were not drawn by the same hand: {before} before, {after} after. Part of "
            "any change may come from that."
        ),
    )


def _agreed(patients: Sequence[str | None]) -> str | None:
    """Return the patient of all scans; None where they do not name one and the same."""
    return patients[0] if len(set(patients)) == 1 else None
