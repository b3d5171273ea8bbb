"""Judge a CT challenger against its rivals on the same held-out patients, one value to each."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import EvaluationError
from thoracle.core.progress import Progress, counted, no_progress
from thoracle.ct.model import CtSegmenter
from thoracle.datasets.ct_cases import CtCase, read_case
from thoracle.evaluation.sign_flips import SignFlips, patients_least, patients_needed, sign_flips
from thoracle.inference.bundle import Bundle
from thoracle.jobs.challenge import Rival
from thoracle.jobs.challenge_verdict import CHAMPION, Outcome
from thoracle.jobs.evaluate_ct import JudgedScan, judge_scan, learned_patients

SEED: Final = 0
LUNGS, INFECTION, POI = "lungs", "infection", "poi_points"
NAMES: Final = {
    LUNGS: "Dice of the lungs",
    INFECTION: "Dice of infection",
    POI: "error of the percentage of infection, points",
}
NO_LUNGS_POINTS: Final = 100.0
"""The error of a percentage that a network cannot tell, having found no lungs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CtMargins:
    """How much worse a challenger may be and still count as not worse; declared in the recipe.

    `lungs` and `infection` are Dice, `poi_points` the absolute error of the percentage of infection
    in points; `alpha` is the level of each one-sided test.
    """

    lungs: float
    infection: float
    poi_points: float
    alpha: float

    def __post_init__(self) -> None:
        """Refuse margins and levels that say nothing.

        Raises
        ------
        EvaluationError
            One is not above 0, or too large.
        """
        shares = (self.lungs, self.infection, self.alpha)
        if not all(0 < one < 0.5 for one in shares) or not 0 < self.poi_points < 50:
            raise EvaluationError(
                f"found margins {asdict(self)} – expected each above 0, poi_points below 50 and "
                "the others below 0.5. Correct [margins] in the recipe.",
                code="evaluation-margin",
            )

    def of(self, figure: str) -> float:
        """Return the margin of a figure."""
        return {LUNGS: self.lungs, INFECTION: self.infection, POI: self.poi_points}[figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class CtCheck:
    """One thing that must hold: a figure of both networks on the patients who have it.

    Values are of the patients in order, means over a patient's scans; of an error, less is
    better. `test` turns that round, so that its differences are above 0 where the challenger is
    better; `needed` is about how many patients would show networks that are alike to be so.
    """

    figure: str
    rival: str
    patients: tuple[str, ...]
    challenger: tuple[float, ...]
    champion: tuple[float, ...]
    test: SignFlips
    needed: int | None
    has_passed: bool
    is_worse: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CtChallenge:
    """The whole comparison and its outcome, which `words` explain.

    `scans` are the held-out ones as the challenger reads them.
    """

    outcome: Outcome
    words: str
    checks: tuple[CtCheck, ...]
    margins: CtMargins
    scans: tuple[JudgedScan, ...] = field(default=(), repr=False)


def ct_challenge(
    challenger: Bundle,
    rivals: Sequence[Rival],
    held_out: Sequence[CtCase],
    *,
    margins: CtMargins,
    on_progress: Progress = no_progress,
) -> CtChallenge:
    """Judge a challenger beside its rivals on held-out scans.

    Parameters
    ----------
    challenger
        Of task "ct_segmentation".
    rivals
        The champion, and the bundle that was first in force where that is another one.
    held_out
        Labeled scans of patients that no network learned from.
    margins
        Declared before.
    on_progress
        Told of each scan.

    Returns
    -------
    CtChallenge
        Every figure must be shown to be not worse against every rival: none is corrected for
        their number. Scans of a patient whom one of them learned from are an EvaluationError.
    """
    bundles = [challenger, *(one.bundle for one in rivals)]
    judged = _judged(bundles, held_out, on_progress)
    checks = tuple(
        check
        for rival, of_rival in zip(rivals, judged[1:], strict=True)
        for check in _checks(judged[0], of_rival, rival.name, margins)
    )
    patients = len({one.patient for one in held_out})
    outcome, words = concluded(checks, patients=patients, alpha=margins.alpha)
    return CtChallenge(
        outcome=outcome,
        words=words,
        checks=checks,
        margins=margins,
        scans=tuple(judged[0]),
    )


def ct_challenge_document(found: CtChallenge) -> dict[str, Any]:
    """Turn a comparison into JSON, with every patient's figures."""
    return {
        "outcome": str(found.outcome),
        "words": found.words,
        "margins": asdict(found.margins),
        "checks": [asdict(one) for one in found.checks],
    }


def concluded(checks: Sequence[CtCheck], *, patients: int, alpha: float) -> tuple[Outcome, str]:
    """Return the outcome of all checks together, and the sentences that explain it.

    Parameters
    ----------
    checks
        None where nobody was held out.
    patients
        How many were.
    alpha
        Level of each test.
    """
    words = [_sentence(one) for one in checks]
    failed = [one for one in checks if not one.has_passed]
    untold = sorted({LUNGS, INFECTION} - {one.figure for one in checks})
    words += [
        f"No held-out patient has a {NAMES[one]}: a loss would not be seen." for one in untold
    ]
    if any(one.is_worse for one in checks):
        return Outcome.WORSE, " ".join(words)
    if not failed and not untold:
        return Outcome.NOT_WORSE, " ".join(words)
    return Outcome.NOT_SHOWN, " ".join([*words, *_what_would_do(failed, patients, alpha)])


def figures_of(scans: Sequence[JudgedScan], figure: str) -> dict[str, float]:
    """Return a figure of each patient who has it: the mean over the patient's scans.

    Parameters
    ----------
    scans
        Judged by one network.
    figure
        "lungs", "infection" or "poi_points".

    Returns
    -------
    dict
        By patient, in order. Without lungs found, the percentage is taken to be 100 points wrong.
    """
    by_patient: dict[str, list[float]] = {}
    for one in scans:
        value = _figure(one, figure)
        if not math.isnan(value):
            by_patient.setdefault(one.patient, []).append(value)
    return {name: float(np.mean(by_patient[name])) for name in sorted(by_patient)}


def _judged(
    bundles: Sequence[Bundle], held_out: Sequence[CtCase], on_progress: Progress
) -> list[list[JudgedScan]]:
    """Return each bundle's readings of the same scans."""
    learned = [_need_unseen(bundle, held_out) for bundle in bundles]
    segmenters = [CtSegmenter(one) for one in bundles]
    judged: list[list[JudgedScan]] = [[] for _ in bundles]
    for case in counted(held_out, "judge", on_progress):
        labeled = read_case(case)
        for scans, one, count in zip(judged, segmenters, learned, strict=True):
            scans.append(judge_scan(one, labeled, learned=count))
    return judged


def _figure(one: JudgedScan, figure: str) -> float:
    if figure != POI:
        return one.groups[figure].dice
    return NO_LUNGS_POINTS if math.isnan(one.poi) else abs(one.poi_error)


def _checks(
    first: Sequence[JudgedScan], second: Sequence[JudgedScan], rival: str, margins: CtMargins
) -> Iterator[CtCheck]:
    for figure in NAMES:
        own, others = figures_of(first, figure), figures_of(second, figure)
        if not own:  # nobody is held out, or nobody who has it
            continue
        sign = -1.0 if figure == POI else 1.0
        apart: DoubleArray = sign * (np.array(list(own.values())) - np.array(list(others.values())))
        margin = margins.of(figure)
        test = sign_flips(apart, margin=margin, generator=np.random.default_rng(SEED))
        has_passed = test.p <= margins.alpha
        yield CtCheck(
            figure=figure,
            rival=rival,
            patients=tuple(own),
            challenger=tuple(own.values()),
            champion=tuple(others.values()),
            test=test,
            needed=patients_needed(apart, margin=margin, alpha=margins.alpha),
            has_passed=has_passed,
            is_worse=not has_passed and test.p_worse <= margins.alpha,
        )


def _sentence(check: CtCheck) -> str:
    if check.has_passed:
        how = "is shown to be not worse"
    else:
        how = "is worse" if check.is_worse else "is not shown to be not worse"
    against = "" if check.rival == CHAMPION else f" than the {check.rival}"
    better = " (above 0 is better)" if check.figure == POI else ""
    return (
        f"On {check.test.patients} held-out patients the challenger {how}{against}: "
        f"{NAMES[check.figure]} {check.test.mean:+.3f}{better}, margin -{check.test.margin:g}, "
        f"p {check.test.p:.3f}."
    )


def _what_would_do(failed: Sequence[CtCheck], patients: int, alpha: float) -> Iterator[str]:
    """Say what so few patients can show at all, and about how many would do."""
    least = patients_least(alpha)
    if 0 < patients < least:
        yield (
            f"With {patients} held-out patients no difference can give a p below "
            f"{0.5**patients:.3g}: such a test shows nothing at {alpha:g} before there are {least}."
        )
    most = max((one.needed or 0 for one in failed), default=0)
    if most > patients:
        yield (f"If both were equally good, about {most} patients would show it half of the time.")


def _need_unseen(bundle: Bundle, held_out: Sequence[CtCase]) -> int:
    """Return how many patients a network learned from; refuse to judge it on one of them.

    Raises
    ------
    EvaluationError
        One of them was.
    """
    learned = learned_patients(bundle)
    seen = sorted({one.patient for one in held_out} & set(learned))
    if seen:
        raise EvaluationError(
            f"found {', '.join(seen)} among the held-out patients, whom {bundle.name} "
            f"{bundle.version} learned from – expected patients whom it never saw. Leave them out.",
            code="ct-seen-patients",
        )
    return len(learned)
