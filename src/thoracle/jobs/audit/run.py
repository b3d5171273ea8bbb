"""Run the whole laboratory on a classifier bundle, and write what it found."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from thoracle.core.files import write_atomically
from thoracle.core.results import Reason
from thoracle.datasets.gate_films import is_frontal
from thoracle.inference.bundle import open_bundle
from thoracle.inference.session import runtime_name
from thoracle.jobs.audit.changes import audit_changes
from thoracle.jobs.audit.embedding import audit_embedding
from thoracle.jobs.audit.films import AuditFilms, known_films, look_at
from thoracle.jobs.audit.maps import audit_maps
from thoracle.jobs.audit.models import (
    AuditModels,
    MakeExplainers,
    installed_explainers,
    open_models,
)
from thoracle.jobs.audit.options import AuditOptions
from thoracle.jobs.audit.randomization import audit_randomization
from thoracle.jobs.audit.robustness import audit_robustness
from thoracle.jobs.audit.sources import LeftOut, audit_sources, open_left_out
from thoracle.jobs.evaluation_cautions import scope_cautions
from thoracle.jobs.evaluation_scope import EvaluationScope, provenance
from thoracle.reporting.card_texts import SCOPE_TEXTS
from thoracle.reporting.shortcut_report import AuditSection, ShortcutReport
from thoracle.reporting.shortcut_texts import SHORTCUT_TEXTS

_STEMS = ("audit.json", "audit.md", "audit.html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """A finished run: JSON for machines, Markdown and HTML for people."""

    report: ShortcutReport
    json: bytes = field(repr=False)
    markdown: str = field(repr=False)
    html: str = field(repr=False)

    def write(self, folder: Path) -> None:
        """Write audit.json, audit.md and audit.html into a folder."""
        contents = (self.json, self.markdown.encode("utf-8"), self.html.encode("utf-8"))
        for name, content in zip(_STEMS, contents, strict=True):
            write_atomically(folder / name, content)


def audit_bundle(
    bundle: str,
    scope: EvaluationScope,
    options: AuditOptions,
    *,
    without: Mapping[str, str] | None = None,
    splits: Sequence[Path] = (),
    make: MakeExplainers = installed_explainers,
) -> Audit:
    """Ask a classifier bundle every question of the laboratory.

    Parameters
    ----------
    bundle
        Name or folder; of another task it is a BundleError.
    scope
        Frontal films of known finding in scope are judged.
    options
        How much is looked at.
    without
        Bundles trained without a source, by source.
    splits
        Files of the splits that those were trained with.
    make
        From a classifier to the explainers that are judged.

    Returns
    -------
    Audit
        With verdicts. Without the extra `research` this is a MissingExtraError before any film.
    """
    from thoracle.evaluation.probes import require_probes
    from thoracle.reporting.shortcut_html import shortcut_html
    from thoracle.reporting.shortcut_markdown import shortcut_markdown
    from thoracle.reporting.shortcut_report import report_content, shortcut_json
    from thoracle.reporting.svg import require_plots

    require_plots()
    require_probes()
    scope.need_sites()
    models = open_models(open_bundle(bundle))
    chosen = known_films(scope.films(is_frontal), options.films_per_finding, seed=options.seed)
    scope.need_some(chosen)
    films = look_at(
        scope.manifest,
        chosen,
        lungs=models.lungs,
        classifier=models.classifier,
        on_progress=scope.on_progress,
    )
    scope.need_some(films.films)
    run = _Run(models=models, films=films, scope=scope, options=options, make=make)
    left_out = open_left_out(without or {}, films, models.classifier.bundle, splits=splits)
    report = _report(run, _sections(run, left_out))
    return Audit(
        report=report,
        json=shortcut_json(report),
        markdown=shortcut_markdown(report_content(report)),
        html=shortcut_html(report),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What every part of a run needs."""

    models: AuditModels
    films: AuditFilms
    scope: EvaluationScope
    options: AuditOptions
    make: MakeExplainers

    def sample(self, per_finding: int) -> AuditFilms:
        """Return some films of each finding, those with lungs: they are hidden, or hold maps."""
        found = [one.found for one in self.films.lungs]
        return self.films.select(np.array(found, bool)).sample(per_finding, seed=self.options.seed)


def _sections(run: _Run, left_out: Mapping[str, LeftOut]) -> tuple[AuditSection, ...]:
    films, models, options, told = run.films, run.models, run.options, run.scope.on_progress
    classifier = models.classifier
    explained = run.sample(options.explained_per_finding)
    random = run.sample(options.randomized_per_finding)
    changed = run.sample(options.changed_per_finding)
    disturbed = films.sample(options.disturbed_per_finding, seed=options.seed)
    return (
        audit_embedding(films, options, told),
        audit_changes(changed, classifier, models.lungs, options, told),
        audit_sources(films, classifier.bundle, left_out, options, told),
        audit_maps(explained, classifier, run.make(classifier), options, told),
        audit_randomization(random, classifier, run.make, options, told),
        audit_robustness(disturbed, models, options, told),
    )


def _report(run: _Run, sections: tuple[AuditSection, ...]) -> ShortcutReport:
    bundle, films, scope = run.models.classifier.bundle, run.films, run.scope
    counted = SHORTCUT_TEXTS["films"].format(
        films=len(films.films), patients=len(set(films.patient))
    )
    cautions: tuple[Reason, ...] = scope_cautions(bundle, scope)
    if films.unreadable:
        text = f"{films.unreadable} films could not be read and are left out."
        cautions = (*cautions, Reason(code="unreadable-films", text=text))
    lost = sum(not one.found for one in films.lungs)
    if lost:
        text = SHORTCUT_TEXTS["lost_lungs"].format(films=lost)
        cautions = (*cautions, Reason(code="lungs-not-found", text=text))
    lungs, gate = run.models.lungs.bundle, run.models.gate.bundle
    return ShortcutReport(
        title=f"{SHORTCUT_TEXTS['title']}: {bundle.name} {bundle.version}",
        scope=f"{counted} {SCOPE_TEXTS['scope'].format(parts=scope.describe())}",
        sections=sections,
        provenance={
            **provenance(bundle, scope, films=len(films.films)),
            "lungs": f"{lungs.name} {lungs.version} {lungs.digest}",
            "gate": f"{gate.name} {gate.version} {gate.digest}",
            "runtime": runtime_name(),
            **{key.replace("_", " "): str(value) for key, value in asdict(run.options).items()},
        },
        cautions=cautions,
    )
