"""Who is judged on films that it has seen is told so, and who is not, is not."""

from dataclasses import replace
from pathlib import Path

import pytest

from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.jobs.evaluation_cautions import scope_cautions
from thoracle.jobs.evaluation_scope import EvaluationScope

MANIFEST = Manifest(films=(Film(path="a", source="one"),), root=Path("/nowhere"))
OTHER = Manifest(films=(Film(path="b", source="one"),), root=Path("/nowhere"))
SCOPE = EvaluationScope(name="x", manifest=MANIFEST)
OWN_SPLIT = {"splits": {"a": "test"}, "split_sha256": "5" * 64}


@pytest.fixture
def bundle(bundles: Path) -> Bundle:
    """A classifier that was trained on the manifest, with a split of its own."""
    folder = bundles / "radiograph"
    table = read_description(folder)
    table["training"] = {"manifest_digest": MANIFEST.digest, "split_sha256": "5" * 64}
    write_description(folder, table)
    return open_bundle("radiograph")


def codes(bundle: Bundle, scope: EvaluationScope) -> list[str]:
    return [one.code for one in scope_cautions(bundle, scope)]


def test_the_training_manifest_without_a_split_is_cautioned_against(bundle: Bundle) -> None:
    (caution,) = scope_cautions(bundle, SCOPE)
    assert caution.code == "training-films"
    assert "no split was given" in caution.text


def test_another_manifest_is_not(bundle: Bundle) -> None:
    assert codes(bundle, replace(SCOPE, manifest=OTHER)) == []


@pytest.mark.parametrize(
    ("part", "expected"),
    [("train", ["training-films"]), ("calibrate", ["training-films"]), ("test", []),
     ("external", [])],
)  # fmt: skip
def test_of_the_bundles_own_split_only_what_it_has_not_seen_is_fair(
    bundle: Bundle, part: str, expected: list[str]
) -> None:
    scope = replace(SCOPE, part=part, splits={"a": part}, split_sha256="5" * 64)
    assert codes(bundle, scope) == expected


def test_another_split_of_the_training_manifest_is_cautioned_against(bundle: Bundle) -> None:
    scope = replace(SCOPE, splits={"a": "test"}, split_sha256="6" * 64)
    assert codes(bundle, scope) == ["other-split"]
    assert codes(bundle, replace(scope, split_sha256=None)) == []


@pytest.mark.parametrize(
    ("name", "manifest", "expected"),
    [("north", OTHER, ["calibration-films"]), ("north", MANIFEST, []), ("shipped", OTHER, [])],
)
def test_films_that_a_sites_calibration_was_fitted_to_are_cautioned_against(
    bundle: Bundle, name: str, manifest: Manifest, expected: list[str]
) -> None:
    table = read_description(bundle.folder)
    table["training"] = {}
    table["calibrations"] = [{"name": name, "manifest_digest": OTHER.digest}]
    write_description(bundle.folder, table)
    opened = open_bundle(str(bundle.folder))
    assert codes(opened, replace(SCOPE, manifest=manifest)) == expected
