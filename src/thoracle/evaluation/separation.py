"""Whether films separate right from wrong by a line, so that a logistic regression has no maximum.

Then some odds ratio is infinite, and what a program prints for it is where it stopped.
"""

import numpy as np
import scipy

from thoracle.core.arrays import BoolArray, DoubleArray

_TOLERANCE = 1e-6  # Of coefficients kept within ±1; linear programs are exact to 1e-9.


def separating_columns(design: DoubleArray, outcome: BoolArray) -> BoolArray:
    """Find the coefficients that grow without end, by linear programming.

    Parameters
    ----------
    design : (films, columns) float64
        Of full rank, with a column of ones.
    outcome : (films,) bool
        What is explained.

    Returns
    -------
    (columns,) bool
        True for columns that take part in a direction along which no film is explained worse and
        some film better; all False where the likelihood has a maximum.

    References
    ----------
    Albert and Anderson 1984; the linear program is that of Konis 2007.
    """
    signed = np.where(outcome, 1.0, -1.0)[:, None] * design / _scale(design)
    if _best(signed, signed.sum(axis=0)) <= _TOLERANCE:
        return np.zeros(design.shape[1], dtype=bool)
    ends = [
        max(_best(signed, direction), _best(signed, -direction))
        for direction in np.eye(design.shape[1])
    ]
    return np.asarray(ends) > _TOLERANCE


def _scale(design: DoubleArray) -> DoubleArray:
    return np.asarray(np.maximum(np.abs(design).max(axis=0), np.finfo(np.float64).tiny))


def _best(signed: DoubleArray, objective: DoubleArray) -> float:
    """Return the largest objective · b with signed · b ≥ 0 and b within ±1."""
    films = np.unique(signed, axis=0)
    found = scipy.optimize.linprog(
        -objective, A_ub=-films, b_ub=np.zeros(len(films)), bounds=(-1.0, 1.0), method="highs"
    )
    return 0.0 if found.fun is None else -float(found.fun)
