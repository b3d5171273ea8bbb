"""Judge a gate bundle: what it refuses wrongly, and what it lets through, by kind."""

import json
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
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.intervals import wilson
from thoracle.imaging.decode import decode_trusted_file
from thoracle.imaging.resample import turn_clockwise
from thoracle.imaging.types import Radiograph
from thoracle.inference.bundle import Bundle
from thoracle.jobs.evaluation_scope import SEED, EvaluationScope, Report, provenance
from thoracle.radiograph.gate import Gate
from thoracle.reporting.figures_markdown import percent_text

PUC_RIO = {"valid": 300, "turned": 100, "other radiograph": 100, "not a radiograph": 100}
"""PUC-RIO's test make-up, SYSTEMS.md."""

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
        Its `collections` folder is needed; only the test part of each is judged.

    Returns
    -------
    Report
        JSON and Markdown.

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
    pictures = pictures_of_recipe((bundle.folder / "recipe.toml").read_text("utf-8"))
    others = read_collections(pictures.collections, scope.collections, seed=pictures.seed)
    every = gate_films(
        scope.manifest, scope.splits or {}, others, untrained_kinds=pictures.untrained_kinds
    )
    films = [one for one in every if one.split == scope.part]
    decided = list(_decide_all(Gate(bundle), films, scope.on_progress))
    rows = [*_rows(decided), *_puc_rio(decided)]
    content = {
        "schema": "thoracle gate 1",
        "provenance": provenance(bundle, scope, films=len(films)),
        "rows": [{"group": row.group, "wanted": row.wanted, **asdict(row.figure)} for row in rows],
    }
    return Report(
        name=scope.name,
        json=(json.dumps(content, indent=1, default=str) + "\n").encode("utf-8"),
        markdown=_markdown(rows, scope),
    )


def _decide_all(gate: Gate, films: Sequence[GateFilm], on_progress: Progress) -> Iterable[_Decided]:
    rng = np.random.default_rng(SEED)
    changes: tuple[tuple[str, Change], ...] = (
        (_STILL_FRONTAL[0], lambda pixels, _rng: inverted(pixels)),
        (_STILL_FRONTAL[1], lambda pixels, rng: photographed_screen(pixels, rng=rng)),
    )
    for number, film in enumerate(counted(films, "judge", on_progress)):
        pixels = decode_trusted_file(film.file).pixels
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


def _markdown(rows: Sequence[GateRow], scope: EvaluationScope) -> str:
    lines = [
        f"Scope: {scope.describe()}; 95 % Wilson intervals.",
        "",
        "| pictures | n | figure | value |",
        "|---|---|---|---|",
        *(
            f"| {row.group} | {row.figure.n} | {row.wanted} | {percent_text(row.figure)} |"
            for row in rows
        ),
    ]
    return "\n".join(lines) + "\n"
