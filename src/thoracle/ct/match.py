"""Whether two scans may be compared: one patient, one part of the body, one way up."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from thoracle.core.results import Reason
from thoracle.ct.register import Registration
from thoracle.imaging.scan import CtScan

# Scans of different patients reached a Dice of 0.88 and a correlation of 0.81; one patient's two
# series, and real lungs moved as by a breath, 0.97 both: docs/explanation/ct-change.md. The limits
# lie between; nobody at hand has two dates to set them on.
FAILED_BELOW: Final = (0.90, 0.85)
"""Dice of the lungs and correlation of the grey under which two scans do not fit."""
DOUBTFUL_BELOW: Final = (0.95, 0.92)
AXES: Final = ("feet and head", "front and back", "right and left")


class Fit(StrEnum):
    """How well two scans lie over each other."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Whether two scans may be compared, and what stands against it."""

    fit: Fit
    reasons: tuple[Reason, ...] = ()


def match_of(registration: Registration) -> Match:
    """Judge how well a later scan lies over an earlier one.

    Parameters
    ----------
    registration
        From `thoracle.ct.register.register`.

    Returns
    -------
    Match
        With one reason where the fit is not good.
    """
    after = registration.after
    found = (after.dice, after.correlation)
    if registration.mirrored is not None and after.dice >= FAILED_BELOW[0] - 0.1:
        reason = Reason(
            code="ct-match-mirrored",
            text=(
                f"found a later scan that fits better with {AXES[registration.mirrored]} "
                "exchanged – expected both scans the same way round. Check their orientation."
            ),
        )
        return Match(fit=Fit.FAILED, reasons=(reason,))
    if any(one < least for one, least in zip(found, FAILED_BELOW, strict=True)):
        reason = Reason(
            code="ct-match-failed",
            text=(
                f"found lungs that overlap with a Dice of {after.dice:.2f}, grey that correlates "
                f"with {after.correlation:.2f} – expected at least {FAILED_BELOW[0]:.2f} and "
                f"{FAILED_BELOW[1]:.2f} of one patient's lungs. Check that both scans are of one "
                "patient and show whole lungs."
            ),
        )
        return Match(fit=Fit.FAILED, reasons=(reason,))
    if any(one < least for one, least in zip(found, DOUBTFUL_BELOW, strict=True)):
        reason = Reason(
            code="ct-match-doubtful",
            text=(
                "The scans lie over each other poorly: lungs that overlap with a Dice of "
                f"{after.dice:.2f}, grey that correlates with {after.correlation:.2f}. Look at the "
                "overlay first."
            ),
        )
        return Match(fit=Fit.DOUBTFUL, reasons=(reason,))
    return Match(fit=Fit.GOOD)


def contradictions(earlier: CtScan, later: CtScan) -> tuple[Reason, ...]:
    """Say what in two scans' files speaks against one patient seen twice.

    Parameters
    ----------
    earlier, later
        What a file does not say speaks against nothing.

    Returns
    -------
    tuple of Reason
        None where nothing does. Patient IDs are compared and not told.
    """
    return tuple(_contradictions(earlier, later))


def _contradictions(earlier: CtScan, later: CtScan) -> Iterator[Reason]:
    if earlier.sha256 == later.sha256:
        yield Reason(
            code="ct-match-same-files",
            text="found the same files twice – expected two scans. Give the later scan.",
        )
    if _differ(earlier.facts.patient_id, later.facts.patient_id):
        yield Reason(
            code="ct-match-patient",
            text=(
                "found two different values of Patient ID (0010,0020) – expected one patient. "
                "Check the files, or say --same-patient."
            ),
        )
    if _differ(earlier.facts.sex, later.facts.sex):
        yield Reason(
            code="ct-match-sex",
            text=(
                f"found Patient's Sex (0010,0040) {earlier.facts.sex} and {later.facts.sex} – "
                "expected one patient. Check the files, or say --same-patient."
            ),
        )


def _differ(first: str | None, second: str | None) -> bool:
    return bool(first and second) and first != second
