"""Maps have one name each, in the viewer's choices as in tables and captions."""

from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.languages import language
from thoracle.core.results import AnomalyMap, ContributionMap, FileResult, Status
from thoracle.reporting.analysis_view import PictureAddresses, view_of
from thoracle.reporting.map_names import map_names, method_title
from thoracle.reporting.viewer_view import FilmSize, ViewerAddresses, viewer_view


def _result() -> FileResult:
    values = np.zeros((2, 2), np.float32)
    maps = tuple(
        ContributionMap(
            label="No finding", layer=layer, method=method, values=values, scale_max=1.0,
            box=(0, 0, 4, 4), lung_share=None,
        )
        for layer in ("features.norm5", "features.denseblock3")
        for method in ("gradcam", "gradcam++")
    )  # fmt: skip
    anomaly = AnomalyMap(
        values=values, scale_max=4.0, box=(0, 0, 4, 4), lung_share=None, lung_mean=None
    )
    return FileResult(file="a", sha256="0" * 64, status=Status.ANALYZED, maps=maps, anomaly=anomaly)


def test_layer_and_method_are_named_and_the_anomaly_map_has_neither() -> None:
    names = map_names(_result(), language("en"))
    assert [(one.subject, one.layer, one.method) for one in names] == [
        ("No finding", "last layer (features.norm5)", "Grad-CAM"),
        ("No finding", "last layer (features.norm5)", "Grad-CAM++"),
        ("No finding", "earlier layer (features.denseblock3)", "Grad-CAM"),
        ("No finding", "earlier layer (features.denseblock3)", "Grad-CAM++"),
        ("Anomaly (of no finding)", "–", "–"),
    ]
    assert map_names(replace(_result(), maps=(), anomaly=None), language("en")) == ()


def test_an_unknown_method_keeps_its_name() -> None:
    assert method_title("layercam") == "layercam"


@pytest.mark.parametrize("code", ["en", "pt"])
def test_tables_and_the_viewer_use_the_same_words(code: str) -> None:
    result, spoken = _result(), language(code)
    rows = view_of(result, addresses=PictureAddresses(), language=spoken).maps
    viewer = viewer_view(
        result,
        viewer_id="x",
        size=FilmSize(rows=4, columns=4, bits=8, window=(0, 255)),
        addresses=ViewerAddresses(film="f", maps=tuple("01234"), rim=None),
        pictures=(),
        language=spoken,
    )
    layers, methods = dict(viewer.layers), dict(viewer.methods)
    for one, row in zip(result.maps, rows, strict=False):
        assert (row.layer, row.method) == (layers[one.layer], methods[one.method])
    assert rows[-1].label == methods["anomaly"]
