"""A reproduction runs all arms of all repeats, goes on where it stopped, and guards its folder."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from thoracle.core.errors import RecipeError
from thoracle.datasets.duplicates import DuplicateKind, DuplicatePair
from thoracle.datasets.manifest import Manifest
from thoracle.train.architectures.build import Architecture, build
from thoracle.train.protocols.experiment import SUMMARY
from thoracle.train.protocols.protocol import Protocol
from thoracle.train.protocols.reproduce import (
    Cuts,
    Films,
    Places,
    Plan,
    cut,
    folder_of,
    initial_weights,
    keep_settings,
    reproduce,
)

Make = Callable[..., Protocol]
PLAN = Plan(repeats=2, seed=3, cuts=Cuts(epochs=1))


def films(manifest: Manifest) -> Films:
    return Films(manifest=manifest, pairs=())


def places(tmp_path: Path, cache: Path) -> Places:
    return Places(run=tmp_path / "run", cache=cache)


def test_it_goes_on_where_it_stopped(
    toy_films: Manifest, toy_protocol: Make, cache: Path, tmp_path: Path
) -> None:
    protocol, where = toy_protocol(), places(tmp_path, cache)
    told: list[tuple[int, int]] = []
    reproduce(protocol, films(toy_films), replace(PLAN, repeats=1), where)
    first = folder_of(where.run, protocol.arms[0], 0) / SUMMARY
    before = first.stat().st_mtime_ns
    reproduce(
        protocol, films(toy_films), PLAN, where, on_progress=lambda _, d, t: told.append((d, t))
    )
    assert first.stat().st_mtime_ns == before
    assert (folder_of(where.run, protocol.arms[0], 1) / SUMMARY).is_file()
    assert told[-1] == (2, 2)  # one epoch in each of two repeats


def test_a_folder_of_other_settings_is_refused(
    toy_films: Manifest, toy_protocol: Make, cache: Path, tmp_path: Path
) -> None:
    protocol, where = toy_protocol(), places(tmp_path, cache)
    reproduce(protocol, films(toy_films), replace(PLAN, repeats=1), where)
    with pytest.raises(RecipeError, match="with another cuts – expected"):
        reproduce(protocol, films(toy_films), replace(PLAN, cuts=Cuts(epochs=2)), where)
    fewer = toy_films.select(toy_films.films[1:])
    with pytest.raises(RecipeError, match="with another manifest_digest"):
        reproduce(protocol, films(fewer), replace(PLAN, repeats=1), where)


def test_a_folder_of_other_near_duplicates_or_weights_is_refused(
    toy_films: Manifest, toy_protocol: Make, cache: Path, tmp_path: Path
) -> None:
    protocol, where = toy_protocol(), places(tmp_path, cache)
    plan = replace(PLAN, repeats=1)
    keep_settings(protocol, films(toy_films), plan, where)
    one, two = sorted(film.path for film in toy_films.films[:2])
    pair = DuplicatePair(a=one, b=two, score=1.0, kind=DuplicateKind.COPY)
    paired = Films(manifest=toy_films, pairs=(pair,))
    with pytest.raises(RecipeError, match="with another near_duplicates"):
        keep_settings(protocol, paired, plan, where)
    (tmp_path / "first.safetensors").write_bytes(b"1")
    with pytest.raises(RecipeError, match="with another weights"):
        keep_settings(
            protocol,
            films(toy_films),
            plan,
            replace(where, weights=tmp_path / "first.safetensors"),
        )


def test_words_of_a_protocol_may_change_and_what_it_does_may_not(toy_protocol: Make) -> None:
    protocol = toy_protocol()
    assert replace(protocol, differences=("said better",)).digest == protocol.digest
    shorter = replace(protocol.arms[0], size=16)
    assert replace(protocol, arms=(shorter,)).digest != protocol.digest


def test_cuts_are_upper_bounds_and_spare_the_epochs_of_frozen_networks(toy_protocol: Make) -> None:
    arm = toy_protocol().arms[0]
    plan = Plan(repeats=1, seed=1, cuts=Cuts(size=16, epochs=3, films_per_epoch=20))
    made = cut(arm, plan)
    assert (made.size, made.steps[0].epochs, made.steps[0].films_per_epoch) == (16, 3, 20)
    assert cut(replace(arm, frozen=True), plan).steps[0].epochs == 12
    larger = Plan(repeats=1, seed=1, cuts=Cuts(size=512, epochs=99))
    assert (cut(arm, larger).size, cut(arm, larger).steps[0].epochs) == (32, 12)


def test_weights_are_given_published_or_made_here(
    toy_films: Manifest, toy_protocol: Make, cache: Path, tmp_path: Path
) -> None:
    protocol, judged = toy_protocol(), films(toy_films)
    arm = replace(protocol.arms[0], initial="own", network=Architecture(backbone="test_resnet"))

    def chosen(where: Places, *, pretrained: bool = False) -> Path | None:
        plan = replace(PLAN, pretrained=pretrained)
        return initial_weights(protocol, cut(arm, plan), judged, plan, where)

    where = places(tmp_path, cache)
    assert chosen(where) is None  # neither pictures nor sources to pretrain on
    assert chosen(where, pretrained=True) is None  # timm's own
    assert chosen(replace(where, weights=tmp_path)) == tmp_path / "test_resnet.safetensors"
    file = tmp_path / "one.safetensors"
    network = build(arm.network, outputs=2, size=32)
    save_file({k: v.contiguous() for k, v in network.backbone.state_dict().items()}, file)
    assert chosen(replace(where, weights=file)) == file
    random = replace(arm, initial="random")
    assert initial_weights(protocol, random, judged, PLAN, replace(where, weights=file)) is None
    assert torch.is_tensor(next(iter(network.parameters())))
