"""The scope says which films are judged, and refuses to judge none."""

from pathlib import Path

import pytest

from thoracle.core.errors import EvaluationError, SplitError
from thoracle.core.files import sha256_of_file
from thoracle.datasets.duplicates import DuplicateKind, DuplicatePair, write_pairs
from thoracle.datasets.film import Film, Population
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.split import Split, SplitRow, write_split
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.evaluation_scope import EvaluationScope, Report, provenance, with_split

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


@pytest.mark.parametrize("half_width", [0.0, 0.5, 7.0])
def test_a_half_width_that_no_figure_has_is_refused_before_any_film(half_width: float) -> None:
    with pytest.raises(EvaluationError, match=r"expected above 0 and below 0\.5"):
        chosen(half_width=half_width)


def test_only_films_of_the_part_are_judged() -> None:
    assert chosen(splits={"a": "train", "b": "test"}) == ["b"]
    assert chosen(splits={"a": "train", "b": "test"}, part="train") == ["a"]


def test_unknown_age_counts_as_adult() -> None:
    assert chosen(populations=("adult",)) == ["b", "c"]
    assert chosen(populations=("child",)) == ["a"]


def test_sources_narrow_the_scope() -> None:
    assert chosen(sources=("two",)) == ["c"]


def test_sites_and_publishers_narrow_the_scope() -> None:
    films = (*FILMS, Film(path="d", source="two", site="Italy", publisher="example.org"))
    manifest = Manifest(films=films, root=Path("/nowhere"))
    for sites in (("Italy",), ("example.org", "Spain")):
        scope = EvaluationScope(name="x", manifest=manifest, sites=sites)
        assert [film.path for film in scope.films(lambda _film: True)] == ["d"]
        assert scope.describe() == f"all films; all sources; sites {', '.join(sites)}; all ages"


def test_a_site_that_no_film_is_from_is_refused() -> None:
    films = (*FILMS, Film(path="d", source="two", site="Italy", publisher="example.org"))
    manifest = Manifest(films=films, root=Path("/nowhere"))
    EvaluationScope(name="x", manifest=manifest, sites=("Italy", "example.org")).need_sites()
    with pytest.raises(EvaluationError, match=r"site 'Itlay' .* site and publisher"):
        EvaluationScope(name="x", manifest=manifest, sites=("Italy", "Itlay")).need_sites()


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


def written_split(path: Path, **splits: str) -> Path:
    rows = tuple(SplitRow(path=film, group=film, split=name) for film, name in splits.items())
    write_split(
        Split(rows=rows, manifest_digest=MANIFEST.digest, seed=0, duplicate_threshold=0.9), path
    )
    return path


def test_a_split_of_the_manifest_narrows_the_scope_and_stands_in_provenance(
    tmp_path: Path, shared_bundles: Path
) -> None:
    path = written_split(tmp_path / "split.csv", a="train", b="test", c="test")
    scope = with_split(EvaluationScope(name="x", manifest=MANIFEST), path)
    assert [film.path for film in scope.films(lambda _film: True)] == ["b", "c"]
    bundle = open_bundle(str(shared_bundles / "gate"))
    assert provenance(bundle, scope, films=2)["split SHA-256"] == sha256_of_file(path)


def test_a_split_of_another_manifest_is_refused(tmp_path: Path) -> None:
    path = written_split(tmp_path / "split.csv", a="train", b="test", c="test")
    other = MANIFEST.select(FILMS[:2])
    with pytest.raises(SplitError, match="belongs to manifest") as caught:
        with_split(EvaluationScope(name="x", manifest=other), path)
    assert caught.value.code == "split-other-manifest"


def test_a_split_that_leaks_by_the_duplicates_beside_it_is_refused(tmp_path: Path) -> None:
    path = written_split(tmp_path / "split.csv", a="train", b="test", c="test")
    pair = DuplicatePair(a="a", b="b", score=0.99, kind=DuplicateKind.COPY)
    write_pairs([pair], tmp_path / "split.duplicates.csv", manifest_digest=MANIFEST.digest)
    with pytest.raises(SplitError, match="stands in test and train"):
        with_split(EvaluationScope(name="x", manifest=MANIFEST), path)
