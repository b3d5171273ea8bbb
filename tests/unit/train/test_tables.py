"""Which films a task trains on, with which target, cut how."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import nn

from thoracle.core.arrays import FloatArray, IntArray
from thoracle.datasets.collections import CollectionFilm
from thoracle.datasets.film import Film, Population
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.labels import FINDINGS
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import open_bundle
from thoracle.radiograph.gate import GATE_CLASSES
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.preprocess import classifier_input, gate_input
from thoracle.train.modules import ClassifierModule
from thoracle.train.recipe import Recipe, parse_recipe
from thoracle.train.tables import (
    TrainingData,
    anomaly_tables,
    classifier_arrays,
    classifier_tables,
    finding_counts,
    finding_index,
    gate_tables,
    lung_tables,
    normal_table,
    stage_films,
)

Draw = Callable[..., FloatArray]
AsPng = Callable[[FloatArray], bytes]
Text = Callable[..., str]
NO_FINDING, OPACITY, COVID = range(3)

ROWS = (
    # path, source, label, population, split, view
    ("a0", "nih", "normal", "adult", "train", "PA"),
    ("a1", "nih", "bacterial|viral", "adult", "train", "PA"),
    ("a2", "cohen", "covid-19", "adult", "train", "AP"),
    ("a3", "cohen", "covid-19", "unknown", "tune", "AP"),
    ("a4", "nih", "normal", "adult", "test", "PA"),
    ("a5", "cohen", "covid-19|viral", "adult", "train", "PA"),
    ("a6", "cohen", "covid-19", "adult", "train", "L"),
    ("a7", "cohen", "covid-19", "adult", "train", None),
    ("c0", "kermany", "normal", "child", "train", None),
    ("c1", "kermany", "bacterial", "child", "train", None),
    ("c2", "cohen", "covid-19", "child", "train", "PA"),
    ("c3", "kermany", "normal", "child", "tune", None),
)


@pytest.fixture
def data(tmp_path: Path, draw: Draw, as_png: AsPng) -> TrainingData:
    films, splits = [], {}
    rng = np.random.default_rng(0)
    for name, source, label, population, split, view in ROWS:
        path = f"{name}.png"
        pixels = draw(rows=48, columns=40) + rng.normal(0, 0.05, (48, 40))
        (tmp_path / path).write_bytes(as_png(np.clip(pixels, 0, 1).astype(np.float32)))
        films.append(
            Film(
                path=path,
                source=source,
                label=label,
                population=Population(population),
                view=view,
            )
        )
        splits[path] = split
    manifest = Manifest(films=tuple(films), root=tmp_path)
    return TrainingData(manifest=manifest, splits=splits, cache=tmp_path / "cache")


@pytest.fixture
def recipe(recipe_text: Text) -> Recipe:
    return parse_recipe(recipe_text("classifier"))


@pytest.fixture
def finder(shared_bundles: Path) -> LungFinder:
    return LungFinder(open_bundle(str(shared_bundles / "lungs")))


def named(data: TrainingData, rows: IntArray) -> list[str]:
    films = [film for film in data.manifest.films if is_frontal(film)]
    return [films[row].path.removesuffix(".png") for row in rows]


def test_splits_are_respected_and_films_without_one_are_left_out(
    data: TrainingData, recipe: Recipe, finder: LungFinder
) -> None:
    tables = classifier_tables(data, recipe, recipe.stages[0], finder)
    assert named(data, tables.tune.rows) == ["a3", "c3"]
    assert "a4" not in named(data, tables.train.rows)  # a test film
    without = replace(data, splits={k: v for k, v in data.splits.items() if k != "a0.png"})
    fewer = classifier_tables(without, recipe, recipe.stages[0], finder)
    assert "a0" in named(data, tables.train.rows)
    assert "a0" not in named(data, fewer.train.rows)


def test_laterals_unknown_views_of_cohen_and_undecided_labels_do_not_train(
    data: TrainingData, recipe: Recipe, finder: LungFinder
) -> None:
    tables = classifier_tables(data, recipe, recipe.stages[0], finder)
    assert not {"a5", "a6", "a7"} & set(named(data, tables.train.rows))


def test_children_never_stand_among_adults_and_an_unknown_age_counts_as_adult(
    data: TrainingData, recipe: Recipe, finder: LungFinder
) -> None:
    stage = replace(recipe.stages[0], populations=("adult",))
    tables = classifier_tables(data, recipe, stage, finder)
    assert named(data, tables.train.rows) == ["a0", "a1", "a2"]
    assert tables.train.targets.tolist() == [NO_FINDING, OPACITY, COVID]
    assert named(data, tables.tune.rows) == ["a3"]
    assert finding_counts(tables.train).tolist() == [1, 1, 1]


def test_the_first_stage_merges_covid_and_keeps_children(
    data: TrainingData, recipe: Recipe, finder: LungFinder
) -> None:
    stage = replace(recipe.stages[0], merge_covid=True)
    tables = classifier_tables(data, recipe, stage, finder)
    targets = dict(zip(named(data, tables.train.rows), tables.train.targets.tolist(), strict=True))
    assert targets == {
        "a0": NO_FINDING, "a1": OPACITY, "a2": OPACITY, "a5": OPACITY,
        "c0": NO_FINDING, "c1": OPACITY, "c2": OPACITY,
    }  # fmt: skip


def test_a_stage_for_the_kind_alone_has_no_films_without_a_finding(
    data: TrainingData, recipe: Recipe, finder: LungFinder
) -> None:
    tables = classifier_tables(data, recipe, replace(recipe.stages[0], kind_only=True), finder)
    assert set(tables.train.targets.tolist()) == {OPACITY, COVID}
    assert "a0" not in named(data, tables.train.rows)


def test_a_childs_covid_film_is_left_out_where_covid_is_a_class_of_its_own(
    data: TrainingData, recipe: Recipe, finder: LungFinder
) -> None:
    tables = classifier_tables(data, recipe, recipe.stages[0], finder)
    assert "c2" not in named(data, tables.train.rows)
    assert {"c0", "c1"} <= set(named(data, tables.train.rows))


def test_sources_and_populations_choose_a_stages_films(data: TrainingData, recipe: Recipe) -> None:
    stage = replace(recipe.stages[0], sources=("kermany",), populations=("child",))
    assert [film.path for film in stage_films(data.manifest, stage)] == [
        "c0.png",
        "c1.png",
        "c3.png",
    ]
    adults = replace(stage, sources=(), populations=("adult",))
    assert {film.path[0] for film in stage_films(data.manifest, adults)} == {"a"}


@pytest.mark.parametrize(
    ("label", "apart", "merged"),
    [
        ("normal", NO_FINDING, NO_FINDING),
        ("bacterial", OPACITY, OPACITY),
        ("covid-19", COVID, OPACITY),
        ("covid-19|viral", -1, OPACITY),
        ("normal|other", -1, -1),
        ("", -1, -1),
    ],
)
def test_a_label_decides_its_class_or_none(label: str, apart: int, merged: int) -> None:
    film = Film(path="x", source="x", label=label)
    assert finding_index(film, merge_covid=False) == apart
    assert finding_index(film, merge_covid=True) == merged
    assert len(FINDINGS) == 3


def test_lungs_train_on_every_film_of_the_stage_that_has_a_mask(
    data: TrainingData, draw: Draw, as_png: AsPng, recipe_text: Text
) -> None:
    mask = np.zeros((24, 20), np.float32)
    mask[6:18, 4:16] = 1
    (data.manifest.root / "mask.png").write_bytes(as_png(mask))
    films = tuple(
        replace(film, mask_path=None if film.path.startswith("c") else "mask.png")
        for film in data.manifest.films
    )
    masked = replace(data, manifest=Manifest(films=films, root=data.manifest.root))
    recipe = parse_recipe(recipe_text("lungs"))
    (stage,) = recipe.stages
    tables = lung_tables(masked, recipe, stage)
    assert tables.sources == ("cohen", "nih")
    assert tables.train.targets.tolist() == [0] * 6
    assert tables.train.sources.tolist() == [1, 1, 0, 0, 0, 0]
    one = lung_tables(masked, recipe, replace(stage, sources=("nih",)))
    assert one.train.sources.tolist() == [1, 1]
    film, shown = tables.train.arrays.films[0], tables.train.arrays.masks[0]
    assert film.shape == (32, 32)
    assert (shown > 127).mean() == pytest.approx(0.5 * 0.6, abs=0.05)
    assert film.mean() == pytest.approx(127, abs=3)  # ranked


def test_a_manifest_without_masks_gives_no_lung_films(
    data: TrainingData, recipe_text: Text
) -> None:
    recipe = parse_recipe(recipe_text("lungs"))
    tables = lung_tables(data, recipe, recipe.stages[0])
    assert (len(tables.train), len(tables.tune), tables.sources) == (0, 0, ())


def test_the_gate_joins_films_of_known_view_and_the_collections(
    data: TrainingData, draw: Draw, as_png: AsPng
) -> None:
    knee = data.manifest.root / "knee.png"
    knee.write_bytes(as_png(draw("other_radiograph", rows=40, columns=40)))
    collections = [
        CollectionFilm(
            file=knee, kind="other_radiograph", collection="knee", group="1", split=split
        )
        for split in ("train", "tune")
    ]
    tables = gate_tables(data, collections, untrained_kinds=set())
    kinds = [GATE_CLASSES[one] for one in tables.train.targets]
    assert kinds.count("lateral_chest") == 1
    assert kinds[-1] == "other_radiograph"
    assert len(kinds) == 9  # ten train films, one of unknown view, and the knee
    assert tables.sources == ("cohen", "kermany", "knee", "nih")
    shown = tables.train.arrays.films[0] / 255
    pixels = np.asarray(shown, np.float32)
    np.testing.assert_allclose(pixels, gate_input(pixels, size=256), atol=0.05)
    assert not tables.train.arrays.masks.any()


def smooth_film(rows: int = 320, columns: int = 280) -> FloatArray:
    """Draw a film whose dark lower half the tiny finder takes for lungs, with smooth texture."""
    rng = np.random.default_rng(7)
    texture = ndimage.gaussian_filter(rng.normal(size=(rows, columns)), 3) * 3
    shape = 0.5 + 0.3 * np.cos(np.linspace(0, np.pi, rows))[:, None]
    return np.clip(shape + 0.1 * texture, 0, 1).astype(np.float32)


@pytest.mark.parametrize(("size", "side"), [(224, 256), (160, 182), (128, 146)])
def test_the_cached_crops_inner_part_is_what_serving_sees(
    finder: LungFinder, recipe: Recipe, size: int, side: int
) -> None:
    pixels = smooth_film()
    film, mask = classifier_arrays(pixels, finder, size=size)
    served = classifier_input(pixels, finder.locate(pixels).box, size=size)
    big = replace(recipe, size=size)
    module = ClassifierModule(
        nn.Identity(), big, big.stages[0], weights=torch.ones(3), offsets=torch.zeros(1, 3)
    )
    plain = (module.plain(torch.from_numpy(film / 255.0)[None, None].float())[0, 0].numpy() + 1) / 2
    assert film.shape == mask.shape == (side, side)
    np.testing.assert_allclose(plain, served, atol=0.5 / 255 + 1e-6)  # 8 bits in the cache


def test_without_lungs_the_whole_film_is_cut(finder: LungFinder) -> None:
    film, mask = classifier_arrays(np.full((40, 40), 0.5, np.float32), finder, size=28)
    assert film.shape == (32, 32)
    assert not mask.any()


def test_an_auto_encoder_learns_from_films_that_are_surely_normal(
    data: TrainingData, recipe: Recipe, finder: LungFinder
) -> None:
    table, films, sources = normal_table(data, recipe, recipe.stages[0], finder)
    assert [film.path for film in films] == ["a0.png", "a4.png", "c0.png", "c3.png"]
    assert table.targets.tolist() == [0, 0, 1, 1]
    assert [sources[one] for one in table.sources] == ["nih", "nih", "kermany", "kermany"]
    tables = anomaly_tables(data, recipe, recipe.stages[0], finder)
    assert tables.train.rows.tolist() == [0, 2]
    assert tables.tune.rows.tolist() == [3]


def test_an_auto_encoder_sees_what_the_classifier_sees(
    data: TrainingData, recipe: Recipe, finder: LungFinder
) -> None:
    normal = anomaly_tables(data, recipe, recipe.stages[0], finder).train
    all_kinds = classifier_tables(data, recipe, recipe.stages[0], finder).train
    np.testing.assert_array_equal(
        normal.arrays.films[normal.rows[0]], all_kinds.arrays.films[all_kinds.rows[0]]
    )


def test_a_stage_may_leave_children_out(
    data: TrainingData, recipe: Recipe, finder: LungFinder
) -> None:
    stage = replace(recipe.stages[0], populations=("adult",))
    _, films, _ = normal_table(data, recipe, stage, finder)
    assert [film.path for film in films] == ["a0.png", "a4.png"]
