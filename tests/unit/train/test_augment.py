"""Variations do what their names say, by known answers, and repeat by seed."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from thoracle.train.augment import Augmenter
from thoracle.train.recipe import AugmentRecipe

EVERYTHING = AugmentRecipe(
    flip=0.5, rotation_degrees=10, zoom=0.2, aspect=0.2, shift=0.1, gamma=0.4, contrast=0.3,
    invert=0.3, blur=0.5, sharpen=0.5, pixelate=0.5, noise=0.1, shade=0.3, border=0.4,
    salt_pepper=0.1, occlude_top=0.4, occlude_box=0.4, amplitude_mix=0.5, background_swap=0.5,
)  # fmt: skip


def films_and_masks(count: int = 4, *, side: int = 32) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(3)
    masks = torch.zeros(count, 1, side, side)
    masks[:, :, side // 4 : -side // 4, side // 4 : -side // 4] = 1
    return torch.rand((count, 1, side, side), generator=generator), masks


def vary(
    recipe: AugmentRecipe, films: Tensor, masks: Tensor, *, seed: int = 1, **options: Any
) -> tuple[Tensor, Tensor]:
    size = options.pop("size", films.shape[-1])
    return Augmenter(recipe, seed=seed, **options)(films, masks, size=size)


@pytest.fixture
def highest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every uniform draw give its upper bound."""
    monkeypatch.setattr(
        Augmenter, "uniform", lambda _self, shape, _low, high: torch.full(shape, float(high))
    )


def test_a_recipe_of_zeros_changes_nothing() -> None:
    films, masks = films_and_masks()
    new_films, new_masks = vary(AugmentRecipe(), films, masks)
    torch.testing.assert_close(new_films, films, atol=1e-5, rtol=0)
    assert torch.equal(new_masks, masks)


def test_everything_together_repeats_by_seed_and_stays_between_0_and_1() -> None:
    films, masks = films_and_masks(8)
    first, again, other = (vary(EVERYTHING, films, masks, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])
    for films_out, masks_out in (first, other):
        assert films_out.shape == masks_out.shape == films.shape
        assert 0 <= float(films_out.min()) < float(films_out.max()) <= 1
        assert set(masks_out.flatten().tolist()) <= {0.0, 1.0}


def test_the_input_is_not_changed() -> None:
    films, masks = films_and_masks()
    before = films.clone(), masks.clone()
    vary(EVERYTHING, films, masks)
    assert torch.equal(films, before[0])
    assert torch.equal(masks, before[1])


def test_masks_move_with_their_films() -> None:
    _, masks = films_and_masks()
    recipe = AugmentRecipe(flip=0.5, rotation_degrees=20, zoom=0.3, aspect=0.2, shift=0.2)
    films_out, masks_out = vary(recipe, masks, masks)
    assert torch.equal((films_out > 0.5).float(), masks_out)
    assert not torch.equal(masks_out, masks)


def test_a_flip_mirrors_left_and_right() -> None:
    films, masks = films_and_masks()
    flipped, _ = vary(AugmentRecipe(flip=1.0), films, masks)
    torch.testing.assert_close(flipped, films.flip(-1), atol=1e-5, rtol=0)


@pytest.mark.usefixtures("highest")
def test_a_shift_moves_by_its_share_of_half_the_side() -> None:
    films, masks = films_and_masks()
    shifted, _ = vary(AugmentRecipe(shift=0.25), films, masks)  # 0.25 × 16 px = 4 px
    torch.testing.assert_close(shifted[..., :28, :28], films[..., 4:, 4:], atol=1e-5, rtol=0)
    assert float(shifted[..., 28:, :].max()) == 0


@pytest.mark.usefixtures("highest")
def test_a_rotation_turns_by_its_degrees() -> None:
    films, masks = films_and_masks()
    turned, _ = vary(AugmentRecipe(rotation_degrees=90), films, masks)
    torch.testing.assert_close(turned, films.rot90(1, (2, 3)), atol=1e-4, rtol=0)


