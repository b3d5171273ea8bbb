"""The viewer is told addresses, choices and scales; its colors are those that it knows."""

import re
from pathlib import Path

import numpy as np

import thoracle.web
from thoracle.core.languages import language
from thoracle.core.results import ContributionMap, FileResult, Finding, Status
from thoracle.reporting.viewer_view import COLORS, FilmSize, ViewerAddresses, viewer_view

STATIC = Path(str(thoracle.web.__file__)).parent / "static"


def _result() -> FileResult:
    findings = tuple(
        Finding(label=label, logit=0, probability=chance, threshold=0.3, is_positive=False)
        for label, chance in (("No finding", 0.4), ("COVID-19", 0.6))
    )
    maps = tuple(
        ContributionMap(
            label=label,
            layer=layer,
            method=method,
            values=np.zeros((2, 2), np.float32),
            scale_max=1.2345,
            box=(0, 0, 4, 4),
            lung_share=0.25 if layer == "last" else None,
        )
        for layer in ("last", "earlier")
        for method in ("gradcam", "gradcam++")
        for label in ("No finding", "COVID-19")
    )
    return FileResult(
        file="a", sha256="0" * 64, status=Status.ANALYZED, findings=findings, maps=maps
    )


def test_every_map_has_its_address_scale_and_share() -> None:
    addresses = ViewerAddresses(
        film="/f.nii", maps=tuple(f"/{i}.nii" for i in range(8)), rim="/rim.nii"
    )
    view = viewer_view(
        _result(),
        viewer_id="x",
        size=FilmSize(rows=30, columns=20, bits=16, window=(0, 65535)),
        addresses=addresses,
        pictures=(),
        language=language("pt"),
    )
    assert view.config["size_mm"] == [20, 30]
    assert view.config["window"] == [0, 65535]
    maps = view.config["maps"]
    assert isinstance(maps, list)
    assert maps[1] == {
        "url": "/1.nii",
        "label": "COVID-19",
        "method": "gradcam",
        "layer": "last",
        "scale_max": 1.2345,
        "scale_text": "1,23",
        "share": "25 % deste mapa ficam dentro dos pulmões.",
    }
    assert maps[7]["share"] == ""
    assert view.findings == (("No finding", "Sem achados"), ("COVID-19", "COVID-19"))
    assert view.methods == (("gradcam", "Grad-CAM"), ("gradcam++", "Grad-CAM++"))
    assert [value for value, _ in view.layers] == ["last", "earlier"]
    assert view.chosen == "COVID-19"


def test_the_colors_are_known_to_the_viewer_and_there_are_at_least_six() -> None:
    script = (STATIC / "vendor" / "niivue.js").read_text("utf-8")
    assert len(COLORS) >= 6
    for name in COLORS:
        assert re.search(rf"\b{name}\b", script), name
