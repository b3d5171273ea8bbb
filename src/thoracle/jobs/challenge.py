"""Judge a challenger against the champion, and the first bundle, on the same held-out patients."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from thoracle.core.errors import EvaluationError
from thoracle.core.progress import Progress, no_progress
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.non_inferiority import non_inferiority
from thoracle.evaluation.paired import PairedFigures, compare_classifiers
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.jobs.analyze import LUNG_BUNDLE
from thoracle.jobs.challenge_verdict import (
    AUROC,
    BRIER,
    CHAMPION,
    SOURCE_BRIER,
    Check,
    JudgedSet,
    Outcome,
    concluded,
)
from thoracle.jobs.scoring import ScoredFilms, evaluation_input, score_films
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier

SEED: Final = 0
SOURCE_FILMS_MIN: Final = 20  # of a source: fewer, and one film moves its score by a tenth.


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """How much worse a challenger may be and still count as not worse; declared in the recipe.

    `auroc` is of each finding against all others; `brier` of a whole set, 0 to 2, and
    `source_brier` of one source in it.
    """

    auroc: float
    brier: float
    source_brier: float

    def __post_init__(self) -> None:
        """Refuse margins that say nothing.

        Raises
        ------
        EvaluationError
            One is not above 0 and below 0.5.
        """
        if not all(0 < one < 0.5 for one in asdict(self).values()):
            raise EvaluationError(
                f"found margins {asdict(self)} – expected each above 0 and below 0.5. Correct "
                "[margins] in the recipe.",
                code="evaluation-margin",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """Films that no network was trained on, and what they are called in words."""

    name: str
    films: tuple[Film, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A bundle that a challenger must not be worse than, and what it is called in words."""

    bundle: Bundle
    name: str = CHAMPION


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """The whole comparison and its outcome, which `words` explain."""

    outcome: Outcome
    words: str
    sets: tuple[JudgedSet, ...]
    margins: Margins


def challenge(
    challenger: Bundle,
    rivals: Sequence[Rival],
    manifest: Manifest,
    sets: Sequence[HeldOut],
    *,
    margins: Margins,
    on_progress: Progress = no_progress,
) -> Challenge:
    """Judge a challenger beside its rivals on sets of held-out films.

    Parameters
    ----------
    challenger
        A classifier.
    rivals
        The champion, and the bundle that was first in force where that is another one: of many
        challengers each may be a margin worse than the one before. Classifiers of the same
        findings.
    manifest
        Where the films lie.
    sets
        Each must be passed by itself, against each rival.
    margins
        Declared before.
    on_progress
        Told of each film.

    Returns
    -------
    Challenge
        The same films, bundles and margins give the same.

    Raises
    ------
    EvaluationError
        A set has no film.
    """
    lungs = LungFinder(open_bundle(LUNG_BUNDLE))
    judged = []
    for one in sets:
        if not one.films:
            raise EvaluationError(
                f"found no film of known finding among the {one.name} – expected some of patients "
                "that no network was trained on. Add readings whose patients are known.",
                code="challenge-no-films",
            )
        scored = [
            score_films(
                manifest,
                one.films,
                lungs=lungs,
                classifier=Classifier(bundle),
                with_maps=False,
                on_progress=on_progress,
            )
            for bundle in (challenger, *(rival.bundle for rival in rivals))
        ]
        judged += [
            judge_set(one.name, scored[0], of_rival, challenger, rival, margins)
            for rival, of_rival in zip(rivals, scored[1:], strict=True)
        ]
    outcome, words = concluded(judged)
    return Challenge(outcome=outcome, words=words, sets=tuple(judged), margins=margins)