@pytest.mark.usefixtures("highest")
def test_a_zoom_shrinks_the_film_before_black() -> None:
    films = torch.ones(1, 1, 32, 32)
    shrunk, _ = vary(AugmentRecipe(zoom=math.log(2)), films, films)
    inner = shrunk[..., 9:23, 9:23]
    assert float(inner.min()) == pytest.approx(1)
    assert float(shrunk.sum()) == pytest.approx(16 * 16, rel=0.01)


@pytest.mark.usefixtures("highest")
def test_an_aspect_stretches_one_side_and_shrinks_the_other() -> None:
    films = torch.ones(1, 1, 32, 32)
    changed, _ = vary(AugmentRecipe(aspect=2 * math.log(2)), films, films)
    assert float(changed[0, 0, 16].sum()) == pytest.approx(16, abs=1)
    assert float(changed[0, 0, :, 16].sum()) == pytest.approx(32, abs=1)


def test_what_serving_sees_is_the_inner_share() -> None:
    films, masks = films_and_masks()
    inner, _ = vary(AugmentRecipe(), films, masks, inner_share=0.5, size=16)
    torch.testing.assert_close(inner, films[..., 8:24, 8:24], atol=1e-5, rtol=0)


def test_a_bf16_context_would_blur_the_grid_so_callers_leave_it() -> None:
    films, masks = films_and_masks()
    with torch.autocast("cpu", dtype=torch.bfloat16), torch.autocast("cpu", enabled=False):
        same, _ = vary(AugmentRecipe(), films, masks)
    torch.testing.assert_close(same, films, atol=1e-5, rtol=0)


@pytest.mark.usefixtures("highest")
def test_tones_follow_their_formulas() -> None:
    films, masks = films_and_masks()
    darker, _ = vary(AugmentRecipe(gamma=math.log(2)), films, masks)
    torch.testing.assert_close(darker, films**2, atol=1e-4, rtol=0)
    steeper, _ = vary(AugmentRecipe(contrast=0.2), films, masks)
    expected = ((films - 0.5) * 1.2 + 0.5 + 0.1).clamp(0, 1)
    torch.testing.assert_close(steeper, expected, atol=1e-5, rtol=0)
    shaded, _ = vary(AugmentRecipe(shade=0.1), films, masks)
    torch.testing.assert_close(shaded, (films + 0.1).clamp(0, 1), atol=1e-4, rtol=0)


def test_inverting_exchanges_black_and_white() -> None:
    films, masks = films_and_masks()
    inverted, _ = vary(AugmentRecipe(invert=1.0), films, masks)
    torch.testing.assert_close(inverted, 1 - films, atol=1e-5, rtol=0)


def test_blur_smooths_sharpen_roughens_and_neither_changes_a_flat_film() -> None:
    films, masks = films_and_masks()
    films = films * 0.4 + 0.3
    blurred, _ = vary(AugmentRecipe(blur=1.0), films, masks)
    sharpened, _ = vary(AugmentRecipe(sharpen=1.0), films, masks)
    assert float(blurred.std()) < 0.6 * float(films.std())
    assert float(sharpened.std()) > 1.2 * float(films.std())
    flat = torch.full_like(films, 0.4)
    for recipe in (AugmentRecipe(blur=1.0), AugmentRecipe(sharpen=1.0), AugmentRecipe(pixelate=1)):
        torch.testing.assert_close(vary(recipe, flat, masks)[0], flat, atol=1e-5, rtol=0)


def test_pixelating_loses_detail_and_noise_adds_it() -> None:
    films, masks = films_and_masks()
    coarse, _ = vary(AugmentRecipe(pixelate=1.0), films, masks)
    assert float(coarse.std()) < float(films.std())
    grey = torch.full_like(films, 0.5)
    noisy, _ = vary(AugmentRecipe(noise=0.1), grey, masks)
    assert 0 < float(noisy.std()) < 0.1
    assert float(noisy.mean()) == pytest.approx(0.5, abs=0.01)


