"""Robustness: curves over strengths, the gate's refusals, and two verdicts a family."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from thoracle.core.progress import no_progress
from thoracle.datasets.disturbances import DISTURBANCES
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.verdicts import Outcome
from thoracle.jobs.audit.films import AuditFilms
from thoracle.jobs.audit.models import AuditModels
from thoracle.jobs.audit.robustness import audit_robustness

Looked = Callable[[str], tuple[AuditFilms, AuditModels]]


def test_every_strength_has_its_figures_and_every_family_its_verdicts(
    looked: Looked, lab: SimpleNamespace
) -> None:
    films, models = looked("lungs")
    section = audit_robustness(films.sample(4, seed=0), models, lab.options, no_progress)
    names = [one.name for one in DISTURBANCES]
    assert [(one.test, one.subject) for one in section.verdicts] == [
        (test, name) for name in names for test in ("agreement", "disturbance")
    ]
    assert [one.title for one in section.charts] == names
    (table,) = section.tables
    assert len(table.rows) == 1 + sum(len(one.strengths) for one in DISTURBANCES)
    untouched = table.rows[0]
    assert untouched[:2] == ("none", "")
    same, refused = untouched[5], untouched[6]
    assert isinstance(same, Estimate)
    assert isinstance(refused, Estimate)
    assert same.value == 1.0
    assert refused.n == 12
    for chart, family in zip(section.charts, DISTURBANCES, strict=True):
        assert chart.level == family.everyday
        for curve in chart.curves:
            assert curve.places == family.strengths
            assert len(curve.figures) == len(family.strengths) >= 5
    verdicts = {(one.test, one.subject): one for one in section.verdicts}
    everyday = verdicts["agreement", "blur"].estimate
    curve = next(one for one in section.charts[2].curves if one.name.startswith("Same"))
    assert everyday == curve.figures[1]
    assert verdicts["disturbance", "blur"].outcome is Outcome.CANNOT_TELL  # four films a finding


def test_the_gate_refuses_films_that_are_too_small(looked: Looked, lab: SimpleNamespace) -> None:
    films, models = looked("lungs")
    section = audit_robustness(films.sample(4, seed=0), models, lab.options, no_progress)
    refused = next(one for one in section.charts[-1].curves if one.name == "Refused by the gate")
    # The planted films have 140 pixels; the gate needs 128, the last strength leaves 96.
    assert refused.figures[-1].value == pytest.approx(1.0)
    assert (refused.figures[0].value or 0.0) <= 1.0
