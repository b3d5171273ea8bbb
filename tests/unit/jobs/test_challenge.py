"""A challenger is taken only where the films show that it is not worse."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import EvaluationError
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.jobs.challenge import (
    HeldOut,
    Margins,
    Rival,
    challenge,
    challenge_document,
    judge_set,
    summary,
)
from thoracle.jobs.challenge_verdict import JudgedSet, Outcome, concluded
from thoracle.jobs.scoring import ScoredFilms

MARGINS = Margins(auroc=0.05, brier=0.05, source_brier=0.1)
LABELS = ("normal", "bacterial", "covid-19")


def scored(films: int, *, skill: float, seed: int, shared: float = 0.9) -> ScoredFilms:
    """Score films of two sources and half as many patients; `skill` parts the findings.

    What two scorings of different seeds have in common is `shared`.
    """
    target = np.arange(films) % 3
    common = np.random.default_rng(0).normal(size=(films, 3))
    own = np.random.default_rng(seed).normal(size=(films, 3))
    noise = shared * common + np.sqrt(1 - shared**2) * own
    logits = 2 * (noise + skill * np.eye(3)[target])  # the tiny bundle's temperature is 2
    return ScoredFilms(
        films=tuple(
            Film(
                path=f"{n}.png",
                source="here" if n < films // 2 else "there",
                patient=f"p{n // 2}",
                label=LABELS[n % 3],
            )
            for n in range(films)
        ),
        logits=logits.astype(np.float32),
        embeddings=np.zeros((films, 2), np.float32),
        map_peaks={},
    )


def of_small_sources(one: ScoredFilms) -> ScoredFilms:
    """Give each source fewer films than a source is judged by."""
    films = (replace(film, source=f"s{n // 10}") for n, film in enumerate(one.films))
    return replace(one, films=tuple(films))


def judged(champion: ScoredFilms, challenger: ScoredFilms, name: str = "films") -> JudgedSet:
    bundle = open_bundle("radiograph")
    return judge_set(name, challenger, champion, bundle, Rival(bundle=bundle), MARGINS)


@pytest.mark.usefixtures("bundles")
@pytest.mark.parametrize(
    ("films", "champion", "challenger", "expected"),
    [
        (240, 1.0, 1.6, Outcome.NOT_WORSE),  # better
        (240, 1.6, 1.0, Outcome.WORSE),
        (900, 1.3, 1.3, Outcome.NOT_WORSE),  # equal, and films enough to see it
        (60, 1.3, 1.3, Outcome.NOT_SHOWN),  # equal, but who knows
    ],
)
def test_only_what_is_shown_to_be_not_worse_is_taken(
    films: int, champion: float, challenger: float, expected: Outcome
) -> None:
    one = judged(scored(films, skill=champion, seed=1), scored(films, skill=challenger, seed=2))
    outcome, words = concluded([one])
    assert outcome is expected, words
    assert ("the challenger is worse" in words) is (expected is Outcome.WORSE)
    assert ("patients instead of 30" in words) is (expected is Outcome.NOT_SHOWN)


@pytest.mark.usefixtures("bundles")
def test_the_very_same_answers_are_not_shown_to_be_not_worse() -> None:
    """No film differs, so the films cannot say how large a difference could be."""
    same = scored(240, skill=1.3, seed=1)
    outcome, _ = concluded([judged(same, same)])
    assert outcome is Outcome.NOT_SHOWN


@pytest.mark.usefixtures("bundles")
def test_one_set_that_fails_is_enough() -> None:
    good = judged(scored(240, skill=1.0, seed=1), scored(240, skill=1.6, seed=2), "old films")
    bad = judged(scored(240, skill=1.6, seed=1), scored(240, skill=1.0, seed=2), "readings")
    outcome, words = concluded([good, bad])
    assert outcome is Outcome.WORSE
    assert "On the readings" in words
    assert "On the old films" not in words


@pytest.mark.usefixtures("bundles")
def test_a_network_that_is_too_sure_is_worse_though_it_ranks_alike() -> None:
    champion = scored(240, skill=1.3, seed=1)
    sure = replace(champion, logits=champion.logits * 4)
    one = judged(champion, sure)
    failed = {(check.figure, check.of) for check in one.checks if not check.has_passed}
    assert ("brier", "") in failed
    assert concluded([one])[0] is Outcome.WORSE


@pytest.mark.usefixtures("bundles")
def test_a_source_that_falls_is_seen_though_the_whole_gains() -> None:
    champion, better = scored(240, skill=1.0, seed=1), scored(240, skill=2.2, seed=2)
    lost = scored(240, skill=0.2, seed=3)
    is_small = np.array([film.path in {f"{n}.png" for n in range(200, 240)} for film in lost.films])
    mixed = replace(
        better,
        films=tuple(
            replace(film, source="small" if small else "large")
            for film, small in zip(better.films, is_small, strict=True)
        ),
        logits=np.where(is_small[:, None], lost.logits, better.logits),
    )
    one = judged(replace(champion, films=mixed.films), mixed)
    failed = {(check.figure, check.of) for check in one.checks if not check.has_passed}
    assert failed == {("brier-of-source", "small")}


@pytest.mark.usefixtures("bundles")
def test_findings_with_too_few_films_are_not_ranked_and_named() -> None:
    champion, challenger = (scored(240, skill=1.0, seed=seed) for seed in (1, 2))
    few = [n for n in range(240) if n % 3 != 2 or n < 15]

    def only(one: ScoredFilms, kept: list[int]) -> ScoredFilms:
        return replace(one, films=tuple(one.films[n] for n in kept), logits=one.logits[kept])

    one = judged(only(champion, few), only(challenger, few))
    assert one.too_few == ("COVID-19 (5)",)
    assert {check.of for check in one.checks if check.figure == "auroc"} == {
        "No finding", "Other lung opacity",
    }  # fmt: skip
    outcome, words = concluded([one])
    assert outcome is Outcome.NOT_SHOWN
    assert "Of COVID-19 no set has films enough to rank" in words
    tiny = list(range(12))
    blind = judged(only(champion, tiny), only(challenger, tiny))
    outcome, words = concluded([blind])
    assert outcome is Outcome.NOT_SHOWN
    assert "no finding has films enough" in words


@pytest.mark.usefixtures("bundles")
def test_a_finding_that_one_set_can_rank_is_named_in_the_other() -> None:
    champion, challenger = scored(240, skill=1.0, seed=1), scored(240, skill=1.8, seed=2)
    few = [n for n in range(240) if n % 3 != 2 or n < 9]

    def only(one: ScoredFilms) -> ScoredFilms:
        return replace(one, films=tuple(one.films[n] for n in few), logits=one.logits[few])

    sets = [judged(champion, challenger), judged(only(champion), only(challenger), "readings")]
    outcome, words = concluded(sets)
    assert outcome is Outcome.NOT_WORSE, words
    assert words.endswith("Not ranked there, for want of films: COVID-19 (3).")
    assert words.count("Not ranked there") == 1


@pytest.mark.usefixtures("bundles")
def test_a_little_worse_each_time_is_seen_against_the_first_bundle() -> None:
    """Each round keeps within the margin of the one before; together they do not."""
    one, two, three = (
        of_small_sources(scored(600, skill=1.6 - 0.1 * n, seed=n + 1, shared=0.97))
        for n in range(3)
    )
    bundle = open_bundle("radiograph")
    first = Rival(bundle=bundle, name="first bundle, 1.3.0")
    last = judged(two, three)
    assert [concluded([step])[0] for step in (judged(one, two), last)] == [Outcome.NOT_WORSE] * 2
    outcome, words = concluded([last, judge_set("films", three, one, bundle, first, MARGINS)])
    assert outcome is Outcome.WORSE
    assert words.startswith("Against the first bundle, 1.3.0: on the films the challenger is")


def test_both_bundles_see_the_same_films_through_the_serving_code(
    bundles: Path, collection: Manifest, tiny: object
) -> None:
    champion = open_bundle("radiograph")
    table = read_description(bundles / "radiograph")
    del table["files"]
    folder = bundles / "sharper"
    folder.mkdir()
    for name in ("network.onnx", "parity.npz"):
        (folder / name).write_bytes((bundles / "radiograph" / name).read_bytes())
    write_description(folder, table | {"temperature": 0.2})
    sets = [
        HeldOut(name="former held-out films", films=collection.films[:30]),
        HeldOut(name="readers' held-out films", films=collection.films[30:]),
    ]
    seen: list[tuple[str, int, int]] = []
    found = challenge(
        open_bundle(str(folder)),
        [Rival(bundle=champion), Rival(bundle=champion, name="first bundle, 1")],
        collection,
        sets,
        margins=MARGINS,
        on_progress=lambda *told: seen.append(told),
    )
    document = json.loads(json.dumps(challenge_document(found), allow_nan=False))
    assert [len(one["films"]) for one in document["sets"]] == [30] * 4
    assert [one["rival"] for one in summary(document)["sets"]] == [
        "champion",
        "first bundle, 1",
    ] * 2
    first, again = document["sets"][:2]
    assert first["checks"] == again["checks"]  # of the same bundle by another name
    assert document["margins"]["auroc"] == 0.05
    assert document["outcome"] == str(found.outcome)
    auroc = [c for c in document["sets"][0]["checks"] if c["figure"] == "auroc"]
    assert all(one["champion"] == pytest.approx(one["challenger"], abs=0.2) for one in auroc)
    assert len(seen) == 180


def test_a_set_without_films_is_refused(bundles: Path, collection: Manifest) -> None:
    one = open_bundle("radiograph")
    with pytest.raises(EvaluationError, match="readers' held-out films") as raised:
        challenge(
            one, [Rival(bundle=one)], collection,
            [HeldOut(name="readers' held-out films", films=())], margins=MARGINS,
        )  # fmt: skip
    assert raised.value.code == "challenge-no-films"


@pytest.mark.parametrize("value", [0.0, -0.1, 0.5])
def test_a_margin_that_says_nothing_is_refused(value: float) -> None:
    with pytest.raises(EvaluationError, match=r"\[margins\]") as raised:
        Margins(auroc=value, brier=0.05, source_brier=0.1)
    assert raised.value.code == "evaluation-margin"