def judge_set(
    name: str,
    scored: ScoredFilms,
    scored_by_rival: ScoredFilms,
    challenger: Bundle,
    rival: Rival,
    margins: Margins,
) -> JudgedSet:
    """Compare two scorings of one set of films.

    Parameters
    ----------
    name
        Of the set.
    scored, scored_by_rival
        Of the same films.
    challenger, rival
        For temperature and thresholds.
    margins
        Declared before.
    """
    first = evaluation_input(scored, Classifier(challenger))
    second = evaluation_input(scored_by_rival, Classifier(rival.bundle))
    figures = _compared(first, second, margins)
    checks = (
        *_ranking(figures),
        _brier_check(figures, BRIER, "", margins.brier),
        *_sources(first, second, margins),
    )
    judged = {check.of for check in checks if check.figure == AUROC}
    support = dict(zip(figures.labels, figures.support, strict=True))
    return JudgedSet(
        name=name,
        rival=rival.name,
        films=tuple(film.path for film in scored.films),
        patients=figures.patients,
        support=support,
        unreadable=scored.unreadable,
        checks=checks,
        too_few=tuple(f"{one} ({n})" for one, n in support.items() if one not in judged),
        figures=figures,
    )


def challenge_document(found: Challenge) -> dict[str, Any]:
    """Turn a comparison into JSON, with every check and the films it rests on."""
    return {
        "outcome": str(found.outcome),
        "words": found.words,
        "margins": asdict(found.margins),
        "sets": [
            {
                "name": one.name,
                "rival": one.rival,
                "films": list(one.films),
                "patients": one.patients,
                "support": one.support,
                "unreadable": list(one.unreadable),
                "not_ranked": list(one.too_few),
                "mcnemar": asdict(one.figures.mcnemar),
                "checks": [asdict(check) | {"verdict": str(check.verdict)} for check in one.checks],
                "differences": [
                    {
                        "figure": each.figure,
                        "finding": each.finding,
                        "against": each.against,
                        "challenger": each.first,
                        "champion": each.second,
                        "difference": asdict(each.difference),
                    }
                    for each in one.figures.differences
                ],
            }
            for one in found.sets
        ],
    }


def summary(document: dict[str, Any]) -> dict[str, Any]:
    """Return what a site keeps of a comparison with its decision: all but films and details."""
    sets = [
        {key: one[key] for key in ("name", "rival", "patients", "support", "not_ranked", "checks")}
        | {"films": len(one["films"])}
        for one in document["sets"]
    ]
    return document | {"sets": sets}


def _compared(first: EvaluationInput, second: EvaluationInput, margins: Margins) -> PairedFigures:
    return compare_classifiers(
        first,
        second,
        generator=np.random.default_rng(SEED),
        primary=BRIER,
        margin=margins.auroc,
    )


def _ranking(figures: PairedFigures) -> Iterator[Check]:
    """Yield a check of each finding whose films are enough for a ranking."""
    for label in figures.labels:
        one = figures.of(AUROC, label)
        if one.margin is not None and one.first is not None:
            yield Check(
                figure=AUROC,
                of=label,
                champion=one.second,
                challenger=one.first,
                difference=one.difference,
                margin=one.margin.margin,
                verdict=one.margin.verdict,
                has_passed=one.margin.is_not_worse,
            )


def _brier_check(figures: PairedFigures, name: str, of: str, margin: float) -> Check:
    one = figures.of(BRIER)
    found = non_inferiority(one.difference, margin=margin, higher_is_better=False)
    return Check(
        figure=name,
        of=of,
        champion=one.second,
        challenger=one.first,
        difference=one.difference,
        margin=margin,
        verdict=found.verdict,
        has_passed=found.is_not_worse if name == BRIER else _has_not_fallen(one.difference, margin),
    )


def _has_not_fallen(difference: Estimate, margin: float) -> bool:
    """Say whether a source's loss is neither shown to be higher, nor higher by the margin."""
    is_shown_higher = difference.low is not None and difference.low > 0
    return not is_shown_higher and (difference.value or 0.0) < margin


def _sources(first: EvaluationInput, second: EvaluationInput, margins: Margins) -> Iterator[Check]:
    sources = np.array(first.source or ())
    known = first.reference >= 0
    for source in sorted(set(sources[known].tolist())):
        members = known & (sources == source)
        if members.sum() >= SOURCE_FILMS_MIN:
            figures = _compared(first.select(members), second.select(members), margins)
            yield _brier_check(figures, SOURCE_BRIER, source, margins.source_brier)
