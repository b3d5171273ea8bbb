"""A slice classifier by group, beside what the file alone gives away."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from thoracle.core.arrays import BoolArray, ByteArray, DoubleArray, FloatArray, IntArray
from thoracle.core.files import write_atomically
from thoracle.core.progress import Progress
from thoracle.datasets.ct_slices import CtSlice2d, group_slices
from thoracle.datasets.thumbnails import read_grey, to_thumbnail
from thoracle.evaluation.estimate import Estimate
from thoracle.imaging.resample import resize
from thoracle.train.ct.case_network import WIDTH, PictureNetwork
from thoracle.train.ct.judged import clustered_auroc, folds_of, trivial_scores
from thoracle.train.ct.small_fit import FitPlan, Pictures, chances_of, fit_small

SIZE: Final = 64
"""Rows and columns that the network sees."""
BORDER_PX: Final = 4
BINS: Final = 16
SIDE_MAX: Final = 512
FOLDS: Final = 5
AS_FILED, STANDARDIZED = "as filed", "standardized"
GROUPS: Final = "groups.csv"
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlicePlan:
    """How a study of slices is done."""

    fit: FitPlan = field(default_factory=lambda: FitPlan(epochs=6))
    width: int = WIDTH


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceStudy:
    """What tells COVID-19 from the rest, each by AUROC with an interval over groups.

    Attributes
    ----------
    slices, covid, groups, patients
        How many, how many with COVID-19, of how many groups and patients.
    mixed_groups
        Groups that hold slices of both classes.
    giveaways
        By regression on what is no disease: file kind, size, grey window, histogram, borders.
    networks
        By the network, on pictures as filed and standardized; of all slices, and of those alone
        that were PNG, so that the kind of file cannot help.
    """

    slices: int
    covid: int
    groups: int
    patients: int
    mixed_groups: int
    giveaways: dict[str, Estimate]
    networks: dict[str, Estimate]


def study_slices(
    slices: Sequence[CtSlice2d], plan: SlicePlan, folder: Path, *, told: Told, on_progress: Progress
) -> SliceStudy:
    """Cross-validate a network and regressions, slices of one group never on both sides.

    Parameters
    ----------
    slices
        From `read_ct_slices`.
    plan
        How.
    folder
        Keeps groups and trainings.
    told
        Told of each training that begins.
    on_progress
        Told of the search for near-duplicates.

    Returns
    -------
    SliceStudy
        The figures.
    """
    groups = kept_groups(slices, folder, on_progress=on_progress)
    is_covid = np.array([one.is_covid for one in slices], np.bool_)
    targets = is_covid.astype(np.int64)
    folds = folds_of(targets, groups, count=FOLDS)
    greys = [read_grey(one.path, side_max=SIDE_MAX) for one in slices]
    thumbnails = [to_thumbnail(one) for one in greys]
    giveaways = {
        name: clustered_auroc(_crossed(numbers, is_covid, folds), is_covid, groups)
        for name, numbers in giveaway_numbers(slices, greys, thumbnails).items()
    }
    networks: dict[str, Estimate] = {}
    for name, pictures in ((AS_FILED, greys), (STANDARDIZED, thumbnails)):
        examples = Pictures(inputs=squares(pictures), targets=targets, groups=groups)
        scores = _network_scores(examples, folds, plan, folder / name.replace(" ", "-"), told)
        networks |= _network_figures(name, scores, slices, groups)
    return SliceStudy(
        slices=len(slices),
        covid=int(is_covid.sum()),
        groups=len(set(groups)),
        patients=len({one.patient for one in slices}),
        mixed_groups=_mixed(groups, is_covid),
        giveaways=giveaways,
        networks=networks,
    )


def giveaway_numbers(
    slices: Sequence[CtSlice2d], greys: Sequence[ByteArray], thumbnails: Sequence[ByteArray]
) -> dict[str, NDArray[Any]]:
    """Describe each slice by what is no disease.

    Parameters
    ----------
    slices
        Give the original kind of file, and the file's length.
    greys : each (rows, columns) uint8
        As filed.
    thumbnails : each (128, 128) uint8
        Standardized: flat borders cut away, square, histogram equalized.

    Returns
    -------
    dict of (slices, columns) arrays
        By name; the last but one joins the others, the last is of standardized pictures.
    """
    lengths = np.array([one.path.stat().st_size for one in slices])
    pixels = np.array([one.size for one in greys])
    found = {
        "kind of the original file": np.array([[one.original_kind == "jpg"] for one in slices]),
        "size and shape": np.array(list(map(_size, greys))),
        "bytes per pixel": (lengths / pixels)[:, None],
        "grey window": np.array(list(map(_window, greys))),
        "grey histogram": np.array(list(map(_histogram, greys))),
        "borders": np.array(list(map(_borders, greys))),
    }
    joined = np.column_stack(list(found.values()))
    after = np.array([[*_histogram(one), *_borders(one)] for one in thumbnails])
    return {**found, "all of these": joined, "histogram and borders, standardized": after}


def squares(pictures: Sequence[ByteArray]) -> FloatArray:
    """Return pictures as squares of 64 pixels, (n, 1, 64, 64) float32, −1 to 1."""
    made = [resize(one.astype(np.float32), rows=SIZE, columns=SIZE) for one in pictures]
    return np.asarray(np.stack(made)[:, None] / 127.5 - 1.0, np.float32)


def kept_groups(
    slices: Sequence[CtSlice2d], folder: Path, *, on_progress: Progress
) -> tuple[str, ...]:
    """Return the groups from the folder, or find them and keep them there.

    Parameters
    ----------
    slices
        From `read_ct_slices`.
    folder
        Holds groups.csv, which is made anew where it is of other slices.
    on_progress
        As for `group_slices`.

    Returns
    -------
    tuple of str
        One per slice.
    """
    path = folder / GROUPS
    names = [one.path.name for one in slices]
    if path.exists():
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
        if [row[0] for row in rows] == names:
            return tuple(row[1] for row in rows)
    groups = group_slices(slices, on_progress=on_progress)
    stream = io.StringIO()
    csv.writer(stream).writerows(zip(names, groups, strict=True))
    write_atomically(path, stream.getvalue().encode("utf-8"))
    return groups


def _network_figures(
    name: str, scores: DoubleArray, slices: Sequence[CtSlice2d], groups: Sequence[str]
) -> dict[str, Estimate]:
    """Return the network's figure on all slices, and on those that were PNG."""
    is_covid = np.array([one.is_covid for one in slices], np.bool_)
    kept = np.flatnonzero([one.original_kind == "png" for one in slices])
    own = np.asarray(groups)[kept].tolist()
    return {
        name: clustered_auroc(scores, is_covid, groups),
        f"{name}, only what was PNG": clustered_auroc(scores[kept], is_covid[kept], own),
    }


