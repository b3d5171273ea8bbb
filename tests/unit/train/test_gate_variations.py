"""The gate's targets follow what is done to its films."""

from collections import Counter

import numpy as np
import pytest
import torch
from torch import Tensor

from thoracle.imaging.resample import turn_clockwise
from thoracle.radiograph.gate import GATE_CLASSES
from thoracle.train import gate_variations
from thoracle.train.gate_variations import (
    CT,
    FRONTAL,
    LATERAL,
    NOT_RADIOGRAPH,
    OTHER,
    TURNED_90,
    TURNED_180,
    TURNED_270,
    GateVariations,
)

COUNT = 400


@pytest.fixture(autouse=True)
def _no_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_variations, "MIRROR_SHARE", 0.0)


@pytest.fixture(scope="module")
def films() -> Tensor:
    return torch.rand((COUNT, 1, 12, 12), generator=torch.Generator().manual_seed(2))


def posed(films: Tensor, kind: int, *, seed: int = 1) -> tuple[Tensor, Tensor, Tensor]:
    targets = torch.full((len(films),), kind)
    return GateVariations(seed=seed).pose(films, targets)


def test_the_numbers_are_the_places_of_the_gates_kinds() -> None:
    numbers = (
        FRONTAL, TURNED_90, TURNED_180, TURNED_270, LATERAL, CT, OTHER, NOT_RADIOGRAPH,
    )  # fmt: skip
    assert [GATE_CLASSES[one] for one in numbers] == [
        "frontal_chest", "turned_90", "turned_180", "turned_270", "lateral_chest", "ct",
        "other_radiograph", "not_radiograph",
    ]  # fmt: skip


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_turned_frontal_film_is_turned_clockwise_by_its_target(
    films: Tensor, quarter: int
) -> None:
    new_films, targets, _ = posed(films, FRONTAL)
    index = int((targets == quarter).nonzero()[0])
    before, after = films[index, 0].numpy(), new_films[index, 0].numpy()
    np.testing.assert_array_equal(after, np.rot90(before, k=-quarter))
    np.testing.assert_array_equal(after, turn_clockwise(before, degrees=90 * quarter))


def test_a_third_is_turned_a_few_are_cut_or_shuffled_and_the_rest_stays(films: Tensor) -> None:
    new_films, targets, _ = posed(films, FRONTAL)
    counts = Counter(targets.tolist())
    assert sum(counts[one] for one in (1, 2, 3)) / COUNT == pytest.approx(0.34, abs=0.06)
    assert counts[OTHER] / COUNT == pytest.approx(0.06, abs=0.03)
    assert counts[NOT_RADIOGRAPH] / COUNT == pytest.approx(0.04, abs=0.03)
    shuffled = targets == NOT_RADIOGRAPH
    ordered = [one[shuffled].flatten(1).sort(dim=1).values for one in (films, new_films)]
    assert torch.equal(*ordered)
    assert not torch.equal(films[shuffled], new_films[shuffled])
    stays = targets == FRONTAL
    assert torch.equal(new_films[stays], films[stays])
    pieces = new_films[targets == OTHER]
    assert float(pieces.min()) == 0
    assert float(pieces.max()) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("kind", [LATERAL, CT, OTHER, NOT_RADIOGRAPH])
def test_other_kinds_keep_their_target_however_they_are_turned(films: Tensor, kind: int) -> None:
    new_films, targets, polarity = posed(films, kind)
    assert targets.tolist() == [kind] * COUNT
    assert polarity.tolist() == [-1] * COUNT
    turned = (new_films != films).flatten(1).any(dim=1)
    assert float(turned.float().mean()) == pytest.approx(0.5, abs=0.08)
    index = int(turned.nonzero()[0])
    turns = [films[index].rot90(-quarter, (1, 2)) for quarter in (1, 2, 3)]
    assert any(torch.equal(new_films[index], one) for one in turns)


def test_films_are_mirrored_before_they_are_turned(
    films: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate_variations, "MIRROR_SHARE", 1.0)
    new_films, targets, _ = posed(films, FRONTAL)
    for quarter in range(4):
        index = int((targets == quarter).nonzero()[0])
        mirrored = np.fliplr(films[index, 0].numpy())
        np.testing.assert_array_equal(
            new_films[index, 0].numpy(), turn_clockwise(mirrored, degrees=90 * quarter)
        )


def test_only_upright_and_turned_films_have_a_polarity(films: Tensor) -> None:
    _, targets, polarity = posed(films, FRONTAL)
    chest = targets <= TURNED_270
    assert set(polarity[chest].tolist()) == {0, 1}
    assert set(polarity[~chest].tolist()) == {-1}
    assert float((polarity[chest] == 1).float().mean()) == pytest.approx(0.12, abs=0.05)


def test_posing_repeats_by_seed_and_leaves_its_input_alone(films: Tensor) -> None:
    before = films.clone()
    first, again, other = (posed(films, FRONTAL, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[1], other[1])
    assert torch.equal(films, before)


def test_films_of_polarity_1_are_inverted_and_those_of_0_are_not(
    films: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate_variations, "SCREEN_SHARE", 0.0)
    polarity = torch.tensor([0, 1, -1]).repeat(100)
    finished = GateVariations(seed=1).finish(films[:300], polarity)
    assert torch.equal(finished[polarity == 0], films[:300][polarity == 0])
    assert torch.equal(finished[polarity == 1], 1 - films[:300][polarity == 1])
    unknown = finished[polarity < 0] != films[:300][polarity < 0]
    share = float(unknown.flatten(1).any(dim=1).float().mean())
    assert share == pytest.approx(0.12, abs=0.08)


def test_a_share_is_photographed_and_stays_between_0_and_1(films: Tensor) -> None:
    finished = GateVariations(seed=1).finish(films, torch.zeros(COUNT, dtype=torch.long))
    changed = (finished != films).flatten(1).any(dim=1)
    assert float(changed.float().mean()) == pytest.approx(gate_variations.SCREEN_SHARE, abs=0.06)
    assert 0 <= float(finished.min()) <= float(finished.max()) <= 1


def test_a_photograph_still_shows_the_film(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_variations, "SCREEN_SHARE", 1.0)
    axis = torch.linspace(0, 1, 32)
    film = (axis[:, None] * axis[None]).expand(8, 1, 32, 32)
    shown = GateVariations(seed=1).finish(film, torch.zeros(8, dtype=torch.long))
    inner = slice(8, 24)
    for one in shown:
        pair = torch.stack((one[0, inner, inner].flatten(), film[0, 0, inner, inner].flatten()))
        assert float(torch.corrcoef(pair)[0, 1]) > 0.8
