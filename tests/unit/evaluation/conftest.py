"""Made-up films shared by the tests of evaluation."""

import numpy as np
import pytest

from thoracle.evaluation.figures import EvaluationFigures, evaluate_classifier
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.simulated import simulated_input


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(20)


@pytest.fixture(scope="session")
def films() -> EvaluationInput:
    return simulated_input(
        films=240,
        separation=2.0,
        overconfidence=2.0,
        generator=np.random.default_rng(3),
        thresholds=(0.3, 0.4, 0.5),
    )


@pytest.fixture(scope="session")
def figures(films: EvaluationInput) -> EvaluationFigures:
    return evaluate_classifier(
        films, generator=np.random.default_rng(4), options=EvaluationOptions(resamples=200)
    )
