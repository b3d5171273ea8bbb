"""A study of correction: in rounds a reader corrects a new patient's masks, and the network learns.

The reader is simulated by the reference labels, so that what a correction takes can be counted.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from thoracle.core.arrays import ByteArray
from thoracle.core.errors import RecipeError
from thoracle.core.files import sha256_of, write_atomically
from thoracle.ct.model import CtSegmenter
from thoracle.datasets.ct_cases import CtCase, LabeledScan, read_case
from thoracle.evaluation.correction_effort import CorrectionEffort, correction_effort
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.ct_challenge import NAMES, figures_of
from thoracle.jobs.evaluate_ct import INFECTION, judge_scan
from thoracle.train.ct.fit import CtRun, run_without
from thoracle.train.ct.recipe import CtRecipe
from thoracle.train.ct.retrain_recipe import CtContinuation, continued_recipe
from thoracle.train.ct.study import BUNDLE, Told, fit_and_pack, learned_from

ROUND: Final = "round.json"
PLAN: Final = "plan.json"
REDRAWN_MM2: Final = 100.0
"""Changes of less than a square centimeter on a slice: nobody redraws such a rim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One order of patients: whom the first network learns from, and who is corrected, in turn."""

    held_out: str
    start: tuple[str, ...]
    corrected: tuple[str, ...]

    def learned(self, number: int) -> tuple[str, ...]:
        """Return whom the network of a round has learned from; round 0 is before any correction."""
        return (*self.start, *self.corrected[:number])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """What a study of correction is of: the first training, how it goes on, scans, and a folder."""

    recipe: CtRecipe
    goes_on: CtContinuation
    cases: tuple[CtCase, ...]
    folder: Path


def courses(
    patients: Sequence[str], *, held_out: Sequence[str], start: int, rounds: int
) -> tuple[Course, ...]:
    """Plan a course for each patient held out; the others follow in a ring.

    Parameters
    ----------
    patients
        All.
    held_out
        Who is held out, one to a course; nobody named means each in turn.
    start
        How many the first network learns from.
    rounds
        How many are corrected afterwards, one to a round.

    Returns
    -------
    tuple of Course
        With everybody held out in turn, each patient is corrected as often in each round, so that
        rounds can be compared.

    Raises
    ------
    RecipeError
        There are too few patients, or a name is of none.
    """
    ring = sorted(set(patients))
    unknown = [name for name in held_out if name not in ring]
    if unknown:
        raise RecipeError(
            f"found no patient {unknown[0]!r} – expected one of {', '.join(ring)}. Correct "
            "--held-out."
        )
    if start < 1 or rounds < 1 or start + rounds + 1 > len(ring):
        raise RecipeError(
            f"found {len(ring)} patients for {start} to begin with, {rounds} rounds and one held "
            "out – expected as many as that, and at least one of each. Ask for fewer."
        )
    made = []
    for name in held_out or ring:
        others = learned_from(ring, name, start + rounds)
        made.append(Course(held_out=name, start=others[:start], corrected=others[start:]))
    return tuple(made)


def play(study: Rounds, course: Course, *, told: Told) -> Iterator[dict[str, Any]]:
    """Play the rounds of a course that are not played yet, and yield all of them.

    Parameters
    ----------
    study
        What is trained, and on what.
    course
        Who, in which order.
    told
        Told of each training that begins.

    Yields
    ------
    dict
        What `round.json` in the round's folder holds: how the network does on the patient held
        out, and what it takes to correct it, and the network of round 0, on the next patient. A
        stopped study goes on in the round where it stopped.
    """
    place = study.folder / f"without-{course.held_out}"
    recipe, start = study.recipe, None
    first = place / "round-0" / BUNDLE
    for number in range(len(course.corrected) + 1):
        run = _run(study, course, recipe, number, start)
        path = run.folder / ROUND
        if not path.is_file():
            told(f"{place.name}, round {number}: learns from {', '.join(run.patients)}")
            fit_and_pack(run)
            found = _judged(study, course, number, run.folder / BUNDLE, first)
            write_atomically(path, (json.dumps(found, indent=1, allow_nan=False) + "\n").encode())
        yield json.loads(path.read_bytes())
        recipe, start = continued_recipe(recipe, study.goes_on), run.weights


def claim_study(study: Rounds, planned: Sequence[Course]) -> None:
    """Keep what a study is of in its folder, or check it against what is there.

    Parameters
    ----------
    study
        Its folder is made if needed.
    planned
        A study may be given more courses later, of other patients held out.

    Raises
    ------
    RecipeError
        Another study has begun there.
    """
    path = study.folder / PLAN
    wanted = {
        "recipe": sha256_of(study.recipe.text.encode()),
        "goes_on": asdict(study.goes_on),
        "cases": {one.name: one.patient for one in study.cases},
        "rounds": sorted({(len(one.start), len(one.corrected)) for one in planned}),
    }
    content = (json.dumps(wanted, indent=1) + "\n").encode()
    if path.is_file() and path.read_bytes() != content:
        raise RecipeError(
            f"found another study in {study.folder} – expected the recipes, scans and number of "
            "rounds that began it. Give another folder with --out.",
            code="run-input",
        )
    write_atomically(path, content)


def _run(study: Rounds, course: Course, recipe: CtRecipe, number: int, start: Path | None) -> CtRun:
    others = sorted({one.patient for one in study.cases} - set(course.learned(number)))
    folder = study.folder / f"without-{course.held_out}" / f"round-{number}"
    return run_without(recipe, study.cases, left_out=others, folder=folder, start=start)


def _judged(
    study: Rounds, course: Course, number: int, bundle: Path, first: Path
) -> dict[str, Any]:
    """Judge the network of a round on the patient held out, and correct it on the next."""
    segmenter = CtSegmenter(open_bundle(str(bundle)), threads=1)
    learned = course.learned(number)
    scans = [
        judge_scan(segmenter, one, learned=len(learned))
        for one in _scans(study.cases, course.held_out)
    ]
    found: dict[str, Any] = {
        "round": number,
        "held_out": course.held_out,
        "learned": list(learned),
        "figures": {name: figures_of(scans, name).get(course.held_out) for name in NAMES},
        "next": None,
    }
    if number < len(course.corrected):
        patient = course.corrected[number]
        beginner = segmenter if number == 0 else CtSegmenter(open_bundle(str(first)), threads=1)
        found["next"] = {
            "patient": patient,
            "scans": [
                _corrected(one, segmenter=segmenter, beginner=beginner)
                for one in _scans(study.cases, patient)
            ],
        }
    return found


def _scans(cases: Sequence[CtCase], patient: str) -> Iterator[LabeledScan]:
    return (read_case(one) for one in cases if one.patient == patient)


def _corrected(
    labeled: LabeledScan, *, segmenter: CtSegmenter, beginner: CtSegmenter
) -> dict[str, Any]:
    """Return what a scan's correction takes: of the network's mask, the first one's, and none."""
    own = segmenter.segment(labeled.scan).label_map
    first = own if beginner is segmenter else beginner.segment(labeled.scan).label_map
    none = np.zeros_like(labeled.label_map)
    before: Mapping[str, ByteArray] = {"own": own, "first": first, "nothing": none}
    return {"case": labeled.case.name} | {
        name: _finite(asdict(_effort(mask, labeled))) for name, mask in before.items()
    }


def _effort(mask: ByteArray, labeled: LabeledScan) -> CorrectionEffort:
    return correction_effort(
        mask,
        labeled.label_map,
        infection=INFECTION,
        spacing_mm=labeled.scan.spacing_mm,
        slice_min_mm2=REDRAWN_MM2,
    )


def _finite(values: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in values.items() if math.isfinite(value)}
