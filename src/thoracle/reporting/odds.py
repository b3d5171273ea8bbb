"""How often a conclusion is right where so many patients have the finding, in words."""

from collections.abc import Mapping
from typing import Final

from thoracle.core.languages import Language
from thoracle.core.results import FileResult
from thoracle.evaluation.confusion import BinaryCounts
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.prevalence import predictive_values
from thoracle.radiograph.trust import trust
from thoracle.reporting.analysis_texts import PAGE

PREVALENCE_PERCENT: Final = 10
"""Of a report, and where a page's slider stands at first; the reader sets it."""


def odds_sentence(
    result: FileResult, counts: Mapping[str, BinaryCounts], language: Language
) -> str | None:
    """Say how often what is concluded from a result is right, at a prevalence of 10 %.

    Parameters
    ----------
    result
        Of any status.
    counts
        What was measured of the bundle that made it, by finding; empty where nothing was.
    language
        Of the sentence.

    Returns
    -------
    str or None
        None where nothing is concluded, or nothing was measured.
    """
    label = trust(result).label
    measured = None if label is None else counts.get(label)
    if label is None or measured is None:
        return None
    at = predictive_values(measured, prevalence=PREVALENCE_PERCENT / 100)
    return language(
        PAGE["odds"],
        label=language(label),
        prevalence=PREVALENCE_PERCENT,
        right=share_with_interval(at.ppv),
    )


def share_with_interval(share: Estimate) -> str:
    """Print a share as "13 % (9–18)", "–" where it is unknown."""
    if share.value is None or share.low is None or share.high is None:
        return "–"
    return f"{share.value * 100:.0f} % ({share.low * 100:.0f}–{share.high * 100:.0f})"
