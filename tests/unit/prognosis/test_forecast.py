"""Forecasts of a bundle: in the variable's unit, ascending, unknown where it knows nothing."""

from pathlib import Path

import numpy as np
from tests.unit.prognosis.test_model import at
from tests.unit.prognosis.test_network import chart

from thoracle.inference.bundle import open_bundle
from thoracle.prognosis.forecast import Forecaster, widened
from thoracle.prognosis.variables import VARIABLES, place_of


def test_forecasts_are_in_the_unit_and_within_the_plausible_range(risk_bundle: Path) -> None:
    found = Forecaster(open_bundle(str(risk_bundle))).predict([chart([400.0])], [at(1.0)])
    assert found.quantiles.shape == (1, 2, len(VARIABLES), 3)
    ldh = place_of("ldh")
    # One hundred above 300; 1 below and 2 above it, in three days twice as far.
    np.testing.assert_allclose(found.quantiles[0, 0, ldh], [300.0, 400.0, 600.0], rtol=1e-6)
    np.testing.assert_allclose(found.quantiles[0, 1, ldh], [200.0, 400.0, 800.0], rtol=1e-6)
    crp = found.quantiles[0, 0, place_of("hs_crp")]
    np.testing.assert_allclose(crp, np.exp([1.0, 2.0, 4.0]), rtol=1e-6)
    unknown = np.delete(found.quantiles, [ldh, place_of("hs_crp")], axis=2)
    assert np.isnan(unknown).all()


def test_nothing_is_told_of_no_landmarks(risk_bundle: Path) -> None:
    forecaster = Forecaster(open_bundle(str(risk_bundle)))
    assert forecaster.predict([], []).quantiles.shape == (0, 2, len(VARIABLES), 3)


def test_an_implausible_forecast_ends_at_the_limit(risk_bundle: Path) -> None:
    found = Forecaster(open_bundle(str(risk_bundle))).predict([chart([1.0])], [at(1.0)])
    ldh = place_of("ldh")
    assert found.quantiles[0, 1, ldh, 0] == VARIABLES[ldh].low


def test_widening_leaves_the_middle() -> None:
    quantiles = np.array([[[[1.0, 2.0, 4.0]], [[1.0, 2.0, 4.0]]]])
    found = widened(quantiles, np.array([1.0, 0.5]))
    assert found.tolist() == [[[[1.0, 2.0, 4.0]], [[1.5, 2.0, 3.0]]]]
