"""Judge a gate bundle: what it refuses wrongly, and what it lets through, by kind."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import EvaluationError
from thoracle.core.progress import Progress, counted
from thoracle.core.results import GateDecision
from thoracle.datasets.collections import pictures_of_recipe, read_collections
from thoracle.datasets.disturbances import inverted, photographed_screen
from thoracle.datasets.gate_films import GateFilm, gate_films
from thoracle.datasets.split import TEST
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.intervals import wilson
from thoracle.imaging.resample import turn_clockwise
from thoracle.imaging.types import Radiograph
from thoracle.inference.bundle import Bundle
from thoracle.jobs.evaluation_scope import SEED, EvaluationScope, Report
from thoracle.jobs.evaluation_tables import TableFigures, tables_report
from thoracle.jobs.scoring import readable_pixels
from thoracle.radiograph.gate import Gate
from thoracle.reporting.evaluation_html import FigureTable
from thoracle.reporting.figures_markdown import percent_text

PUC_RIO = {"valid": 300, "turned": 100, "other radiograph": 100, "not a radiograph": 100}
"""Pictures that the filter of PUC-RIO (ICA, Rio de Janeiro, 2020) was tested on, by kind."""

_STILL_FRONTAL = ("frontal, grey inverted", "frontal, photographed screen")

Change = Callable[[FloatArray, np.random.Generator], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRow:
    """One group of pictures: how many were decided as they should be."""

    group: str
    wanted: str
    figure: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """One picture's group, and whether it was accepted and named rightly."""

    group: str
    source: str
    accepted: bool
    is_named: bool


def evaluate_gate(bundle: Bundle, scope: EvaluationScope) -> Report:
    """Return what is accepted and refused by kind, and in PUC-RIO's make-up, with intervals.

    Parameters
    ----------
    bundle
        Of task "gate".
    scope
        Its `collections` folder is needed. Without a split all films of the manifest are judged,
        and of the collections, which the recipe splits, the test part. `sources` narrow both,
        `populations` and `sites` the manifest only: the pictures of a collection have neither.

    Returns
    -------
    Report
        JSON, HTML and Markdown. A scope without a picture is an EvaluationError.
    """
    films = _pictures(bundle, scope)
    unreadable: list[str] = []
    decided = list(_decide_all(Gate(bundle), films, scope.on_progress, unreadable))
    scope.need_some(decided)
    rows = [*_rows(decided), *_puc_rio(decided)]
    figures = TableFigures(
        schema="thoracle gate 1",
        about=f"Scope: {_scope_text(scope)}; 95 % Wilson intervals.",
        films=len(films) - len(unreadable),
        table=_table(rows),
        content={
            "rows": [
                {"group": row.group, "wanted": row.wanted, **asdict(row.figure)} for row in rows
            ]
        },
        unreadable=tuple(unreadable),
    )
    return tables_report(bundle, scope, figures)


def _pictures(bundle: Bundle, scope: EvaluationScope) -> list[GateFilm]:
    """Return the pictures in scope.

    Raises
    ------
    EvaluationError
        The scope has no collections folder.
    """
    if scope.collections is None:
        raise EvaluationError(
            "found no collections folder – expected one to judge a gate on. Give --collections.",
            code="evaluation-no-collections",
        )
    recipe = pictures_of_recipe((bundle.folder / "recipe.toml").read_text("utf-8"))
    others = read_collections(recipe.collections, scope.collections, seed=recipe.seed)
    chosen = scope.manifest.select(one for one in scope.manifest.films if scope.admits(one))
    part = TEST if scope.splits is None else scope.part
    splits = {one.path: TEST for one in chosen.films} if scope.splits is None else scope.splits
    every = gate_films(
        chosen,
        splits,
        [one for one in others if not scope.sources or one.collection in scope.sources],
        untrained_kinds=recipe.untrained_kinds,
    )
    films = [one for one in every if one.split == part]
    scope.need_some(films)
    return films


