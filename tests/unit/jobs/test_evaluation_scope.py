"""The scope says which films are judged, and refuses to judge none."""

from pathlib import Path

import pytest

from thoracle.core.errors import EvaluationError
from thoracle.datasets.film import Film, Population
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.evaluation_scope import EvaluationScope, Report, provenance

FILMS = (
    Film(path="a", source="one", population=Population.CHILD),
    Film(path="b", source="one", population=Population.ADULT),
    Film(path="c", source="two"),
)
MANIFEST = Manifest(films=FILMS, root=Path("/nowhere"))


def chosen(**options: object) -> list[str]:
    scope = EvaluationScope(name="x", manifest=MANIFEST, **options)  # type: ignore[arg-type]
    return [film.path for film in scope.films(lambda _film: True)]


def test_without_a_split_every_film_is_judged() -> None:
    assert chosen() == ["a", "b", "c"]


def test_only_films_of_the_part_are_judged() -> None:
    assert chosen(splits={"a": "train", "b": "test"}) == ["b"]
    assert chosen(splits={"a": "train", "b": "test"}, part="train") == ["a"]


def test_unknown_age_counts_as_adult() -> None:
    assert chosen(populations=("adult",)) == ["b", "c"]
    assert chosen(populations=("child",)) == ["a"]


def test_sources_narrow_the_scope() -> None:
    assert chosen(sources=("two",)) == ["c"]


def test_an_empty_scope_says_what_to_check() -> None:
    with pytest.raises(EvaluationError, match=r"no film for evaluation 'x' .* Check sources"):
        chosen(sources=("three",))


def test_the_scope_says_itself_in_words() -> None:
    scope = EvaluationScope(
        name="x", manifest=MANIFEST, splits={}, sources=("one",), populations=("adult",)
    )
    assert scope.describe() == "test split; sources one; populations adult"
    assert EvaluationScope(name="x", manifest=MANIFEST).describe() == (
        "all films; all sources; all ages"
    )


def test_provenance_names_bundle_and_manifest(shared_bundles: Path) -> None:
    bundle = open_bundle(str(shared_bundles / "gate"))
    scope = EvaluationScope(name="x", manifest=MANIFEST)
    found = provenance(bundle, scope, films=3)
    assert found["bundle digest"] == bundle.digest
    assert found["manifest digest"] == MANIFEST.digest
    assert found["films"] == "3"


def test_a_report_writes_html_only_when_it_has_one(tmp_path: Path) -> None:
    Report(name="x", json=b"{}", markdown="m").write(tmp_path / "one")
    Report(name="x", json=b"{}", markdown="m", html="<p>").write(tmp_path / "two")
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == [
        "evaluation.json",
        "evaluation.md",
    ]
    assert (tmp_path / "two" / "evaluation.html").read_text() == "<p>"
