"""Which films were misclassified, the surest mistakes first."""

import numpy as np

from thoracle.evaluation.inputs import EvaluationInput


def misclassified_films(inputs: EvaluationInput, *, limit: int) -> tuple[int, ...]:
    """Return indices of films whose most probable finding is not the reference.

    Parameters
    ----------
    inputs
        The films; those of unknown reference are no mistakes.
    limit
        At most so many, at least 0.

    Returns
    -------
    tuple of int
        Sorted by how much more probable the predicted finding was than the reference, the
        largest first; ties in the order of the films.
    """
    probabilities = np.asarray(inputs.probabilities, dtype=np.float64)
    prediction = np.argmax(probabilities, axis=1)
    wrong = np.flatnonzero((inputs.reference >= 0) & (prediction != inputs.reference))
    excess = probabilities[wrong, prediction[wrong]] - probabilities[wrong, inputs.reference[wrong]]
    order = np.argsort(-excess, kind="stable")[: max(0, limit)]
    return tuple(int(index) for index in wrong[order])
