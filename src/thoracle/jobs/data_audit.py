"""The audit of a manifest: figures, pictures and the gate's refusals in one report."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from thoracle.core.errors import ImageError
from thoracle.core.progress import Progress
from thoracle.core.results import GateDecision
from thoracle.datasets.audit import AuditFigures, audit_manifest
from thoracle.datasets.duplicates import (
    COPY_MIN,
    LOOKALIKE_MIN,
    DuplicatePair,
    DuplicateSearch,
)
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.split import Split
from thoracle.datasets.thumbnails import read_grey
from thoracle.imaging.encode import png_bytes
from thoracle.reporting.audit_html import (
    AuditReport,
    CountTable,
    RefusedFilm,
    ShownPair,
    TornGroup,
)

PICTURE_PIXELS = 176
UNREADABLE = "unreadable"

Decide = Callable[[Path], GateDecision]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOptions:
    """What an audit's report shows.

    `pairs_max` and `refusals_max` limit the rows with pictures on the page; the JSON has all.
    """

    with_films: bool
    pairs_max: int
    refusals_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditInputs:
    """What is audited: a manifest, its near-duplicates, and a split if there is one."""

    manifest: Manifest
    search: DuplicateSearch
    split: Split | None


def audit(
    inputs: AuditInputs, *, decide: Decide | None, options: AuditOptions, on_progress: Progress
) -> AuditReport:
    """Collect everything the report shows.

    Parameters
    ----------
    inputs
        Manifest, near-duplicates, split.
    decide
        The gate, as a function from a film's file to its decision; None to leave it out.
    options
        Pictures and limits.
    on_progress
        Told about the stage "gate".
    """
    manifest, pairs = inputs.manifest, inputs.search.pairs
    figures = audit_manifest(manifest, pairs, inputs.split)
    refused = () if decide is None else _refused(manifest, decide, options, on_progress)
    tables = [CountTable(title=t.title, columns=t.columns, rows=t.rows) for t in figures.tables]
    tables.append(_group_table(figures))
    if decide is not None:
        tables.append(_refusal_table(refused))
    return AuditReport(
        films=len(manifest.films),
        groups=figures.groups,
        manifest_digest=manifest.digest,
        split_digest=None if inputs.split is None else inputs.split.digest,
        thresholds=(LOOKALIKE_MIN, COPY_MIN),
        tables=tuple(tables),
        torn=tuple(
            TornGroup(what=leak.what, splits=leak.splits, paths=leak.paths)
            for leak in figures.leaks
        ),
        pairs=_shown_pairs(inputs, figures, options),
        refused=refused,
        is_gated=decide is not None,
        unreadable=inputs.search.unreadable,
        pair_scores=tuple(pair.score for pair in pairs),
        refused_scores=inputs.search.negative_scores,
        ages_by_source=figures.ages_by_source,
        with_films=options.with_films,
    )


def _shown_pairs(
    inputs: AuditInputs, figures: AuditFigures, options: AuditOptions
) -> tuple[ShownPair, ...]:
    """List pairs not known to be of one patient first, the doubtful ones at the top."""
    film_of = {film.path: film for film in inputs.manifest.films}
    names = {} if inputs.split is None else inputs.split.by_path()
    conflicts = {(pair.a, pair.b) for pair in figures.conflicts}

    def is_known(pair: DuplicatePair) -> bool:
        one, other = film_of[pair.a].patient, film_of[pair.b].patient
        return one is not None and one == other

    ordered = sorted(inputs.search.pairs, key=lambda pair: (is_known(pair), pair.score))
    pictures = options.pairs_max if options.with_films else 0
    return tuple(
        ShownPair(
            a=pair.a,
            b=pair.b,
            score=pair.score,
            kind=str(pair.kind),
            patients=(film_of[pair.a].patient, film_of[pair.b].patient),
            labels=(film_of[pair.a].label, film_of[pair.b].label),
            splits=(names.get(pair.a), names.get(pair.b)),
            is_one_patient=is_known(pair),
            is_conflict=(pair.a, pair.b) in conflicts,
            pngs=(
                _png(inputs.manifest, film_of[pair.a]) if position < pictures else None,
                _png(inputs.manifest, film_of[pair.b]) if position < pictures else None,
            ),
            is_shown=position < options.pairs_max,
        )
        for position, pair in enumerate(ordered)
    )


def _refused(
    manifest: Manifest, decide: Decide, options: AuditOptions, on_progress: Progress
) -> tuple[RefusedFilm, ...]:
    refused: list[RefusedFilm] = []
    for position, film in enumerate(manifest.films):
        try:
            found = _refusal(film, decide(manifest.resolve(film)))
        except ImageError as error:
            found = RefusedFilm(
                path=film.path,
                source=film.source,
                label=film.label,
                kind=UNREADABLE,
                probability=None,
                rotation_degrees=0,
                reasons=(error.text,),
                png=None,
                is_shown=True,
            )
        if found is not None:
            is_shown = len(refused) < options.refusals_max
            png = _png(manifest, film) if is_shown and options.with_films else None
            refused.append(replace(found, png=png, is_shown=is_shown))
        on_progress("gate", position + 1, len(manifest.films))
    return tuple(refused)


def _refusal(film: Film, decision: GateDecision) -> RefusedFilm | None:
    if decision.accepted:
        return None
    return RefusedFilm(
        path=film.path,
        source=film.source,
        label=film.label,
        kind=str(decision.kind),
        probability=decision.probability,
        rotation_degrees=decision.rotation_degrees,
        reasons=tuple(reason.text for reason in decision.reasons),
        png=None,
        is_shown=True,
    )


def _refusal_table(refused: Sequence[RefusedFilm]) -> CountTable:
    counts = Counter((one.source, one.kind) for one in refused)
    return CountTable(
        title="Refused by the gate",
        columns=("source", "kind", "films"),
        rows=tuple((*key, count) for key, count in sorted(counts.items())),
    )


def _group_table(figures: AuditFigures) -> CountTable:
    return CountTable(
        title="Largest groups of films that stay together",
        columns=("first film", "films", "patients in the manifest"),
        rows=tuple((one.name, one.films, one.patients) for one in figures.largest_groups),
    )


def _png(manifest: Manifest, film: Film) -> bytes | None:
    try:
        return png_bytes(read_grey(manifest.resolve(film), side_max=PICTURE_PIXELS))
    except ImageError:
        return None
