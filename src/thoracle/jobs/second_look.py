"""Look at a kept film again: turned back, or against the gate's refusal."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from thoracle.core.errors import StoreError
from thoracle.core.results import Analysis, FileResult, Reason
from thoracle.imaging.types import Radiograph
from thoracle.jobs.results import PIXELS_NAME, Asked, FilmJudge, save_result
from thoracle.store.results import ResultStore
from thoracle.store.types import StoredResult

FILE_WARNINGS: Final = ("under-18", "color-photograph")
"""Warnings that come from the file itself: the kept display pixels cannot give them again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLook:
    """How a kept film is to be judged again, and who asks.

    `turn_degrees` is how far it was turned clockwise: 0, 90, 180 or 270; it is turned back by
    that. With `override_gate` it is classified even when the gate refuses; the new result says
    so, and keeps `override_reason`.
    """

    turn_degrees: int = 0
    override_gate: bool = False
    owner: str | None = None
    override_reason: str | None = None


def second_look(
    analyzer: FilmJudge, store: ResultStore, result_id: str, *, look: SecondLook, now: datetime
) -> str:
    """Judge a kept film again, turned back or against the gate's refusal, and keep that too.

    Parameters
    ----------
    analyzer, store
        Ready to use.
    result_id
        The first look; it stays as it is.
    look
        What is asked for.
    now
        When this is asked, with a time zone.

    Returns
    -------
    str
        The id of the new result. Its `sha256` is the original file's; its provenance holds
        that of the kept pixels, which are what was judged.

    Raises
    ------
    StoreError
        The first look kept no film, because its file could not be read.
    """
    first = store.load(result_id)
    if PIXELS_NAME not in first.picture_names:
        raise StoreError(
            f"found no film kept with result {result_id} – expected one that could be read. "
            "Upload the file again.",
            code="no-film",
        )
    analyzed = analyzer.analyze_bytes(
        store.picture(result_id, PIXELS_NAME),
        file=first.result.file,
        override_gate=look.override_gate,
        turn_degrees=look.turn_degrees,
    )
    again = _Again(
        result=_about_the_original(analyzed.result, first, turn_degrees=look.turn_degrees),
        radiograph=_of_format(analyzed.radiograph, first.summary.format),
        analysis=analyzed.analysis,
    )
    asked = Asked(
        owner=look.owner,
        batch_id=first.summary.batch_id,
        patient=first.summary.patient,
        override_reason=look.override_reason,
    )
    return save_result(store, again, now=now, parent_id=result_id, asked=asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Again:
    result: FileResult
    radiograph: Radiograph | None
    analysis: Analysis | None


def _about_the_original(
    result: FileResult, first: StoredResult, *, turn_degrees: int
) -> FileResult:
    """Keep what only the original file could say, and say that this is a second look."""
    codes = {warning.code for warning in result.warnings}
    kept = tuple(
        warning
        for warning in first.result.warnings
        if warning.code in FILE_WARNINGS and warning.code not in codes
    )
    text = (
        f"Judged again from the kept display pixels of an earlier result, turned back by "
        f"{turn_degrees}°."
        if turn_degrees
        else "Judged again from the kept display pixels of an earlier result."
    )
    note = Reason(code="second-look", text=text)
    return replace(result, sha256=first.result.sha256, warnings=(note, *result.warnings, *kept))


def _of_format(radiograph: Radiograph | None, original: str | None) -> Radiograph | None:
    """Keep the format of the original file, for the kept pixels are PNG whatever it was."""
    if radiograph is None or original is None:
        return radiograph
    return replace(radiograph, format=original)
