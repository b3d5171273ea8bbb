"""What a result decides, and when it had better decide nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from thoracle.core.results import FileResult, Finding, Reason, Status

NOTHING_FOUND: Final = "No finding"

ABSTAINING: Final = (
    "gate-overridden",
    "out-of-distribution",
    "no-lungs",
    "under-18",
    "synthetic",
)
"""Warnings under which probabilities are shown, but nothing is concluded from them.

That maps lie mostly outside the lungs is not among them: it is so on nearly every film that the
shipped network judges, so that abstaining for it would say nothing of this one. The line on trust
says it.
"""


class Verdict(StrEnum):
    """What is concluded from the probabilities of one film."""

    DECIDED = "decided"
    UNDECIDED = "undecided"
    ABSTAINS = "abstains"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """A verdict, the label it is for where it is decided, and why it is not."""

    verdict: Verdict
    label: str | None = None
    reasons: tuple[Reason, ...] = ()


def trust(result: FileResult) -> Trust:
    """Conclude from a result, or say why nothing is concluded.

    Parameters
    ----------
    result
        Of any status.

    Returns
    -------
    Trust
        NONE where nothing was computed; ABSTAINS under one of the warnings of `ABSTAINING`;
        UNDECIDED where no finding reaches its threshold, or "No finding" does together with
        another; else DECIDED for the likeliest of those that reach theirs.
    """
    if result.status is not Status.ANALYZED or not result.findings:
        return Trust(verdict=Verdict.NONE)
    against = tuple(one for one in result.warnings if one.code in ABSTAINING)
    if against:
        return Trust(verdict=Verdict.ABSTAINS, reasons=against)
    positive = [one for one in result.findings if one.is_positive]
    labels = {one.label for one in positive}
    if not positive or (NOTHING_FOUND in labels and len(labels) > 1):
        return Trust(verdict=Verdict.UNDECIDED)
    likeliest = max(positive, key=lambda one: one.probability)
    return Trust(verdict=Verdict.DECIDED, label=likeliest.label)


def risk(findings: Sequence[Finding]) -> float | None:
    """Return the calibrated probability of any finding, 0 to 1; None without findings."""
    if not findings:
        return None
    nothing = sum(one.probability for one in findings if one.label == NOTHING_FOUND)
    return min(max(1.0 - nothing, 0.0), 1.0)
