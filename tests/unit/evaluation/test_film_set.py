"""The shape of the figures is plain: numbers, names, and tuples and dicts of them."""

import dataclasses

from thoracle.core.results import Reason
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.figures import EvaluationFigures
from thoracle.evaluation.film_set import FindingRates, SetFigures

PLAIN = (int, float, str, type(None))


def leaves(value: object) -> list[object]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [
            leaf for one in dataclasses.fields(value) for leaf in leaves(getattr(value, one.name))
        ]
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in leaves(one)]
    if isinstance(value, tuple):
        return [leaf for one in value for leaf in leaves(one)]
    return [value]


def test_every_leaf_is_a_plain_python_value(figures: EvaluationFigures) -> None:
    odd = [leaf for leaf in leaves(figures) if type(leaf) not in {*PLAIN, bool}]
    assert odd == []


def test_every_rate_of_a_finding_is_an_estimate_with_a_count(figures: EvaluationFigures) -> None:
    assert isinstance(figures.overall, SetFigures)
    for rates in figures.overall.argmax:
        assert isinstance(rates, FindingRates)
        for name in ("sensitivity", "specificity", "ppv", "npv", "precision", "recall", "f1"):
            estimate = getattr(rates, name)
            assert isinstance(estimate, Estimate)
            assert estimate.n > 0
            assert estimate.reason is None or isinstance(estimate.reason, Reason)