def _mixed(groups: Sequence[str], is_covid: BoolArray) -> int:
    names = np.asarray(groups)
    return len(set(names[is_covid]) & set(names[~is_covid]))


def _crossed(given: NDArray[Any], is_covid: BoolArray, folds: Sequence[IntArray]) -> DoubleArray:
    numbers = np.asarray(given, np.float32)
    scores = np.zeros(len(numbers))
    for judged in folds:
        learn = np.ones(len(numbers), np.bool_)
        learn[judged] = False
        scores[~learn] = trivial_scores(numbers, is_covid, learn)
    return scores


def _network_scores(
    examples: Pictures, folds: Sequence[IntArray], plan: SlicePlan, folder: Path, told: Told
) -> DoubleArray:
    scores = np.zeros(len(examples.targets))
    everything = np.arange(len(examples.targets))
    for number, judged in enumerate(folds):
        told(f"{folder.name}: fold {number + 1} of {len(folds)}")
        torch.manual_seed(plan.fit.seed)
        network = fit_small(
            PictureNetwork(2, width=plan.width),
            examples.take(np.setdiff1d(everything, judged)),
            plan.fit,
            folder / f"fold-{number + 1}",
        )
        scores[judged] = chances_of(network, examples.inputs[judged])[:, 1]
    return scores


def _size(grey: ByteArray) -> list[float]:
    rows, columns = grey.shape
    return [rows, columns, rows / columns]


def _window(grey: ByteArray) -> list[float]:
    low, high = np.percentile(grey, [1, 99])
    return [low, high, float(grey.mean()), float((grey < 5).mean()), float((grey > 250).mean())]


def _histogram(grey: ByteArray) -> list[float]:
    counts = np.histogram(grey, bins=BINS, range=(0, 256))[0]
    return [float(one) for one in counts / grey.size]


def _borders(grey: ByteArray) -> list[float]:
    sides = (grey[:BORDER_PX], grey[-BORDER_PX:], grey[:, :BORDER_PX], grey[:, -BORDER_PX:])
    return [number for side in sides for number in (float(side.mean()), float(side.std()))]
