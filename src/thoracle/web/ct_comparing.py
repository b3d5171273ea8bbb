"""Which scans a form or a program wants to have compared, queued as a job or refused."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.exceptions import HTTPException

from thoracle.core.errors import ImageError
from thoracle.core.settings import settings
from thoracle.jobs.ct_comparisons import COMPARE, submit_comparison
from thoracle.jobs.ct_kept_visits import Wanted
from thoracle.store.job_types import Job, JobState
from thoracle.web.ct_uploads import need_room
from thoracle.web.services import Services
from thoracle.web.texts import WEB

COMPARISONS: Final = "/api/v1/ct/comparisons"
COMPARISON_PAGES: Final = "/ct/comparisons"

FILE_TYPES: Final[Mapping[str, str]] = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
}
_FILE: Final = re.compile(r"[a-z0-9-]{1,64}\.(png|svg|html|pdf|csv)")
_SAVED: Final = ("html", "csv")  # a page of ours would not let their styles through
_TRUE: Final = "true"


def begin_comparison(
    services: Services, wanted: Sequence[Wanted], *, same_patient: bool, owner: str | None
) -> Job:
    """Queue a comparison; one that cannot be done, or a long line of jobs, is an error."""
    need_room(services)
    return submit_comparison(
        services.store,
        wanted,
        same_patient=same_patient,
        keeps_dates=settings().keep_identifiers,
        owner=owner,
        now=services.options.now(),
    )


def compare_anyway(services: Services, job: Job, said: Mapping[str, Any]) -> Job:
    """Queue a refused comparison again: who asks answers for it that it is one patient.

    Parameters
    ----------
    services
        With the store.
    job
        A comparison that failed.
    said
        `same_patient` must be "true".

    Returns
    -------
    Job
        A new one.

    Raises
    ------
    ImageError
        The job did not fail.
    HTTPException
        Nobody answers for it.
    """
    if job.kind != COMPARE or job.state is not JobState.FAILED:
        raise ImageError(
            f"found a job that is {job.state} – expected one that failed. Compare the scans again.",
            code="job-not-failed",
        )
    if str(said.get("same_patient")).lower() != _TRUE:
        raise HTTPException(422, WEB["ct_compare_same_needed"])
    need_room(services)
    wishes = {**job.input, "same_patient": True}
    jobs = services.store.jobs
    now = services.options.now()
    return jobs.get(jobs.submit(COMPARE, wishes, owner=job.owner, now=now))


def wanted_of(said: Mapping[str, Any], chosen: Sequence[str]) -> list[Wanted]:
    """Read from a form which scans were chosen, and the day that was written for each."""
    return [
        Wanted(scan_id=one, when=str(said.get(f"when-{one}") or "").strip() or None)
        for one in chosen
    ]


def comparison_file(
    services: Services, comparison_id: str, name: str
) -> tuple[bytes, dict[str, str]]:
    """Return a picture or a report of a comparison, and the headers it is sent with.

    Raises
    ------
    HTTPException
        No comparison has a file of such a name.
    """
    match = _FILE.fullmatch(name)
    if match is None:
        raise HTTPException(404, WEB["error_missing"])
    services.store.comparisons.get(comparison_id)
    content = services.store.comparisons.file(comparison_id, name)
    how = "attachment" if match[1] in _SAVED else "inline"
    return content, {
        "Content-Type": FILE_TYPES[match[1]],
        "Content-Disposition": f'{how}; filename="thoracle-{comparison_id}-{name}"',
    }
