"""The gate's report counts acceptance and refusal by kind."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import EvaluationError
from thoracle.datasets.film import Population
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.evaluate_gate import evaluate_gate
from thoracle.jobs.evaluation_scope import EvaluationScope

RECIPE = """
seed = 1
untrained_kinds = ["other_radiograph", "not_radiograph"]
[[collections]]
kind = "other_radiograph"
folder = "knees"
[[collections]]
kind = "not_radiograph"
folder = "photographs"
"""


@pytest.fixture
def gate_folder(gate_with_recipe: Callable[[str], Path]) -> Path:
    return gate_with_recipe(RECIPE)


@pytest.fixture
def scope(
    tmp_path: Path,
    collection: Manifest,
    draw: Callable[..., FloatArray],
    as_png: Callable[[FloatArray], bytes],
) -> EvaluationScope:
    for folder, kind in (("knees", "other_radiograph"), ("photographs", "not_radiograph")):
        (tmp_path / folder).mkdir()
        for number in range(4):
            (tmp_path / folder / f"{number}.png").write_bytes(as_png(draw(kind)))
    splits = {film.path: "test" for film in collection.films}
    return EvaluationScope(name="x", manifest=collection, splits=splits, collections=tmp_path)


def rows(report: bytes) -> dict[tuple[str, str], dict[str, float]]:
    return {(row["group"], row["wanted"]): row for row in json.loads(report)["rows"]}


def test_kinds_are_refused_and_named_and_frontal_films_are_not(
    gate_folder: Path, scope: EvaluationScope
) -> None:
    report = evaluate_gate(open_bundle(str(gate_folder)), scope)
    found = rows(report.json)
    assert found["frontal", "falsely refused"]["value"] == 0.0
    assert found["frontal", "falsely refused"]["n"] == 60
    assert found["other_radiograph", "refused"]["value"] == 1.0
    assert found["not_radiograph", "kind or angle named"]["value"] == 1.0
    assert found["frontal turned by 180°", "kind or angle named"]["value"] == 1.0
    assert found["frontal, photographed screen", "falsely refused"]["n"] == 30


def test_the_papers_make_up_uses_fewer_where_fewer_are_held_out(
    gate_folder: Path, scope: EvaluationScope
) -> None:
    report = evaluate_gate(open_bundle(str(gate_folder)), scope)
    name = "PUC-RIO's make-up (60 valid, 60 turned, 4 other radiograph, 4 not a radiograph)"
    row = rows(report.json)[name, "accuracy"]
    assert row["n"] == 128
    assert row["value"] == 1.0


def test_without_collections_it_says_what_to_give(gate_folder: Path, collection: Manifest) -> None:
    with pytest.raises(EvaluationError, match="--collections"):
        evaluate_gate(open_bundle(str(gate_folder)), EvaluationScope(name="x", manifest=collection))


def test_without_a_split_every_film_of_the_manifest_is_judged(
    gate_folder: Path, scope: EvaluationScope
) -> None:
    report = evaluate_gate(open_bundle(str(gate_folder)), replace(scope, splits=None, part="tune"))
    found = rows(report.json)
    assert found["frontal", "falsely refused"]["n"] == 60
    assert found["other_radiograph", "refused"]["n"] == 4
    assert report.markdown.startswith(
        "Scope: all films; all sources; all ages; of the collections the test part; 95 % Wilson"
    )


def test_what_cannot_be_read_is_left_out_and_named(
    gate_folder: Path, scope: EvaluationScope, tmp_path: Path
) -> None:
    scope.manifest.resolve(scope.manifest.films[0]).write_bytes(b"no picture")
    (tmp_path / "knees" / "0.png").write_bytes(b"no picture")
    content = json.loads(evaluate_gate(open_bundle(str(gate_folder)), scope).json)
    assert sorted(content["unreadable"]) == ["knees/0.png", "there/f00.png"]
    assert content["provenance"]["films"] == "66"
    assert content["cautions"][-1]["text"] == "2 films could not be read and are left out."
    assert {row["n"] for row in content["rows"] if row["group"] == "frontal"} == {59}


def test_sources_narrow_manifest_and_collections(gate_folder: Path, scope: EvaluationScope) -> None:
    bundle = open_bundle(str(gate_folder))
    found = rows(evaluate_gate(bundle, replace(scope, sources=("here", "knees"))).json)
    assert found["frontal", "falsely refused"]["n"] == 30
    assert found["other_radiograph", "refused"]["n"] == 4
    assert ("not_radiograph", "refused") not in found


def test_populations_narrow_the_manifest(gate_folder: Path, scope: EvaluationScope) -> None:
    films = [
        replace(film, population=Population.CHILD) if place < 10 else film
        for place, film in enumerate(scope.manifest.films)
    ]
    children = replace(scope, manifest=scope.manifest.select(films), populations=("child",))
    found = rows(evaluate_gate(open_bundle(str(gate_folder)), children).json)
    assert found["frontal", "falsely refused"]["n"] == 10
    assert found["other_radiograph", "refused"]["n"] == 4


def test_a_scope_without_a_picture_is_refused(gate_folder: Path, scope: EvaluationScope) -> None:
    with pytest.raises(EvaluationError, match="found no film for evaluation"):
        evaluate_gate(open_bundle(str(gate_folder)), replace(scope, sources=("nowhere",)))


def test_the_page_shows_the_rows_of_the_table(gate_folder: Path, scope: EvaluationScope) -> None:
    report = evaluate_gate(open_bundle(str(gate_folder)), scope)
    assert report.html is not None
    assert "<td>4</td><td>refused</td><td>100.0 % (51.0–100.0)</td>" in report.html
    assert "| other_radiograph | 4 | refused | 100.0 % (51.0–100.0) |" in report.markdown
