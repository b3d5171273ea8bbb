"""Opacities brighten lungs of the films chosen, and nothing else."""

import pytest
import torch
from torch import Tensor

from thoracle.train.opacities import insert_opacities

SIDE = 64


def films_and_lungs(count: int = 4) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    films = 0.3 + 0.2 * torch.rand((count, 1, SIDE, SIDE), generator=generator)
    lungs = torch.zeros((count, 1, SIDE, SIDE))
    lungs[..., 10:50, 8:28] = 1
    lungs[..., 10:50, 36:56] = 1
    return films, lungs


def inserted(
    films: Tensor, lungs: Tensor, chosen: list[bool], seed: int = 1
) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return insert_opacities(films, lungs, torch.tensor(chosen), generator=generator)


def test_only_chosen_films_change_and_only_in_their_lungs() -> None:
    films, lungs = films_and_lungs()
    before = films.clone()
    out, changed = inserted(films, lungs, [True, False, True, False])
    assert changed.tolist() == [True, False, True, False]
    assert torch.equal(films, before)
    assert torch.equal(out[[1, 3]], films[[1, 3]])
    rise = out - films
    assert float(rise.min()) >= 0
    assert float(out.max()) <= 1
    near = torch.nn.functional.max_pool2d(lungs, 5, 1, 2)
    assert float(rise[near == 0].abs().max()) == 0
    for film in (0, 2):
        strong = rise[film] > 0.05
        assert 0.01 < float(strong.float().mean()) < 0.4


def test_a_film_without_known_lungs_stays_as_it_is() -> None:
    films, lungs = films_and_lungs()
    lungs[0] = 0
    out, changed = inserted(films, lungs, [True, True, False, False])
    assert changed.tolist() == [False, True, False, False]
    assert torch.equal(out[0], films[0])
    out, changed = inserted(films, torch.zeros_like(lungs), [True] * 4)
    assert not changed.any()
    assert torch.equal(out, films)


def test_the_same_seed_gives_the_same_opacities_and_another_gives_others() -> None:
    films, lungs = films_and_lungs()
    first, again, other = (inserted(films, lungs, [True] * 4, seed)[0] for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_foci_lie_in_both_lungs_alike() -> None:
    films, lungs = films_and_lungs(200)
    out, _ = inserted(films, lungs, [True] * 200)
    rise = (out - films).mean(dim=(0, 1, 2))
    left, right = float(rise[:32].sum()), float(rise[32:].sum())
    assert left / right == pytest.approx(1.0, abs=0.25)
