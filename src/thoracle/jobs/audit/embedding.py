"""Whether source, age, view and sex of a film stand in the classifier's embedding."""

import numpy as np

from thoracle.core.progress import Progress, counted
from thoracle.core.results import Reason
from thoracle.datasets.labels import FINDINGS
from thoracle.evaluation.probes import Probe, mean_skill, probe
from thoracle.evaluation.subgroups import UNKNOWN_NAME, age_band
from thoracle.evaluation.verdicts import LIMITS, Verdict, verdict
from thoracle.jobs.audit.films import AuditFilms
from thoracle.jobs.audit.options import AuditOptions
from thoracle.reporting.shortcut_report import AuditSection, AuditTable, Cell
from thoracle.reporting.shortcut_texts import SHORTCUT_TEXTS

ATTRIBUTES = ("source", "age_band", "view", "sex")
ALL = "all findings"
_COLUMNS = (
    "attribute", "films of", "values", "films", "balanced accuracy", "chance", "skill",
    "highest skill with shuffled labels", "AUROC",
)  # fmt: skip


def audit_embedding(
    films: AuditFilms, options: AuditOptions, on_progress: Progress
) -> AuditSection:
    """Probe each attribute, on all films and inside each finding.

    Parameters
    ----------
    films
        Judged untouched.
    options
        Shuffles and seed.
    on_progress
        Told of each attribute.

    Returns
    -------
    AuditSection
        Verdicts on what is told inside one finding.
    """
    generator = np.random.default_rng(options.seed)
    verdicts, rows = [], []
    for attribute in counted(ATTRIBUTES, "probe", on_progress):
        inside = []
        for finding in (None, *range(len(FINDINGS))):
            found = _probe(films, attribute, finding, options=options, generator=generator)
            rows.append(_row(attribute, ALL if finding is None else FINDINGS[finding], found))
            if finding is not None:
                inside.append(found)
        verdicts.append(_verdict(attribute, inside))
    table = AuditTable(title="Probes of the embedding", columns=_COLUMNS, rows=tuple(rows))
    return AuditSection(key="embedding", verdicts=tuple(verdicts), tables=(table,))


def values_of(films: AuditFilms, attribute: str) -> tuple[str | None, ...]:
    """Return an attribute of each film, None where it is unknown."""
    if attribute == "age_band":
        bands = (
            age_band(np.nan if film.age_years is None else film.age_years) for film in films.films
        )
        return tuple(None if band == UNKNOWN_NAME else band for band in bands)
    return tuple(getattr(film, attribute) for film in films.films)


def _probe(
    films: AuditFilms,
    attribute: str,
    finding: int | None,
    *,
    options: AuditOptions,
    generator: np.random.Generator,
) -> Probe:
    chosen = films if finding is None else films.select(films.reference == finding)
    return probe(
        chosen.embeddings,
        values_of(chosen, attribute),
        chosen.patient,
        generator=generator,
        shuffles=options.shuffles,
    )


def _verdict(attribute: str, inside: list[Probe]) -> Verdict:
    skill, highest = mean_skill(inside)
    doubt = None
    if skill.value is not None and LIMITS["probe"].value < skill.value <= highest:
        text = SHORTCUT_TEXTS["shuffled"].format(skill=f"{highest:.2f}")
        doubt = Reason(code="audit-shuffled", text=text)
    return verdict("probe", attribute, skill, doubt=doubt)


def _row(attribute: str, films_of: str, found: Probe) -> tuple[Cell, ...]:
    return (
        attribute,
        films_of,
        ", ".join(found.values),
        found.films,
        found.balanced_accuracy,
        1 / len(found.values) if len(found.values) > 1 else None,
        found.skill,
        max(found.shuffled) if found.shuffled else None,
        found.auroc,
    )
