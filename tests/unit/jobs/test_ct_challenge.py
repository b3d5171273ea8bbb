"""A CT challenger passes only if held-out patients show it, and few of them show nothing."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from thoracle.core.errors import EvaluationError
from thoracle.datasets.ct_cases import CtCase
from thoracle.evaluation.label_maps import GroupAgreement
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.jobs import ct_challenge as module
from thoracle.jobs.challenge import Rival
from thoracle.jobs.challenge_verdict import Outcome
from thoracle.jobs.ct_challenge import (
    CtChallenge,
    CtMargins,
    ct_challenge,
    ct_challenge_document,
    figures_of,
)
from thoracle.jobs.evaluate_ct import JudgedScan

MARGINS = CtMargins(lungs=0.01, infection=0.03, poi_points=1.0, alpha=0.05)
Values = Mapping[str, tuple[float, float, float]]
"""By case, which begins with its patient: Dice of lungs and infection, percentage found."""


def _scan(case: str, lungs: float, infection: float, poi: float) -> JudgedScan:
    def group(dice: float) -> GroupAgreement:
        return GroupAgreement(dice=dice, hd95_mm=math.nan, volume_ml=1.0, reference_ml=1.0)

    return JudgedScan(
        case=case, patient=case[:2], learned=1, poi=poi, reference_poi=5.0,
        groups={"lungs": group(lungs), "infection": group(infection)},
    )  # fmt: skip


def _cases(names: Sequence[str]) -> list[CtCase]:
    return [CtCase(name=one, patient=one[:2], image=Path(one), labels=Path(one)) for one in names]


@pytest.fixture
def judge(
    ct_bundle: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., CtChallenge]:
    """Judge a challenger whose figures, and those of its rivals, are given."""
    names = ("challenger", "champion", "first")
    bundles = {
        one: open_bundle(str(ct_bundle(patients=f"seen by {one}", place=one))) for one in names
    }

    def judged(*figures: Values) -> CtChallenge:
        of_bundle = dict(zip(names, figures, strict=False))

        def judge_scan(segmenter: Any, labeled: Any, *, learned: int) -> JudgedScan:
            assert learned == 1
            return _scan(labeled, *of_bundle[segmenter.bundle.folder.name][labeled])

        def segmenter(bundle: Bundle) -> SimpleNamespace:
            return SimpleNamespace(bundle=bundle)

        monkeypatch.setattr(module, "judge_scan", judge_scan)
        monkeypatch.setattr(module, "CtSegmenter", segmenter)
        monkeypatch.setattr(module, "read_case", lambda case: case.name)
        rivals = [Rival(bundle=bundles["champion"])]
        if len(figures) > 2:
            rivals.append(Rival(bundle=bundles["first"], name="first bundle, 1.0.0"))
        return ct_challenge(
            bundles["challenger"], rivals, _cases(sorted(figures[0])), margins=MARGINS
        )

    return judged


def _alike(count: int, *, lungs: float = 0.95, infection: float = 0.7, poi: float = 6.0) -> Values:
    return {f"p{number}": (lungs, infection, poi) for number in range(count)}


def test_five_patients_show_a_network_that_is_alike_to_be_not_worse(
    judge: Callable[..., CtChallenge],
) -> None:
    found = judge(_alike(5), _alike(5))
    assert found.outcome is Outcome.NOT_WORSE
    assert [one.figure for one in found.checks] == ["lungs", "infection", "poi_points"]
    assert {one.test.p for one in found.checks} == {1 / 32}
    assert "On 5 held-out patients the challenger is shown to be not worse: Dice of the lungs" in (
        found.words
    )
    assert [one.case for one in found.scans] == ["p0", "p1", "p2", "p3", "p4"]


def test_four_patients_show_nothing_however_good_it_is_and_the_words_say_so(
    judge: Callable[..., CtChallenge],
) -> None:
    found = judge(_alike(4, lungs=1.0, infection=1.0), _alike(4))
    assert found.outcome is Outcome.NOT_SHOWN
    assert "With 4 held-out patients no difference can give a p below 0.0625" in found.words
    assert "shows nothing at 0.05 before there are 5" in found.words


def test_a_network_that_lost_the_infection_is_worse_though_its_lungs_are_better(
    judge: Callable[..., CtChallenge],
) -> None:
    found = judge(_alike(6, lungs=0.99, infection=0.5), _alike(6))
    assert found.outcome is Outcome.WORSE
    assert [one.is_worse for one in found.checks] == [False, True, False]
    assert "the challenger is worse: Dice of infection -0.200, margin -0.03" in found.words


def test_of_the_error_of_the_percentage_less_is_better(judge: Callable[..., CtChallenge]) -> None:
    found = judge(_alike(6, poi=2.0), _alike(6))  # 3 points too low, 1 too high; 5 is right
    assert found.outcome is Outcome.WORSE
    assert "error of the percentage of infection, points -2.000 (above 0 is better)" in found.words
    assert judge(_alike(6), _alike(6, poi=2.0)).outcome is Outcome.NOT_WORSE


def test_a_small_loss_passes_and_a_loss_of_the_margin_does_not(
    judge: Callable[..., CtChallenge],
) -> None:
    assert judge(_alike(6, lungs=0.945), _alike(6)).outcome is Outcome.NOT_WORSE
    assert judge(_alike(6, lungs=0.94), _alike(6)).outcome is Outcome.WORSE


def test_patients_who_differ_are_not_shown_and_about_how_many_would_do_is_said(
    judge: Callable[..., CtChallenge],
) -> None:
    spread = {f"p{number}": (0.95 + 0.05 * (-1) ** number, 0.7, 6.0) for number in range(6)}
    found = judge(spread, _alike(6))
    assert found.outcome is Outcome.NOT_SHOWN
    assert found.checks[0].needed == 82  # (1.645 × 0.0548 / 0.01)²
    assert "about 82 patients would show it half of the time" in found.words


def test_the_first_bundle_judges_too_so_that_losses_do_not_add_up(
    judge: Callable[..., CtChallenge],
) -> None:
    found = judge(_alike(6, lungs=0.945), _alike(6), _alike(6, lungs=0.96))
    assert found.outcome is Outcome.WORSE
    assert "is worse than the first bundle, 1.0.0: Dice of the lungs -0.015" in found.words


def test_scans_of_one_patient_are_one_value_and_an_overlap_that_means_nothing_is_none() -> None:
    scans = [_scan("p1a", 0.9, 0.5, 5.5), _scan("p1b", 0.7, math.nan, 4.0),
             _scan("p2a", 0.8, math.nan, 5.0)]  # fmt: skip
    assert figures_of(scans, "lungs") == pytest.approx({"p1": 0.8, "p2": 0.8})
    assert figures_of(scans, "infection") == {"p1": 0.5}
    assert figures_of(scans, "poi_points") == {"p1": 0.75, "p2": 0.0}


def test_a_network_that_finds_no_lungs_is_wrong_by_a_hundred_points() -> None:
    assert figures_of([_scan("p1", 0.0, 0.0, math.nan)], "poi_points") == {"p1": 100.0}


def test_without_infection_among_the_held_out_its_loss_would_not_be_seen(
    judge: Callable[..., CtChallenge],
) -> None:
    found = judge(_alike(6, infection=math.nan), _alike(6, infection=math.nan))
    assert found.outcome is Outcome.NOT_SHOWN
    assert "No held-out patient has a Dice of infection: a loss would not be seen." in found.words


def test_without_anybody_held_out_nothing_is_shown(judge: Callable[..., CtChallenge]) -> None:
    found = judge({}, {})
    assert (found.outcome, found.checks) == (Outcome.NOT_SHOWN, ())


def test_a_patient_whom_a_network_saw_never_judges(ct_bundle: Callable[..., Path]) -> None:
    bundle = open_bundle(str(ct_bundle(patients="p1, p2")))
    with pytest.raises(EvaluationError, match="found p2 among the held-out") as raised:
        ct_challenge(bundle, [Rival(bundle=bundle)], _cases(["p2", "p3"]), margins=MARGINS)
    assert raised.value.code == "ct-seen-patients"


def test_the_document_keeps_every_patients_figures(judge: Callable[..., CtChallenge]) -> None:
    document = ct_challenge_document(judge(_alike(5), _alike(5, lungs=0.9)))
    assert document["outcome"] == "not-worse"
    assert document["margins"]["infection"] == 0.03
    assert document["checks"][0]["patients"] == ("p0", "p1", "p2", "p3", "p4")
    assert document["checks"][0]["test"]["mean"] == pytest.approx(0.05)


@pytest.mark.parametrize("odd", [{"lungs": 0.0}, {"alpha": 0.5}, {"poi_points": 50.0}])
def test_margins_that_say_nothing_are_refused(odd: dict[str, float]) -> None:
    given = {"lungs": 0.01, "infection": 0.03, "poi_points": 1.0, "alpha": 0.05} | odd
    with pytest.raises(EvaluationError, match="expected each above 0"):
        CtMargins(**given)
