"""Deletion and insertion: how the score falls when what a map points at is taken away.

What is taken away are square cells, alike for every order that is compared, so that the order
counts and not the shape of the holes. In their place comes a blurred film: black or grey cells
would be edges that no film has.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import scipy

from thoracle.core.arrays import DoubleArray, FloatArray, IntArray
from thoracle.core.errors import EvaluationError

CELLS = 14  # a side: 16 pixels of 224, half of the coarsest map's cell.
STEPS = 7  # parts in which the cells are taken: 28 of 196 at a time, a seventh of the film.
BLUR_SHARE = 1 / 8  # of the side, the blur's standard deviation: an opacity of a lung zone goes.

Score = Callable[[FloatArray], DoubleArray]
"""From (n, rows, columns) what the network sees to the (n,) scores of the finding explained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaithfulnessCurves:
    """Scores while cells are taken from a film, and while they are put into its blurred copy.

    `shares` (steps + 1,) is the share of cells touched, 0 to 1; `deletion` and `insertion`
    (steps + 1,) the scores. A faithful order lowers the deletion's area and raises the other's.
    """

    shares: DoubleArray = field(repr=False)
    deletion: DoubleArray = field(repr=False)
    insertion: DoubleArray = field(repr=False)

    @property
    def deletion_area(self) -> float:
        """Area under the deletion curve, in the score's unit; lower is more faithful."""
        return curve_area(self.shares, self.deletion)

    @property
    def insertion_area(self) -> float:
        """Area under the insertion curve, in the score's unit; higher is more faithful."""
        return curve_area(self.shares, self.insertion)


def cell_order(values: FloatArray, *, generator: np.random.Generator) -> IntArray:
    """Rank the cells of a square grid by a map's mean in each, highest first.

    Parameters
    ----------
    values : (rows, columns) float32
        A map over what the network sees; both sides at least `CELLS`.
    generator
        Breaks ties: an empty map gives a random order.

    Returns
    -------
    (CELLS × CELLS,) int64
        Flat indices of the cells.

    Raises
    ------
    EvaluationError
        The map has fewer pixels a side than cells, or is not finite.
    """
    rows, columns = values.shape
    if min(rows, columns) < CELLS or not np.isfinite(values).all():
        raise EvaluationError(
            f"found a map of {rows} × {columns} with {int((~np.isfinite(values)).sum())} values "
            f"that are no numbers – expected a finite one of at least {CELLS} a side. Resize it.",
            code="faithfulness-map",
        )
    edges_down, edges_right = _edges(rows), _edges(columns)
    sums = np.add.reduceat(values.astype(np.float64), edges_down[:-1], axis=0)
    sums = np.add.reduceat(sums, edges_right[:-1], axis=1)
    means = sums / np.outer(np.diff(edges_down), np.diff(edges_right))
    return np.lexsort((generator.random(CELLS * CELLS), -means.ravel())).astype(np.int64)


def random_order(generator: np.random.Generator) -> IntArray:
    """Return the cells in random order: the baseline that every explainer must beat."""
    return generator.permutation(CELLS * CELLS).astype(np.int64)


def curves_of(
    film: FloatArray, order: IntArray, score: Score, *, steps: int = STEPS
) -> FaithfulnessCurves:
    """Take cells from a film in an order, and put them into its blurred copy.

    Parameters
    ----------
    film : (size, size) float32
        What the network sees.
    order : (CELLS × CELLS,) int64
        From `cell_order` or `random_order`.
    score
        Called once, with all `2 × steps` films.
    steps
        In how many equal parts the cells are taken.

    Returns
    -------
    FaithfulnessCurves
        From the untouched film to the blurred one, and back.

    References
    ----------
    Petsiuk, Das and Saenko, RISE, BMVC 2018, with a blurred film in both directions.
    """
    blurred = blurred_copy(film)
    counts = np.linspace(0, order.size, steps + 1).round().astype(np.int64)
    films = np.concatenate(
        [
            [swapped(film, blurred, order[:count]) for count in counts],
            [swapped(blurred, film, order[:count]) for count in counts[1:-1]],
        ]
    )
    scores = np.asarray(score(films.astype(np.float32)), dtype=np.float64)
    deletion = scores[: steps + 1]
    return FaithfulnessCurves(
        shares=counts / order.size,
        deletion=deletion,
        insertion=np.concatenate(([deletion[-1]], scores[steps + 1 :], [deletion[0]])),
    )


def blurred_copy(film: FloatArray) -> FloatArray:
    """Return a film without detail: `BLUR_SHARE` of its side blurred, mirrored at the edge."""
    sigma = BLUR_SHARE * max(film.shape)
    return np.asarray(scipy.ndimage.gaussian_filter(film, sigma, mode="mirror"), np.float32)


def swapped(film: FloatArray, other: FloatArray, chosen: IntArray) -> FloatArray:
    """Return a film whose chosen cells are those of another.

    Parameters
    ----------
    film, other : (rows, columns) float32
        Of one shape.
    chosen
        Flat indices on a grid of `CELLS` × `CELLS`.

    Returns
    -------
    (rows, columns) float32
        A new film.
    """
    is_chosen = np.zeros(CELLS * CELLS, bool)
    is_chosen[chosen] = True
    rows, columns = film.shape
    grid = is_chosen.reshape(CELLS, CELLS)
    mask = np.repeat(grid, np.diff(_edges(rows)), axis=0)
    mask = np.repeat(mask, np.diff(_edges(columns)), axis=1)
    return np.where(mask, other, film)


def curve_area(shares: DoubleArray, scores: DoubleArray) -> float:
    """Return the area under a curve by trapezoids.

    Parameters
    ----------
    shares : (points,) float64
        0 to 1, rising.
    scores : (points,) float64
        At each share.

    Returns
    -------
    float
        In the unit of the scores.
    """
    return float(scipy.integrate.trapezoid(scores, shares))


def _edges(pixels: int) -> IntArray:
    """Return where cells begin, and the end; they differ by one pixel at most."""
    return np.linspace(0, pixels, CELLS + 1).round().astype(np.int64)
