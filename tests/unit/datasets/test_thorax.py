"""The synthetic thorax: its volumes are sums of formulas, and what has no formula is refused."""

from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.errors import EvaluationError
from thoracle.ct.types import CONSOLIDATION, LUNG
from thoracle.datasets.thorax import Thorax, scattered_lesions, volumes_of
from thoracle.datasets.thorax_shapes import Layer, Lesion

LESION = Lesion(center_mm=(20.0, 10.0, 75.0), half_mm=(30.0, 25.0, 20.0), core=0.6)


def test_the_volumes_of_a_thorax_are_sums_of_its_parts() -> None:
    layer = Layer(side=-1, share=0.7, label=CONSOLIDATION)
    thorax = Thorax(lesions=(LESION,), layers=(layer,))
    volumes = volumes_of(thorax)
    assert volumes.lung_ml == (thorax.lungs[0].volume_ml, thorax.lungs[1].volume_ml)
    assert volumes.ground_glass_ml == (0.0, LESION.ground_glass_ml)
    assert volumes.consolidation_ml == (thorax.lungs[0].behind_ml(0.7), LESION.consolidation_ml)
    ill = LESION.volume_ml + thorax.lungs[0].behind_ml(0.7)
    assert volumes.percentage_of_infection == pytest.approx(100 * ill / sum(volumes.lung_ml))


@pytest.mark.parametrize(
    "lesions",
    [
        (replace(LESION, center_mm=(20.0, 10.0, 20.0)),),
        (LESION, replace(LESION, center_mm=(45.0, 10.0, 75.0))),
        (LESION, replace(LESION, half_mm=(5.0, 5.0, 5.0))),
    ],
    ids=["leaves its lung", "meets another", "inside another"],
)
def test_a_lesion_that_no_formula_holds_for_is_refused(lesions: tuple[Lesion, ...]) -> None:
    with pytest.raises(EvaluationError) as caught:
        volumes_of(Thorax(lesions=lesions))
    assert caught.value.code == "phantom-overlap"


def test_a_lesion_in_a_layer_is_refused() -> None:
    back = replace(LESION, center_mm=(20.0, 40.0, 75.0))
    with pytest.raises(EvaluationError, match="leaves its lung or meets another"):
        volumes_of(Thorax(lesions=(back,), layers=(Layer(side=1, share=0.3, label=LUNG),)))


def test_scattered_lesions_have_a_formula_and_repeat_with_their_seed() -> None:
    first, again = (scattered_lesions(8, rng=np.random.default_rng(2)) for _ in range(2))
    assert first == again
    assert len(first) == 8
    assert volumes_of(Thorax(lesions=first)).percentage_of_infection > 0.0


def test_more_lesions_than_fit_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thoracle.datasets.thorax._TRIES", 2)
    with pytest.raises(EvaluationError, match="of 20 lesions – expected all"):
        scattered_lesions(20, rng=np.random.default_rng(2), largest_mm=60.0)
