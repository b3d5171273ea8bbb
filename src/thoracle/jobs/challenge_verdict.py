"""What the checks of a challenger add up to, and the sentences that say it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import starmap
from typing import Final

from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.non_inferiority import Verdict
from thoracle.evaluation.paired import PairedFigures

CHAMPION: Final = "champion"
AUROC, BRIER, SOURCE_BRIER = "auroc", "brier", "brier-of-source"


class Outcome(StrEnum):
    """What the comparison says of a challenger."""

    NOT_WORSE = "not-worse"
    WORSE = "worse"
    NOT_SHOWN = "not-shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must hold: the difference of a figure, challenger minus its rival.

    `champion` is the rival's figure; `of` is the finding or the source; `verdict` follows from the
    interval and the margin.
    """

    figure: str
    of: str
    champion: float | None
    challenger: float | None
    difference: Estimate
    margin: float
    verdict: Verdict
    has_passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSet:
    """The challenger and a rival on one set of held-out films.

    `too_few` says in words which findings could not be ranked. `rival` is in words too.
    """

    name: str
    rival: str = CHAMPION
    films: tuple[str, ...] = field(repr=False)
    patients: int
    support: dict[str, int]
    unreadable: tuple[str, ...]
    checks: tuple[Check, ...]
    too_few: tuple[str, ...]
    figures: PairedFigures = field(repr=False)

    @property
    def ranked(self) -> frozenset[str]:
        """The findings whose ranking was judged."""
        return frozenset(check.of for check in self.checks if check.figure == AUROC)


def concluded(sets: Sequence[JudgedSet]) -> tuple[Outcome, str]:
    """Return the outcome of all sets together, and the sentences that explain it."""
    failed = [(one, check) for one in sets for check in one.checks if not check.has_passed]
    untold = [*map(_blindness, filter(_is_blind, sets)), *_never_ranked(sets)]
    if not failed and not untold:
        return Outcome.NOT_WORSE, " ".join(_success(one) for one in sets)
    words = [*starmap(_failure, failed), *untold]
    if any(_is_shown_worse(check) for _, check in failed):
        return Outcome.WORSE, " ".join(words)
    return Outcome.NOT_SHOWN, " ".join([*words, *filter(None, map(_films_needed, sets))])


def _is_blind(one: JudgedSet) -> bool:
    return one.rival == CHAMPION and not one.ranked


def _blindness(one: JudgedSet) -> str:
    return f"On the {one.name} no finding has films enough to be ranked."


def _never_ranked(sets: Sequence[JudgedSet]) -> Iterator[str]:
    """Name the findings that no set could rank: nobody knows whether they were lost."""
    ranked = frozenset[str]().union(*(one.ranked for one in sets))
    lacking = [one for one in (sets[0].support if sets else ()) if one not in ranked]
    if lacking and ranked:
        yield f"Of {', '.join(lacking)} no set has films enough to rank: a loss would not be seen."


def _is_shown_worse(check: Check) -> bool:
    low, high = check.difference.low, check.difference.high
    if low is None or high is None:
        return False
    return high < 0 if check.figure == AUROC else low > 0


_FIGURES: Final = {
    AUROC: "AUROC of {of}",
    BRIER: "Brier score",
    SOURCE_BRIER: "Brier score of source {of}",
}


def _success(one: JudgedSet) -> str:
    text = (
        f"{_against(one)} {len(one.films)} {one.name} of {one.patients} patients the challenger is "
        "shown to be not worse in ranking and calibration, and worse in no source."
    )
    few = f" Not ranked there, for want of films: {', '.join(one.too_few)}."
    return text + few if one.too_few else text


def _against(one: JudgedSet) -> str:
    """Begin a sentence on a set; that it is against the champion goes without saying."""
    return "On" if one.rival == CHAMPION else f"Against the {one.rival}: on"


def _failure(one: JudgedSet, check: Check) -> str:
    figure = _FIGURES[check.figure].format(of=check.of)
    found = check.difference
    value = "unknown" if found.value is None else f"{found.value:+.3f}"
    interval = (
        "no interval"
        if found.low is None or found.high is None
        else f"{found.low:+.3f} to {found.high:+.3f}"
    )
    sign = "-" if check.figure == AUROC else "+"
    how = "is worse" if _is_shown_worse(check) else "is not shown to be not worse"
    return (
        f"{_against(one)} the {one.name} the challenger {how}: {figure} {value} ({interval}), "
        f"margin {sign}{check.margin:g}."
    )


def _films_needed(one: JudgedSet) -> str:
    """Say about how many patients a set would need for its intervals to fit into the margins."""
    needed = [
        one.patients * (_half_width(check.difference) / check.margin) ** 2
        for check in one.checks
        if check.figure != SOURCE_BRIER and not check.has_passed and _half_width(check.difference)
    ]
    most = round(max(needed, default=0))
    if most <= one.patients:
        return ""
    return (
        f"If both were equally good, about {most} patients instead of {one.patients} among the "
        f"{one.name} would show it half of the time."
    )


def _half_width(difference: Estimate) -> float:
    if difference.low is None or difference.high is None:
        return 0.0
    return (difference.high - difference.low) / 2
