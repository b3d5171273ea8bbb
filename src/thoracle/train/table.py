"""The films of one training run: arrays, targets and splits, and which are drawn how often."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from thoracle.core.arrays import DoubleArray, IntArray
from thoracle.train.films import FilmArrays


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmTable:
    """Films of a run, row by row.

    Attributes
    ----------
    arrays
        Films and masks, (films, side, side) uint8 each.
    rows : (n,) int64
        Which row of `arrays` each entry reads.
    targets : (n,) int64
        Class index; -1 for none.
    sources : (n,) int64
        Index of the collection.
    """

    arrays: FilmArrays
    rows: IntArray
    targets: IntArray
    sources: IntArray

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self.rows)

    def take(self, keep: IntArray) -> "FilmTable":
        """Return the entries at some indices."""
        return FilmTable(
            arrays=self.arrays,
            rows=self.rows[keep],
            targets=self.targets[keep],
            sources=self.sources[keep],
        )


Batch = tuple[Tensor, Tensor, Tensor, Tensor]
"""Films and masks (n, 1, side, side) float32 0…1, targets and sources (n,) int64."""


class FilmDataset(Dataset[Batch]):
    """Batches of a `FilmTable`."""

    def __init__(self, table: FilmTable) -> None:
        self.table = table

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self.table)

    def __getitem__(self, indices: list[int]) -> Batch:
        """Return one whole batch for a list of indices."""
        table = self.table
        rows = table.rows[indices]
        films = torch.from_numpy(table.arrays.films[rows][:, None].astype(np.float32) / 255.0)
        masks = torch.from_numpy(table.arrays.masks[rows][:, None].astype(np.float32) / 255.0)
        targets, sources = table.targets[indices], table.sources[indices]
        return films, masks, torch.from_numpy(targets), torch.from_numpy(sources)


def draw_weights(table: FilmTable, *, balance: bool) -> DoubleArray:
    """Return how often each entry is drawn, summing to 1.

    Parameters
    ----------
    table
        The entries.
    balance
        Classes equally often, and sources equally often within a class up to the square root of
        their number, so that a source of five films is not shown a thousand times.

    Returns
    -------
    (n,) float64
        Probabilities.
    """
    if not balance:
        return np.full(len(table), 1.0 / len(table))
    weights = np.zeros(len(table))
    for target in np.unique(table.targets):
        of_class = table.targets == target
        sources, counts = np.unique(table.sources[of_class], return_counts=True)
        shares = np.sqrt(counts) / np.sqrt(counts).sum()
        for source, count, share in zip(sources, counts, shares, strict=True):
            weights[of_class & (table.sources == source)] = share / count
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def source_offsets(
    table: FilmTable, weights: DoubleArray, *, classes: int, strength: float, kind_strength: float
) -> DoubleArray:
    """Return how much more frequent than by chance each class is in each source, as logarithms.

    Added to the logits in training only, it takes from the network what it would gain by knowing
    the hospital: a film of a source that has one class teaches next to nothing. Class 0, no
    finding, is set apart from the findings first, and these from each other then.

    Parameters
    ----------
    table, weights
        The entries, and how often each is drawn.
    classes
        Number of classes.
    strength
        Of no finding against any finding: at 0 there is no offset, towards 1 it becomes the true
        frequency over that of even chances, whose logarithm is infinite for what a source lacks.
    kind_strength
        The same of the findings among each other.

    Returns
    -------
    (sources, classes) float64
        Natural logarithms; 0 for a source without films.

    References
    ----------
    Menon et al., Long-tail learning via logit adjustment, ICLR 2021, here for each source.
    """
    counts = np.zeros((int(table.sources.max()) + 1, classes))
    np.add.at(counts, (table.sources, table.targets), weights)
    parted = np.stack([counts[:, 0], counts[:, 1:].sum(axis=1)], axis=1)
    none, found = np.hsplit(_over_even(parted, strength), 2)
    kinds = _over_even(counts[:, 1:], kind_strength)
    return np.asarray(np.log(np.concatenate([none, found * kinds], axis=1)), dtype=np.float64)


def _over_even(counts: DoubleArray, strength: float) -> DoubleArray:
    """Return how much more frequent each class is than by even chances, 1 at strength 0."""
    classes, sums = counts.shape[1], counts.sum(axis=1, keepdims=True)
    shares = np.where(sums > 0, counts / sums.clip(min=1e-12), 1 / classes)
    return np.asarray(strength * shares * classes + (1 - strength), dtype=np.float64)


class BatchDraw(Sampler[list[int]]):
    """Draw batches with replacement by weight; another order each epoch, the same for a seed."""

    def __init__(self, weights: DoubleArray, *, batch: int, films: int, seed: int) -> None:
        self.weights, self.batch, self.films, self.seed = weights, batch, films, seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order comes next, so that a resumed run goes on as it would."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Return the number of batches."""
        return self.films // self.batch

    def __iter__(self) -> Iterator[list[int]]:
        """Yield lists of indices."""
        rng = np.random.default_rng((self.seed, self.epoch))
        drawn = _spread_draw(rng, self.weights, len(self) * self.batch)
        for start in range(0, len(drawn), self.batch):
            yield drawn[start : start + self.batch].tolist()


def _spread_draw(rng: np.random.Generator, weights: DoubleArray, count: int) -> IntArray:
    """Draw by weight with low variance: each entry comes within one of its expected number."""
    expected = np.cumsum(weights[order := rng.permutation(len(weights))]) * count
    marks = np.arange(count) + rng.random()
    places = np.searchsorted(expected, marks % expected[-1], side="right")
    drawn = order[places.clip(max=len(order) - 1)]
    return np.asarray(rng.permutation(drawn), dtype=np.int64)


class BatchSequence(Sampler[list[int]]):
    """All entries in order, for tuning and evaluation."""

    def __init__(self, entries: int, *, batch: int) -> None:
        self.entries, self.batch = entries, batch

    def __len__(self) -> int:
        """Return the number of batches."""
        return math.ceil(self.entries / self.batch)

    def __iter__(self) -> Iterator[list[int]]:
        """Yield lists of indices."""
        for start in range(0, self.entries, self.batch):
            yield list(range(start, min(start + self.batch, self.entries)))
