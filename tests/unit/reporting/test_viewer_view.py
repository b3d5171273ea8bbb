"""The viewer is told addresses, choices and scales; its colors are those that it knows."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import thoracle.web
from thoracle.core.languages import language
from thoracle.core.results import AnomalyMap, ContributionMap, FileResult, Finding, Status
from thoracle.reporting.colormaps import COLORMAPS, colormap_table
from thoracle.reporting.overlay import DEFAULT_OPACITY
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
        "full_at": 1.2345 / 2,
        "unit": "Contribuição para a pontuação, na unidade do logit",
        "share": "25 % deste mapa ficam dentro dos pulmões.",
    }
    assert maps[7]["share"] == ""
    assert view.findings == (("No finding", "Sem achados"), ("COVID-19", "COVID-19"))
    assert view.methods == (("gradcam", "Grad-CAM"), ("gradcam++", "Grad-CAM++"))
    assert [value for value, _ in view.layers] == ["last", "earlier"]
    assert view.chosen == "COVID-19"


def test_the_viewer_draws_with_the_colors_and_the_opacity_of_printed_overlays() -> None:
    view = viewer_view(
        _result(),
        viewer_id="x",
        size=FilmSize(rows=30, columns=20, bits=16, window=(0, 65535)),
        addresses=ViewerAddresses(
            film="/f.nii", maps=tuple(f"/{i}.nii" for i in range(8)), rim=None
        ),
        pictures=(),
        language=language("en"),
    )
    tables = view.config["tables"]
    assert isinstance(tables, dict)
    assert set(tables) == set(COLORMAPS) <= set(view.colors)
    for name, said in tables.items():
        assert bytes.fromhex(said) == colormap_table(name).tobytes()
    assert view.opacity_percent == pytest.approx(100 * DEFAULT_OPACITY)


def test_the_colors_are_known_to_the_viewer_and_there_are_at_least_six() -> None:
    script = (STATIC / "vendor" / "niivue.js").read_text("utf-8")
    assert len(COLORS) >= 6
    for name in COLORS:
        assert re.search(rf"\b{name}\b", script), name


def test_the_anomaly_map_is_a_method_of_its_own_of_no_finding_and_no_layer() -> None:
    anomaly = AnomalyMap(
        values=np.zeros((2, 2), np.float32), scale_max=4.0, box=(0, 0, 4, 4), lung_share=0.4,
        lung_mean=1.0,
    )  # fmt: skip
    view = viewer_view(
        replace(_result(), anomaly=anomaly),
        viewer_id="x",
        size=FilmSize(rows=30, columns=20, bits=16, window=(0, 65535)),
        addresses=ViewerAddresses(
            film="/f.nii", maps=tuple(f"/{i}.nii" for i in range(9)), rim=None
        ),
        pictures=(),
        language=language("en"),
    )
    maps = view.config["maps"]
    assert isinstance(maps, list)
    last = maps[8]
    assert (last["url"], last["label"], last["layer"], last["method"]) == (
        "/8.nii", None, None, "anomaly",
    )  # fmt: skip
    assert last["full_at"] == 2.0
    assert last["unit"] == "Anomaly, in spreads of normal films"
    assert "No finding’s score comes from this map" in last["share"]
    assert "40 % of this map lies inside the lungs." in last["share"]
    assert view.methods[-1] == ("anomaly", "Anomaly (of no finding)")
    assert len(view.findings) == 2
    assert len(view.layers) == 2


def test_the_script_takes_a_map_without_a_finding_for_every_finding() -> None:
    script = (STATIC / "viewer.js").read_text(encoding="utf-8")
    assert "one.label === null" in script
    assert "map.unit" in script
