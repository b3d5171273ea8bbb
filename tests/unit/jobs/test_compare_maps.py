"""Every map is asked the same questions on the same films."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import ManifestError, SettingError
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.jobs.audit.options import AuditOptions
from thoracle.jobs.compare_maps import MapBundles, compare_maps
from thoracle.jobs.evaluation_scope import EvaluationScope

OPTIONS = AuditOptions(explained_per_finding=2, resamples=50)
LABELS = ("normal", "bacterial", "covid-19")
ROWS, COLUMNS = 256, 240
NAMES = (
    "last/gradcam", "last/gradcam++", "early/gradcam", "early/gradcam++", "occlusion", "anomaly",
)  # fmt: skip


@pytest.fixture
def boxed(
    tmp_path: Path, draw: Callable[..., FloatArray], as_png: Callable[[FloatArray], bytes]
) -> tuple[Manifest, Path]:
    """Nine films of one source; the first six have a bright patch, and readers boxed it."""
    films, lines = [], ["Image Index,Finding Label,Bbox [x,y,w,h]"]
    for number in range(9):
        pixels = draw()
        if number < 6:
            pixels[160:200, 50:90] = 1.0
            left, top = 50 / COLUMNS * 1024, 160 / ROWS * 1024
            width, height = 40 / COLUMNS * 1024, 40 / ROWS * 1024
            lines.append(f"{number:02d}.png,Pneumonia,{left},{top},{width},{height}")
        (tmp_path / f"{number:02d}.png").write_bytes(as_png(pixels))
        label = LABELS[number % 3]
        films.append(
            Film(
                path=f"{number:02d}.png", source="nih", label=label, view="PA", patient=f"{number}"
            )
        )
    table = tmp_path / "boxes.csv"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Manifest(films=tuple(films), root=tmp_path), table


@pytest.fixture
def named(bundles: Path, tiny: SimpleNamespace) -> MapBundles:
    tiny.write_bundle(bundles / "anomaly", "anomaly")
    return MapBundles(classifier="radiograph", anomaly=("anomaly",))


def test_tables_hold_every_map_and_the_bright_patch_is_found_by_what_marks_brightness(
    named: MapBundles, boxed: tuple[Manifest, Path]
) -> None:
    manifest, boxes = boxed
    splits = {film.path: "test" if film.path < "03" else "train" for film in manifest.films}
    scope = EvaluationScope(name="x", manifest=manifest, splits=splits)
    found = compare_maps(named, scope, OPTIONS, boxes=boxes)
    content = json.loads(found.json)
    shares, areas, everyone, unseen = content["tables"]
    assert tuple(row[0] for row in shares["rows"]) == NAMES
    assert {row[0] for row in areas["rows"]} >= {*NAMES, "random order"}
    assert everyone["caption"] == "Boxes of readers, all (6 films)"
    assert unseen["caption"].endswith("did not learn from (3 films)")
    by_name = {row[0]: row[1:] for row in everyone["rows"]}
    assert by_name["anomaly"][0].startswith("1.000")
    assert by_name["chance"][1].startswith("0.500")
    assert found.films_html is None
    assert content["provenance"]["digest of anomaly"]
    for text in (found.markdown, found.html):
        assert "the anomaly map is of none" in text
        assert "data:image/png" not in text


def test_boxes_that_cannot_be_read_are_told_before_any_model_is_opened(
    boxed: tuple[Manifest, Path], tmp_path: Path
) -> None:
    scope = EvaluationScope(name="x", manifest=boxed[0])
    nowhere = MapBundles(classifier="nowhere", anomaly=("nowhere",))
    with pytest.raises(ManifestError, match=r"found no boxes in .*nope\.csv"):
        compare_maps(nowhere, scope, OPTIONS, boxes=tmp_path / "nope.csv")
    with pytest.raises(SettingError, match="found color map 'pink'"):
        compare_maps(nowhere, scope, OPTIONS, boxes=None, colormap="pink")


def test_a_page_with_films_is_written_only_when_asked_for(
    named: MapBundles, boxed: tuple[Manifest, Path], tmp_path: Path
) -> None:
    manifest, boxes = boxed
    scope = EvaluationScope(name="x", manifest=manifest)
    found = compare_maps(named, scope, OPTIONS, boxes=boxes, colormap="viridis")
    found.write(tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"maps.html", "maps.json", "maps.md", "maps-films.html"}
    sheet = (tmp_path / "out" / "maps-films.html").read_text("utf-8")
    assert sheet.count("data:image/png") == 6 * (1 + len(NAMES))


def test_without_boxes_only_shares_and_faithfulness_are_told(
    named: MapBundles, boxed: tuple[Manifest, Path]
) -> None:
    scope = EvaluationScope(name="x", manifest=boxed[0])
    content = json.loads(compare_maps(named, scope, OPTIONS, boxes=None).json)
    titles = [one["caption"] for one in content["tables"]]
    assert titles == ["Share of maps inside the lungs", "Deletion and insertion"]


def test_a_film_that_cannot_be_read_is_left_out_of_the_boxes(
    named: MapBundles, boxed: tuple[Manifest, Path]
) -> None:
    manifest, boxes = boxed
    manifest.resolve(manifest.films[0]).write_bytes(b"no picture")
    scope = EvaluationScope(name="x", manifest=manifest)
    content = json.loads(compare_maps(named, scope, OPTIONS, boxes=boxes).json)
    assert content["tables"][2]["caption"] == "Boxes of readers, all (5 films)"


def test_the_same_seed_gives_the_same_figures(
    named: MapBundles, boxed: tuple[Manifest, Path]
) -> None:
    scope = EvaluationScope(name="x", manifest=boxed[0])
    first, second = (compare_maps(named, scope, OPTIONS, boxes=boxed[1]).json for _ in range(2))
    assert first == second
    assert np.array(json.loads(first)["tables"][0]["rows"]).shape[0] == len(NAMES)
