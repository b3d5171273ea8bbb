"""Maps: how much lies in the lungs, and what taking it away does, for maps that are known."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.core.progress import no_progress
from thoracle.datasets.counterfactuals import on_film_grid
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.verdicts import Outcome
from thoracle.jobs.audit.films import AuditFilms
from thoracle.jobs.audit.maps import CENTER, RANDOM, audit_maps
from thoracle.jobs.audit.models import AuditModels
from thoracle.radiograph.types import Lungs

Looked = Callable[[str], tuple[AuditFilms, AuditModels]]


class Drawn:
    """An explainer that points where it is told, whatever the film."""

    def __init__(self, name: str, draw: Callable[[FloatArray, Lungs], FloatArray]) -> None:
        self.name = name
        self._draw = draw

    def explain(self, pixels: FloatArray, lungs: Lungs) -> FloatArray:
        return np.stack([self._draw(pixels, lungs)] * 3)


def in_lungs(pixels: FloatArray, lungs: Lungs) -> FloatArray:
    rows, columns = pixels.shape
    return on_film_grid(lungs.mask, rows=rows, columns=columns).astype(np.float32)


def outside(pixels: FloatArray, lungs: Lungs) -> FloatArray:
    return 1 - in_lungs(pixels, lungs)


def test_shares_and_verdicts_of_known_maps(looked: Looked, lab: SimpleNamespace) -> None:
    films, models = looked("lungs")
    chosen = films.select(films.reference > 0).sample(6, seed=0)
    explainers = (
        Drawn("lungs", in_lungs),
        Drawn("outside", outside),
        Drawn("even", lambda pixels, _lungs: np.ones_like(pixels)),
        Drawn("empty", lambda pixels, _lungs: np.zeros_like(pixels)),
    )
    section = audit_maps(chosen, models.classifier, explainers, lab.options, no_progress)
    outcome = {(one.test, one.subject): one.outcome for one in section.verdicts}
    assert outcome["lung_share", "lungs"] is Outcome.PASSES
    assert outcome["lung_share", "outside"] is Outcome.FAILS
    assert outcome["lung_share", "empty"] is Outcome.CANNOT_TELL
    # The classifier reads the lungs: taking them away first lowers the score first.
    assert outcome["beats_random", "lungs"] is Outcome.PASSES
    assert outcome["beats_random", "outside"] is Outcome.FAILS
    shares, areas = section.tables
    by_name = {row[0]: row for row in shares.rows}
    for name, expected in (("lungs", 0.97), ("outside", 0.03)):
        figure = by_name[name][3]
        assert isinstance(figure, Estimate)
        assert figure.value == pytest.approx(expected, abs=0.04)
    even, area = by_name["even"][3], by_name["even"][4]
    assert isinstance(even, Estimate)
    assert isinstance(area, Estimate)
    assert even.value == pytest.approx(area.value, abs=0.01)
    assert by_name["empty"][1:3] == (12, 12)
    assert [row[0] for row in areas.rows] == ["lungs", "outside", "even", "empty", RANDOM, CENTER]


def test_curves_start_at_the_film_and_end_without_it(looked: Looked, lab: SimpleNamespace) -> None:
    films, models = looked("lungs")
    chosen = films.select(films.reference == 1).sample(5, seed=0)
    section = audit_maps(
        chosen, models.classifier, (Drawn("lungs", in_lungs),), lab.options, no_progress
    )
    deletion, insertion = section.charts
    own = films.probabilities(chosen.logits)[:, 1].mean()
    for curve in deletion.curves:
        assert curve.figures[0].value == pytest.approx(own, abs=1e-6)
    for curve, other in zip(deletion.curves, insertion.curves, strict=True):
        assert curve.places[0] == 0
        assert curve.places[-1] == 1
        assert other.figures[-1].value == pytest.approx(own, abs=1e-6)
        assert other.figures[0].value == pytest.approx(curve.figures[-1].value)


def test_films_without_lungs_are_left_out(looked: Looked, lab: SimpleNamespace) -> None:
    films, models = looked("lungs")
    none = Lungs(mask=np.zeros((32, 32), bool), box=(0, 0, 140, 140), found=False)
    blind = AuditFilms(
        manifest=films.manifest, films=films.films[:3], lungs=(none,) * 3,
        logits=films.logits[:3], embeddings=films.embeddings[:3], tones=films.tones[:3],
        temperature=films.temperature,
    )  # fmt: skip
    found = audit_maps(blind, models.classifier, (), lab.options, no_progress)
    assert found.verdicts == ()
