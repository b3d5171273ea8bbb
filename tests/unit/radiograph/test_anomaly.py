"""The anomaly map: an auto-encoder whose answers one can work out, and the shipped one."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import ndimage

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import BundleError
from thoracle.datasets.film_model import shipped_model
from thoracle.datasets.film_render import FilmRequest, draw_film
from thoracle.imaging.types import Radiograph
from thoracle.inference.bundle import SHIPPED, open_bundle
from thoracle.radiograph.analyze import Models, analyze
from thoracle.radiograph.anomaly import AnomalyExplainer, AnomalyFinder
from thoracle.radiograph.explain import mask_in_box
from thoracle.radiograph.gate import Gate
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier
from thoracle.radiograph.preprocess import classifier_input
from thoracle.radiograph.types import Lungs

SIDE = 32
Draw = Callable[..., FloatArray]
AsFilm = Callable[..., Radiograph]


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory, tiny: SimpleNamespace) -> AnomalyFinder:
    folder = tiny.write_bundle(tmp_path_factory.mktemp("made") / "anomaly", "anomaly")
    return AnomalyFinder(open_bundle(str(folder)))


@pytest.fixture
def lungs() -> Lungs:
    """Return the left half of a film of 64 × 64 as lungs, in a box of the whole film."""
    mask = np.zeros((32, 32), bool)
    mask[:, :16] = True
    return Lungs(mask=mask, box=(0, 0, 64, 64), found=True)


def with_blob() -> FloatArray:
    film = np.linspace(0.2, 0.4, 64 * 64, dtype=np.float32).reshape(64, 64)
    film[40:48, 10:18] = 1.0
    return film


def test_a_blob_gives_the_highest_anomaly_where_it_lies(
    finder: AnomalyFinder, lungs: Lungs
) -> None:
    found = finder.find(finder.input_of(with_blob(), lungs.box), lungs)
    assert found is not None
    row, column = divmod(int(found.values.argmax()), SIDE)
    assert 20 <= row < 24
    assert 5 <= column < 9
    assert found.box == (0, 0, 64, 64)
    assert found.scale_max == 4.0


def test_the_map_is_the_networks_own_and_not_stretched(finder: AnomalyFinder, lungs: Lungs) -> None:
    seen = classifier_input(with_blob(), lungs.box, size=SIDE) * 2 - 1
    np.testing.assert_allclose(finder.spreads(seen), 4 * np.maximum(seen, 0), atol=1e-5)
    np.testing.assert_allclose(finder.healthy(seen), 0.5)


def test_share_and_mean_are_those_inside_the_lungs(finder: AnomalyFinder, lungs: Lungs) -> None:
    found = finder.find(finder.input_of(with_blob(), lungs.box), lungs)
    assert found is not None
    inside = mask_in_box(lungs, rows=SIDE, columns=SIDE)
    assert found.lung_mean == pytest.approx(float(found.values[inside].mean()))
    assert found.lung_share == pytest.approx(
        float(found.values[inside].sum() / found.values.sum()), rel=1e-5
    )


def test_a_film_without_lungs_has_no_anomaly_map(finder: AnomalyFinder) -> None:
    nowhere = Lungs(mask=np.zeros((32, 32), bool), box=(0, 0, 64, 64), found=False)
    assert finder.find(with_blob(), nowhere) is None


def test_a_larger_crop_gives_the_map_of_the_networks_own_size(
    finder: AnomalyFinder, lungs: Lungs
) -> None:
    large = finder.spreads(finder.input_of(with_blob(), lungs.box))
    own = finder.spreads(classifier_input(with_blob(), lungs.box, size=SIDE) * 2 - 1)
    assert large.shape == own.shape == (SIDE, SIDE)
    # Another filter softens the blob's edge otherwise; elsewhere the two are the same.
    assert np.corrcoef(large.ravel(), own.ravel())[0, 1] > 0.95
    assert float(np.median(np.abs(large - own))) < 0.05


def test_among_explainers_it_is_the_same_for_each_finding_in_the_films_frame(
    finder: AnomalyFinder, lungs: Lungs
) -> None:
    maps = AnomalyExplainer(finder, findings=3).explain(with_blob(), lungs)
    assert maps.shape == (3, 64, 64)
    np.testing.assert_array_equal(maps[0], maps[2])
    row, column = divmod(int(maps[0].argmax()), 64)
    assert 40 <= row < 48
    assert 10 <= column < 18


def test_a_bundle_of_another_task_is_refused(shared_bundles: Path) -> None:
    with pytest.raises(BundleError, match="task 'lungs' – expected task 'anomaly'"):
        AnomalyFinder(open_bundle(str(shared_bundles / "lungs")))


def test_the_map_changes_nothing_of_the_findings(
    shared_bundles: Path, finder: AnomalyFinder, draw: Draw, as_film: AsFilm
) -> None:
    opened = {
        "gate": Gate(open_bundle(str(shared_bundles / "gate"))),
        "lungs": LungFinder(open_bundle(str(shared_bundles / "lungs"))),
        "classifier": Classifier(open_bundle(str(shared_bundles / "radiograph"))),
    }
    without = analyze(as_film(draw()), Models(**opened))  # type: ignore[arg-type]
    models = Models(**opened, anomaly=finder)  # type: ignore[arg-type]
    found = analyze(as_film(draw()), models)
    assert without.anomaly is None
    assert found.anomaly is not None
    assert found.findings == without.findings
    assert found.warnings == without.warnings
    assert len(found.maps) == len(without.maps)
    assert analyze(as_film(draw()), models, with_maps=False).anomaly is None
    assert analyze(as_film(draw("ct")), models).anomaly is None


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_shipped_bundle_marks_an_opacity_that_is_put_into_a_film(number: int) -> None:
    finder = AnomalyFinder(open_bundle(str(SHIPPED / "anomaly")))
    lung_finder = LungFinder(open_bundle(str(SHIPPED / "lungs")))
    plain, opaque = (
        draw_film(
            shipped_model(),
            FilmRequest(
                finding="No finding", seed=4, number=number, size=256, with_opacity=with_opacity
            ),
        )
        for with_opacity in (False, True)
    )
    assert opaque.opacity_mask is not None
    lungs = lung_finder.locate(plain.pixels)
    explainer = AnomalyExplainer(finder, findings=1)
    rise = explainer.explain(opaque.pixels, lungs)[0] - explainer.explain(plain.pixels, lungs)[0]
    place = np.unravel_index(int(rise.argmax()), rise.shape)
    assert ndimage.binary_dilation(opaque.opacity_mask, iterations=8)[place]
    assert float(rise.max()) > 1.0
