"""Which films are drawn, how often, and in which order."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from thoracle.train.table import (
    BatchDraw,
    BatchSequence,
    FilmDataset,
    FilmTable,
    draw_weights,
    source_offsets,
)

Table = Callable[..., FilmTable]


@pytest.fixture
def uneven(tiny_table: Table) -> FilmTable:
    """Class 0 has 90 films of source 0 and 10 of source 1; class 1 has 25 films of source 1."""
    table = tiny_table(125, side=2)
    return replace(
        table, targets=np.array([0] * 100 + [1] * 25), sources=np.array([0] * 90 + [1] * 35)
    )


def test_a_batch_is_films_masks_and_targets_between_0_and_1(tiny_table: Table) -> None:
    table = tiny_table(5, side=4)
    films, masks, targets, sources = FilmDataset(table)[[3, 1]]
    assert films.shape == masks.shape == (2, 1, 4, 4)
    np.testing.assert_allclose(films[0, 0].numpy(), table.arrays.films[3] / 255, atol=1e-6)
    assert set(masks.flatten().tolist()) <= {0.0, 1.0}
    assert targets.tolist() == [0, 1]
    assert sources.tolist() == table.sources[[3, 1]].tolist()
    assert len(FilmDataset(table)) == 5


def test_taking_entries_keeps_rows_targets_and_sources_together(tiny_table: Table) -> None:
    taken = tiny_table(6).take(np.array([5, 2]))
    assert (taken.rows.tolist(), taken.targets.tolist()) == ([5, 2], [2, 2])
    assert taken.sources.tolist() == [1, 0]
    films, _, _, _ = FilmDataset(taken)[[0]]
    np.testing.assert_allclose(films[0, 0].numpy(), tiny_table(6).arrays.films[5] / 255, atol=1e-6)


def test_balance_draws_classes_equally_and_sources_by_square_root(uneven: FilmTable) -> None:
    weights = draw_weights(uneven, balance=True)
    assert weights.sum() == pytest.approx(1)
    assert weights[uneven.targets == 0].sum() == pytest.approx(0.5)
    large, small = weights[:90].sum(), weights[90:100].sum()
    assert large / small == pytest.approx(np.sqrt(90 / 10))
    assert np.ptp(weights[:90]) == 0


def test_offsets_say_how_much_more_frequent_than_by_chance_a_class_is(uneven: FilmTable) -> None:
    every = np.full(125, 1 / 125)
    offsets_of = partial(source_offsets, classes=3, strength=0.9, kind_strength=0.5)
    offsets = offsets_of(uneven, every)
    # Source 0 has class 0 only; source 1 has 10 films of class 0 and 25 of class 1.
    none, found = 0.9 * 2 * np.array([[1, 10 / 35], [0, 25 / 35]]) + 0.1
    kinds = np.array([[1, 1], [0.5 * 2 + 0.5, 0.5]])
    expected = np.concatenate([none[:, None], found[:, None] * kinds], axis=1)
    np.testing.assert_allclose(np.exp(offsets), expected)
    drawn = offsets_of(uneven, draw_weights(uneven, balance=True))
    assert drawn[1, 1] - drawn[1, 0] > offsets[1, 1] - offsets[1, 0]  # class 0 is drawn less there


def test_offsets_without_strength_favor_no_class(uneven: FilmTable) -> None:
    shares = draw_weights(uneven, balance=True)
    assert not source_offsets(uneven, shares, classes=3, strength=0, kind_strength=0).any()
    kinds_only = source_offsets(uneven, shares, classes=3, strength=0, kind_strength=0.5)
    assert not kinds_only[:, 0].any()
    assert kinds_only[1, 1] > 0 > kinds_only[1, 2]


def test_a_source_index_without_films_favors_no_class(uneven: FilmTable) -> None:
    moved = replace(uneven, sources=uneven.sources * 2)
    every = np.full(125, 1 / 125)
    offsets = source_offsets(moved, every, classes=3, strength=0.9, kind_strength=0.9)
    assert not offsets[1].any()


def test_without_balance_every_film_is_drawn_equally(uneven: FilmTable) -> None:
    assert draw_weights(uneven, balance=False).tolist() == [1 / 125] * 125


def test_the_draw_meets_its_frequencies_within_one(uneven: FilmTable) -> None:
    weights = draw_weights(uneven, balance=True)
    draw = BatchDraw(weights, batch=10, films=1000, seed=1)
    counts = Counter(index for batch in draw for index in batch)
    found = np.array([counts[index] for index in range(125)])
    assert np.abs(found - 1000 * weights).max() <= 1
    assert found[uneven.targets == 1].sum() == pytest.approx(500, abs=1)


def test_an_epoch_repeats_by_seed_and_differs_from_the_next(uneven: FilmTable) -> None:
    def order(*, seed: int, epoch: int) -> list[list[int]]:
        draw = BatchDraw(draw_weights(uneven, balance=True), batch=8, films=83, seed=seed)
        draw.set_epoch(epoch)
        return list(draw)

    assert order(seed=1, epoch=2) == order(seed=1, epoch=2)
    assert order(seed=1, epoch=2) != order(seed=1, epoch=3)
    assert order(seed=1, epoch=2) != order(seed=2, epoch=2)
    assert [len(batch) for batch in order(seed=1, epoch=0)] == [8] * 10


def test_the_number_of_batches_is_known_before_drawing() -> None:
    assert len(BatchDraw(np.ones(3) / 3, batch=4, films=11, seed=0)) == 2


def test_a_sequence_gives_every_entry_once_in_order() -> None:
    batches = BatchSequence(7, batch=3)
    assert list(batches) == [[0, 1, 2], [3, 4, 5], [6]]
    assert len(batches) == 3
    assert len(BatchSequence(6, batch=3)) == 2