def _decide_all(
    gate: Gate, films: Sequence[GateFilm], on_progress: Progress, unreadable: list[str]
) -> Iterable[_Decided]:
    """Decide each picture and its changed forms; add what cannot be read to `unreadable`."""
    rng = np.random.default_rng(SEED)
    changes: tuple[tuple[str, Change], ...] = (
        (_STILL_FRONTAL[0], lambda pixels, _rng: inverted(pixels)),
        (_STILL_FRONTAL[1], lambda pixels, rng: photographed_screen(pixels, rng=rng)),
    )
    for number, film in enumerate(counted(films, "judge", on_progress)):
        pixels = readable_pixels(film.file)
        if pixels is None:
            unreadable.append(f"{film.source}/{film.file.name}")
            continue
        if film.kind != "frontal_chest":
            decision = _decide(gate, pixels)
            named = str(decision.kind) == film.kind
            yield _Decided(
                group=film.kind, source=film.source, accepted=decision.accepted, is_named=named
            )
            continue
        decision = _decide(gate, pixels)
        yield _Decided(
            group="frontal",
            source=film.source,
            accepted=decision.accepted,
            is_named=decision.accepted,
        )
        quarter = 1 + number % 3
        turned = _decide(gate, turn_clockwise(pixels, degrees=90 * quarter))
        yield _Decided(
            group=f"frontal turned by {90 * quarter}°",
            source=film.source,
            accepted=turned.accepted,
            is_named=turned.rotation_degrees == 90 * quarter,
        )
        group, change = changes[number % 2]
        changed = _decide(gate, change(pixels, rng))
        yield _Decided(
            group=group, source=film.source, accepted=changed.accepted, is_named=changed.accepted
        )


def _decide(gate: Gate, pixels: FloatArray) -> GateDecision:
    film = Radiograph(pixels=pixels, sha256="", format="PNG", bits=8)
    return gate.examine(film).decision


def _rows(decided: Sequence[_Decided]) -> Iterable[GateRow]:
    frontal = [one for one in decided if one.group == "frontal"]
    yield _falsely_refused("frontal", frontal)
    for source, films in _grouped(frontal, lambda one: one.source):
        yield _falsely_refused(f"frontal, {source}", films)
    others = [one for one in decided if one.group != "frontal"]
    for group, films in _grouped(others, lambda one: one.group):
        if group in _STILL_FRONTAL:
            yield _falsely_refused(group, films)
            continue
        yield _row(group, "refused", [not one.accepted for one in films])
        yield _row(group, "kind or angle named", [one.is_named for one in films])


def _grouped(
    decided: Sequence[_Decided], key: Callable[[_Decided], str]
) -> Iterable[tuple[str, list[_Decided]]]:
    for name in sorted({key(one) for one in decided}):
        yield name, [one for one in decided if key(one) == name]


def _falsely_refused(group: str, films: Sequence[_Decided]) -> GateRow:
    return _row(group, "falsely refused", [not one.accepted for one in films])


def _puc_rio(decided: Sequence[_Decided]) -> Iterable[GateRow]:
    """Draw PUC-RIO's numbers from what is there: fewer where fewer are held out."""
    pools = {
        "valid": [one for one in decided if one.group == "frontal"],
        "turned": [one for one in decided if one.group.startswith("frontal turned")],
        "other radiograph": [one for one in decided if one.group == "other_radiograph"],
        "not a radiograph": [one for one in decided if one.group == "not_radiograph"],
    }
    rng = np.random.default_rng(SEED)
    right: list[bool] = []
    sizes: list[str] = []
    for name, pool in pools.items():
        count = min(PUC_RIO[name], len(pool))
        sizes.append(f"{count} {name}")
        drawn = rng.permutation(len(pool))[:count]
        right.extend(pool[index].accepted == (name == "valid") for index in drawn)
    yield _row(f"PUC-RIO's make-up ({', '.join(sizes)})", "accuracy", right)


def _row(group: str, wanted: str, hits: Sequence[bool]) -> GateRow:
    return GateRow(group=group, wanted=wanted, figure=wilson(sum(hits), len(hits)))


def _scope_text(scope: EvaluationScope) -> str:
    parts = "; of the collections the test part" if scope.splits is None else ""
    return f"{scope.describe()}{parts}"


def _table(rows: Sequence[GateRow]) -> FigureTable:
    return FigureTable(
        caption="Pictures that were accepted, refused and named as they should be",
        head=("pictures", "n", "figure", "value"),
        rows=tuple(
            (row.group, str(row.figure.n), row.wanted, percent_text(row.figure)) for row in rows
        ),
    )
