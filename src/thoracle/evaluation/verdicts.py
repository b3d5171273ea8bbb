"""The limits of the shortcut laboratory, fixed beforehand, and the verdict on one figure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from thoracle.core.results import Reason
from thoracle.evaluation.estimate import Estimate

FEWEST_FILMS: Final = 10  # below, an interval by patient is no interval.


class Outcome(StrEnum):
    """How a test ended."""

    PASSES = "passes"
    FAILS = "fails"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a figure is held against: good is at or below a ceiling, at or above a floor."""

    value: float
    is_ceiling: bool


def _ceiling(value: float) -> Limit:
    return Limit(value=value, is_ceiling=True)


def _floor(value: float) -> Limit:
    return Limit(value=value, is_ceiling=False)


LIMITS: Final[Mapping[str, Limit]] = MappingProxyType(
    {
        # Balanced accuracy scaled to 0 at chance and 1 where all is told, inside one finding.
        "probe": _ceiling(0.2),
        # Share of the skill (AUROC - 0.5, mean over pairs) that is left without the lungs.
        "without_lungs": _ceiling(0.5),
        # The same with lungs of which only brightness and outline are left.
        "blurred_lungs": _ceiling(0.5),
        # Change of AUROC, mean over pairs: what two readings of a radiologist differ by, about.
        "change": _floor(-0.05),
        # The same where only one finding of a pair has the marker, the worse of both ways.
        "marker": _floor(-0.05),
        # Accuracy on a source's films: trained without it, less that of the bundle.
        "unseen_source": _floor(-0.1),
        # Share of the map inside the lungs less the lungs' share of the area.
        "lung_share": _floor(0.0),
        # Insertion minus deletion area, less that of the same films' other order.
        "beats_random": _floor(0.0),
        "beats_center": _floor(0.0),
        # Rank correlation of a map with that of random weights.
        "random_weights": _ceiling(0.5),
        # Share of films with the same likeliest finding, at the family's everyday strength.
        "agreement": _floor(0.8),
        # Change of AUROC at the same strength.
        "disturbance": _floor(-0.05),
    }
)
"""By kind of test. A limit is moved only in a release of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome of one test on one subject.

    `test` is a key of `LIMITS`; `subject` says on what: "source", "lungs_blackened", the name of
    an explainer. `reason` says why nothing could be told, None where the interval says it.
    """

    test: str
    subject: str
    outcome: Outcome
    estimate: Estimate
    limit: Limit
    reason: Reason | None = None


def verdict(test: str, subject: str, estimate: Estimate, *, doubt: Reason | None = None) -> Verdict:
    """Hold a figure's whole interval against the limit of its test.

    Parameters
    ----------
    test
        A key of `LIMITS`.
    subject
        What was tested.
    estimate
        The figure; one of fewer than `FEWEST_FILMS` films, or without an interval, tells nothing.
    doubt
        Why nothing can be told whatever the figure is.

    Returns
    -------
    Verdict
        With a reason where nothing can be told and the interval does not say why.
    """
    limit = LIMITS[test]
    reason = doubt or _lack(estimate)
    outcome = Outcome.CANNOT_TELL if reason else _outcome(estimate, limit)
    return Verdict(
        test=test, subject=subject, outcome=outcome, estimate=estimate, limit=limit, reason=reason
    )


def _lack(estimate: Estimate) -> Reason | None:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        text = "The films cannot give the figure and its interval."
        return estimate.reason or Reason(code="no-figure", text=text)
    if estimate.n < FEWEST_FILMS:
        text = f"{estimate.n} films; {FEWEST_FILMS} or more are needed."
        return Reason(code="audit-few-films", text=text)
    return None


def _outcome(estimate: Estimate, limit: Limit) -> Outcome:
    low, high = estimate.low, estimate.high
    if low is None or high is None:  # `_lack` has seen to it
        return Outcome.CANNOT_TELL
    if limit.is_ceiling:
        low, high, bound = -high, -low, -limit.value
    else:
        bound = limit.value
    if low >= bound:
        return Outcome.PASSES
    return Outcome.FAILS if high < bound else Outcome.CANNOT_TELL
