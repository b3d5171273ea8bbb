"""Grey and labels move together; the grey alone is toned."""

from dataclasses import replace

import torch

from thoracle.train.ct.recipe import CtAugmentRecipe
from thoracle.train.ct.variation import moved, toned, vary

NOTHING = CtAugmentRecipe(
    flip=0, rotation_degrees=0, zoom=0, zoom_slices=0, elastic_px=0, window=0, level=0, gamma=0,
    noise=0, blur=0, sharpen=0, thick_slices=0,
)  # fmt: skip


def _pair() -> tuple[torch.Tensor, torch.Tensor]:
    label_map = torch.zeros(2, 4, 32, 48, dtype=torch.uint8)
    label_map[:, 1:3, 8:20, 6:18] = 2
    return label_map[:, None].float() / 2, label_map


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_nothing_asked_for_changes_nothing() -> None:
    grey, label_map = _pair()
    found, labels = vary(grey, label_map, NOTHING, generator=_generator())
    torch.testing.assert_close(found, grey, atol=1e-4, rtol=0)
    assert torch.equal(labels, label_map)


def test_a_mirror_swaps_the_sides() -> None:
    grey, label_map = _pair()
    found, labels = moved(grey, label_map, replace(NOTHING, flip=1), generator=_generator())
    torch.testing.assert_close(found, grey.flip(-1), atol=1e-4, rtol=0)
    assert torch.equal(labels, label_map.flip(-1))


def test_labels_follow_the_grey_wherever_it_goes() -> None:
    grey, label_map = _pair()
    recipe = replace(NOTHING, flip=0.5, rotation_degrees=25, zoom=0.3, elastic_px=3)
    found, labels = moved(grey, label_map, recipe, generator=_generator(3))
    assert not torch.equal(labels, label_map)
    assert ((found[:, 0] > 0.5) == (labels == 2)).float().mean() > 0.999


def test_a_turn_keeps_areas_although_rows_and_columns_differ() -> None:
    grey, label_map = _pair()
    label_map = torch.zeros_like(label_map)
    label_map[:, :, 12:20, 20:28] = 1
    recipe = replace(NOTHING, rotation_degrees=45)
    _grey, labels = moved(grey, label_map, recipe, generator=_generator(2))
    areas = (labels == 1).sum(dim=(2, 3)).float()
    assert ((areas - 64).abs() <= 8).all()


def test_tones_differ_from_crop_to_crop_and_stay_grey() -> None:
    torch.manual_seed(0)
    grey = torch.rand(1, 1, 4, 16, 16).expand(3, 1, 4, 16, 16)
    found = toned(grey, CtAugmentRecipe(), generator=_generator())
    assert found.min() >= 0
    assert found.max() <= 1
    assert (found[0] - found[1]).abs().mean() > 0.005
    assert torch.equal(found, toned(grey, CtAugmentRecipe(), generator=_generator()))


def test_a_wider_window_makes_the_grey_flatter() -> None:
    grey = torch.linspace(0.3, 0.7, 16).repeat(64, 1, 4, 16, 1)
    found = toned(grey, replace(NOTHING, window=0.2), generator=_generator())
    spread = found.amax(dim=(1, 2, 3, 4)) - found.amin(dim=(1, 2, 3, 4))
    assert spread.min() < 0.4 < spread.max()
    assert spread.min() >= 0.4 / 1.2 - 1e-3
    assert spread.max() <= 0.4 / 0.8 + 1e-3


def test_sharpening_raises_edges_and_blur_lowers_them() -> None:
    grey = torch.full((8, 1, 2, 16, 16), 0.4)
    grey[..., 8:] = 0.6
    sharp = toned(grey, replace(NOTHING, sharpen=1), generator=_generator())
    soft = toned(grey, replace(NOTHING, blur=1), generator=_generator())
    assert sharp.max() > 0.61
    assert (soft[..., 8] < 0.6).all()
    assert soft.max() <= 0.6 + 1e-6
