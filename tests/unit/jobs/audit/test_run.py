"""The whole laboratory on classifiers of which the truth is known."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from thoracle.core.errors import EvaluationError, MissingExtraError
from thoracle.datasets.manifest import Manifest
from thoracle.evaluation.verdicts import Outcome
from thoracle.jobs.audit import run as module
from thoracle.jobs.audit.films import AuditFilms, look_at
from thoracle.jobs.audit.options import AuditOptions
from thoracle.jobs.audit.run import Audit, audit_bundle
from thoracle.jobs.evaluation_scope import EvaluationScope

Plant = Callable[..., Path]
Planted = Callable[[str], Manifest]
PASSES, FAILS = Outcome.PASSES, Outcome.FAILS


def audited(place: str, plant: Plant, planted: Planted, lab: SimpleNamespace) -> Audit:
    plant(place)
    scope = EvaluationScope(name="All", manifest=planted(place))
    return audit_bundle("radiograph", scope, lab.options)


def outcomes(audit: Audit) -> dict[tuple[str, str], Outcome]:
    return {(one.test, one.subject): one.outcome for one in audit.report.verdicts()}


TRUE_OF_BOTH = {
    ("probe", "source"): FAILS,  # the stripe stands in the embedding and goes with the source
    ("probe", "sex"): Outcome.CANNOT_TELL,
    ("probe", "age_band"): Outcome.CANNOT_TELL,  # all of one age
    # Lungs are as bright as they show a patch, and on these films nothing else makes them so.
    ("blurred_lungs", "lungs_blurred"): FAILS,
    ("change", "squeezed"): PASSES,
    ("change", "softened"): PASSES,
    ("random_weights", "last/gradcam"): FAILS,  # its map multiplies by numbers of its own
    ("agreement", "blur"): PASSES,
    ("agreement", "resolution"): PASSES,
    ("unseen_source", "all sources"): Outcome.CANNOT_TELL,
}
TRUE_OF = {
    "lungs": {
        ("without_lungs", "lungs_blackened"): PASSES,
        ("without_lungs", "border_only"): PASSES,
        ("change", "lungs_only"): PASSES,
        ("marker", "letter"): PASSES,
        ("lung_share", "last/gradcam"): PASSES,
        ("lung_share", "occlusion"): PASSES,
    },
    "beside": {
        ("without_lungs", "lungs_blackened"): FAILS,
        ("without_lungs", "border_only"): FAILS,
        ("change", "lungs_only"): FAILS,
        ("marker", "letter"): FAILS,
        ("lung_share", "last/gradcam"): FAILS,
        ("lung_share", "occlusion"): FAILS,
    },
}


@pytest.mark.parametrize("place", ["lungs", "beside"])
def test_every_verdict_is_what_is_true_of_the_classifier(
    place: str, plant: Plant, planted: Planted, lab: SimpleNamespace
) -> None:
    audit = audited(place, plant, planted, lab)
    found = outcomes(audit)
    expected = TRUE_OF_BOTH | TRUE_OF[place]
    assert {key: found[key] for key in expected} == expected
    content = json.loads(audit.json)
    assert content["scope"].startswith("126 films of 63 patients; 95 % intervals by patient.")
    assert content["provenance"]["resamples"] == "200"
    assert len(content["verdicts"]) == len(found)
    assert f"{place}0" not in audit.html + audit.markdown + audit.json.decode()  # no film is named
    assert "<script" not in audit.html
    assert not any(word in audit.html for word in ('src="http', 'href="http', "url("))


def test_films_whose_lungs_are_not_found_are_not_changed_and_are_counted(
    plant: Plant, planted: Planted, lab: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant("lungs")

    def lost(*arguments: Any, **options: Any) -> AuditFilms:
        films = look_at(*arguments, **options)
        lungs = tuple(replace(one, found=place % 3 > 0) for place, one in enumerate(films.lungs))
        return replace(films, lungs=lungs)

    monkeypatch.setattr(module, "look_at", lost)
    few = replace(lab.options, changed_per_finding=60)
    audit = audit_bundle("radiograph", EvaluationScope(name="All", manifest=planted("lungs")), few)
    judged = {one.subject: one.estimate.n for one in audit.report.verdicts()}
    assert judged["lungs_blackened"] == judged["softened"] == 84
    assert "Of 42 films no lungs were found" in audit.markdown


def test_a_run_is_written_as_three_files(tmp_path: Path) -> None:
    audit = Audit(report=None, json=b"{}", markdown="| – |", html="<p>")  # type: ignore[arg-type]
    audit.write(tmp_path / "out")
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [
        "audit.html", "audit.json", "audit.md",
    ]  # fmt: skip
    assert (tmp_path / "out" / "audit.md").read_text("utf-8") == "| – |"


@pytest.mark.parametrize("package", ["sklearn", "matplotlib"])
def test_without_the_extra_no_film_is_judged(
    package: str, bundles: Path, collection: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_arguments: object, **_options: object) -> None:
        raise AssertionError("films were judged")

    monkeypatch.setattr(module, "look_at", never)
    monkeypatch.setitem(sys.modules, package, None)
    scope = EvaluationScope(name="All", manifest=collection)
    with pytest.raises(MissingExtraError, match="research"):
        audit_bundle("radiograph", scope, AuditOptions())


def test_films_of_unknown_finding_alone_are_no_audit(bundles: Path, collection: Manifest) -> None:
    films = tuple(replace(one, label="") for one in collection.films)
    scope = EvaluationScope(name="All", manifest=Manifest(films=films, root=collection.root))
    with pytest.raises(EvaluationError, match="found no film"):
        audit_bundle("radiograph", scope, AuditOptions())