@pytest.mark.usefixtures("highest")
def test_the_top_is_blackened_to_at_most_a_quarter() -> None:
    films, masks = films_and_masks()
    covered, _ = vary(AugmentRecipe(occlude_top=1.0), films + 0.1, masks)
    assert float(covered[..., :8, :].max()) == 0
    assert float(covered[..., 8:, :].min()) > 0.09


@pytest.mark.usefixtures("highest")
def test_borders_and_boxes_are_one_grey() -> None:
    films, masks = films_and_masks()
    framed, _ = vary(AugmentRecipe(border=1.0), films, masks)
    assert float(framed[..., :3, :].min()) == 1
    torch.testing.assert_close(framed[..., 5:27, 5:27], films[..., 5:27, 5:27], atol=1e-5, rtol=0)


def test_a_box_covers_at_most_a_sixteenth() -> None:
    films, masks = films_and_masks(16)
    covered, _ = vary(AugmentRecipe(occlude_box=1.0), films, masks)
    changed = (covered - films).abs() > 1e-4
    share = changed.float().mean(dim=(1, 2, 3))
    assert 0 < float(share.max()) <= 0.0625 + 0.04
    assert len(set(covered[0][changed[0]].tolist())) <= 1


def swapping_seed(count: int) -> int:
    """Find a seed whose first order exchanges all films."""
    for seed in range(100):
        augmenter = Augmenter(AugmentRecipe(), seed=seed)
        augmenter._move(*films_and_masks(count), size=32)
        order = torch.randperm(count, generator=augmenter.generator)
        if bool((order != torch.arange(count)).all()):
            return seed
    raise LookupError


def test_swapping_the_background_keeps_the_lungs_and_takes_anothers_edge() -> None:
    _, masks = films_and_masks(2, side=160)
    films = torch.stack((torch.full((1, 160, 160), 0.2), torch.full((1, 160, 160), 0.8)))
    seed = swapping_seed(2)
    swapped, _ = vary(AugmentRecipe(background_swap=1.0), films, masks, seed=seed)
    inside = masks[:, 0] > 0
    torch.testing.assert_close(swapped[:, 0][inside], films[:, 0][inside], atol=0.02, rtol=0)
    torch.testing.assert_close(swapped[..., 0, 0], films.flip(0)[..., 0, 0], atol=1e-4, rtol=0)


def test_a_film_without_lungs_keeps_its_background() -> None:
    films, masks = films_and_masks()
    same, _ = vary(AugmentRecipe(background_swap=1.0), films, torch.zeros_like(masks))
    torch.testing.assert_close(same, films, atol=1e-5, rtol=0)


def test_mixing_amplitudes_keeps_the_phase() -> None:
    films, masks = films_and_masks()
    films = films * 0.2 + 0.4
    mixed, _ = vary(AugmentRecipe(amplitude_mix=1.0), films, masks, seed=swapping_seed(4))
    assert not torch.allclose(mixed, films, atol=1e-3)
    both = torch.fft.rfft2(mixed), torch.fft.rfft2(films)
    cosine = (both[0] * both[1].conj()).real / (both[0].abs() * both[1].abs())
    assert float(cosine.quantile(0.01)) > 0.999


def test_a_film_mixed_with_itself_stays_as_it_is() -> None:
    films, masks = films_and_masks(1)
    same, _ = vary(AugmentRecipe(amplitude_mix=1.0), films, masks)
    torch.testing.assert_close(same, films, atol=1e-4, rtol=0)


def test_salt_and_pepper_turns_about_the_share_asked_for_black_and_white(highest: None) -> None:
    films, masks = films_and_masks(2, side=64)
    grey = torch.full_like(films, 0.5)
    made, kept = vary(AugmentRecipe(salt_pepper=0.2), grey, masks)
    black, white = (made == 0).float().mean().item(), (made == 1).float().mean().item()
    assert black == pytest.approx(0.1, abs=0.02)
    assert white == pytest.approx(0.1, abs=0.02)
    assert set(made.flatten().tolist()) == {0.0, 0.5, 1.0}
    assert torch.equal(kept, masks)
