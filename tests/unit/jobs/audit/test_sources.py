"""Sources apart, and bundles that never saw one."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from thoracle.core.errors import EvaluationError, SplitError
from thoracle.core.files import sha256_of_file
from thoracle.core.progress import no_progress
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.split import DEFAULT_FRACTIONS, leave_out, write_split
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.verdicts import Outcome
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.jobs.audit.films import AuditFilms
from thoracle.jobs.audit.models import AuditModels
from thoracle.jobs.audit.options import AuditOptions
from thoracle.jobs.audit.sources import audit_sources, open_left_out
from thoracle.reporting.shortcut_report import verdict_json
from thoracle.reporting.shortcut_words import why

Looked = Callable[[str], tuple[AuditFilms, AuditModels]]
Plant = Callable[..., Path]


def of_split(folder: Path, digest: str) -> Path:
    table = read_description(folder)
    table.pop("files")
    write_description(folder, table | {"training": {"split_sha256": digest}})
    return folder


def of_recipe(folder: Path, name: str, version: str = "1.2.3") -> Path:
    table = read_description(folder)
    table.pop("files")
    write_description(folder, table | {"name": name, "version": version})
    return folder


def split_without(manifest: Manifest, source: str, path: Path) -> Path:
    write_split(leave_out(manifest, (), DEFAULT_FRACTIONS, 0, sources=(source,)), path)
    return path


def test_a_bundle_that_needs_the_source_is_found(
    looked: Looked, plant: Plant, lab: SimpleNamespace, tmp_path: Path
) -> None:
    films, models = looked("lungs")
    bundle = models.classifier.bundle
    splits = [
        split_without(films.manifest, source, tmp_path / f"{source}.csv")
        for source in ("plain", "striped")
    ]
    blind = plant("beside", "blind")  # it reads what these films do not have
    for folder, split in ((blind, splits[0]), (plant("lungs", "same"), splits[1])):
        of_split(of_recipe(folder, bundle.name), sha256_of_file(split))
    without = open_left_out({"plain": "blind", "striped": "same"}, films, bundle, splits=splits)
    section = audit_sources(films, bundle, without, lab.options, no_progress)
    verdicts = {one.subject: one for one in section.verdicts}
    assert verdicts["plain"].outcome is Outcome.FAILS
    assert verdicts["plain"].estimate.value == pytest.approx(1 / 3 - 1)
    assert verdicts["striped"].outcome is Outcome.PASSES
    assert verdicts["striped"].estimate.value == 0.0
    rows = section.tables[0].rows
    assert [(row[0], row[1]) for row in rows] == [
        ("plain", "this bundle"), ("plain", "radiograph 1.2.3"), ("striped", "this bundle"),
        ("striped", "radiograph 1.2.3"),
    ]  # fmt: skip
    own = rows[0][4]
    assert isinstance(own, Estimate)
    assert own.value == 1.0
    counts = np.array([[row[2], row[3]] for row in rows])
    assert counts[0].tolist() == [np.sum([f.source == "plain" for f in films.films]), counts[0, 1]]


@pytest.mark.parametrize(
    ("name", "version", "code", "told"),
    [
        ("radiograph-128", "1.2.3", "audit-other-recipe", "radiograph-128 1.2.3 was trained"),
        ("radiograph", "1.2.2", "audit-other-recipe", "by another recipe than this bundle"),
        ("radiograph", "1.2.3", "audit-unchecked-source", "Not checked that plain was left out"),
    ],
)
def test_of_another_recipe_or_an_unknown_split_nothing_can_be_told(
    name: str, version: str, code: str, told: str, looked: Looked, plant: Plant
) -> None:
    films, models = looked("lungs")
    of_split(of_recipe(plant("lungs", "other"), name, version), "some")
    bundle = models.classifier.bundle
    without = open_left_out({"plain": "other"}, films, bundle)
    section = audit_sources(films, bundle, without, AuditOptions(resamples=200), no_progress)
    (only,) = section.verdicts
    assert only.estimate.value == 0.0
    assert only.outcome is Outcome.CANNOT_TELL
    assert only.reason is not None
    assert only.reason.code == code
    assert told in why(verdict_json(only))  # what the card and the page About print


def test_a_bundle_whose_split_has_the_source_is_refused(
    looked: Looked, plant: Plant, tmp_path: Path
) -> None:
    films, models = looked("lungs")
    split = split_without(films.manifest, "striped", tmp_path / "split.csv")
    of_split(plant("lungs", "other"), sha256_of_file(split))
    bundle = models.classifier.bundle
    with pytest.raises(EvaluationError, match=r"found 54 of 66 films of plain in train") as raised:
        open_left_out({"plain": "other"}, films, bundle, splits=[split])
    assert raised.value.code == "audit-source-learned"
    with pytest.raises(EvaluationError, match="no bundle of --without was trained") as raised:
        open_left_out({}, films, bundle, splits=[split])
    assert raised.value.code == "audit-other-split"
    with pytest.raises(SplitError, match="found no file"):
        open_left_out({}, films, bundle, splits=[tmp_path / "none.csv"])


def test_without_such_a_bundle_nothing_can_be_told(looked: Looked, lab: SimpleNamespace) -> None:
    films, models = looked("lungs")
    section = audit_sources(films, models.classifier.bundle, {}, lab.options, no_progress)
    (only,) = section.verdicts
    assert only.outcome is Outcome.CANNOT_TELL
    assert only.reason is not None
    assert only.reason.code == "audit-no-left-out"
    assert len(section.tables) == 1


def test_a_source_without_films_and_a_bundle_of_the_same_split_are_refused(
    looked: Looked, plant: Plant
) -> None:
    films, models = looked("lungs")
    plant("lungs", "other")
    with pytest.raises(EvaluationError, match="no film of source 'mars'"):
        open_left_out({"mars": "other"}, films, models.classifier.bundle)
    for name in ("radiograph", "other"):
        of_split(open_bundle(name).folder, "one")
    with pytest.raises(EvaluationError, match="trained with the split of 'radiograph'"):
        open_left_out({"plain": "other"}, films, open_bundle("radiograph"))
