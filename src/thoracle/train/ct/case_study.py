"""Leave one patient out, and measure what the scan alone gives away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray
from thoracle.core.errors import RecipeError
from thoracle.ct.case import COVID, IRRELEVANT, KINDS, OTHER, CaseAnswer, answer_of
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.roc import auroc
from thoracle.train.ct.case_data import CasePatches, examples_of
from thoracle.train.ct.case_network import WIDTH, LocationNetwork
from thoracle.train.ct.judged import GREY_NUMBERS, clustered_auroc, grey_numbers, trivial_scores
from thoracle.train.ct.small_fit import FitPlan, chances_of, draw_weights, fit_small

EVERYBODY: Final = "all"
HALVES: Final = "lower-halves"
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStudyPlan:
    """How a study is done: `most` patches of one scan and kind are learned from."""

    fit: FitPlan = field(default_factory=lambda: FitPlan(epochs=6))
    width: int = WIDTH
    most: int = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCase:
    """One scan, judged by a network that never saw its patient; `learned` says which kinds it saw.

    `chances` is (patches, 3) float64 in the order of `KINDS`.
    """

    scan: CasePatches = field(repr=False)
    learned: tuple[str, ...]
    answer: CaseAnswer
    chances: DoubleArray = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStudy:
    """All that was measured.

    Attributes
    ----------
    cases
        Each scan, its patient left out.
    altered
        AUROC of altered against healthy patches by network and by grey alone, patients left out.
    type_from
        AUROC of "other pneumonia" against COVID-19 in the upper halves of scans whose lower halves
        were learned from: from altered patches by the network, and from grey alone, of altered and
        of **healthy** lung. The interval is missing: the one patient with other pneumonia cannot
        be resampled.
    """

    cases: tuple[JudgedCase, ...]
    altered: dict[str, Estimate]
    type_from: dict[str, float]


def study_cases(
    scans: Sequence[CasePatches], plan: CaseStudyPlan, folder: Path, *, told: Told
) -> CaseStudy:
    """Train without each patient, on all, and on halves; what is done is kept.

    Parameters
    ----------
    scans
        Of several patients.
    plan
        How.
    folder
        Each training has a folder of its own in it; "all" is the one to export.
    told
        Told of each training that begins.

    Returns
    -------
    CaseStudy
        The figures.

    Raises
    ------
    RecipeError
        There are fewer than two patients.
    """
    patients = sorted({one.patient for one in scans})
    if len(patients) < 2:
        raise RecipeError(
            f"found scans of {len(patients)} patients – expected at least 2, so that one can be "
            "left out. Add scans.",
            code="ct-cases",
        )
    judged: list[JudgedCase] = []
    for name in patients:
        others = [one for one in scans if one.patient != name]
        told(f"without-{name}: {len(others)} scans")
        network = _fitted(others, plan, folder / f"without-{name}")
        judged += [_judged(network, one, others) for one in scans if one.patient == name]
    told(f"{EVERYBODY}: {len(scans)} scans")
    _fitted(scans, plan, folder / EVERYBODY)
    return CaseStudy(
        cases=tuple(judged),
        altered=altered_figures(judged),
        type_from=_types(scans, plan, folder / HALVES, told),
    )


def altered_figures(judged: Sequence[JudgedCase]) -> dict[str, Estimate]:
    """Return how well altered patches of left-out patients are told from healthy ones.

    Parameters
    ----------
    judged
        Each scan, judged by a network that never saw its patient.

    Returns
    -------
    dict
        Of the network, of the grey of patches, and of grey standardized by each scan's lungs.
    """
    scans = [one.scan for one in judged]
    is_altered = np.concatenate([_altered(one) for one in scans])
    groups = [one.patient for one in scans for _ in one.candidates]
    chances = np.concatenate([one.chances for one in judged])
    figures = {"network": clustered_auroc(1.0 - chances[:, IRRELEVANT], is_altered, groups)}
    for name, standardized in (("grey alone", False), ("grey alone, standardized", True)):
        parts = [_numbers(one, _healthy_grey(one) if standardized else None) for one in scans]
        numbers = np.concatenate(parts)
        scores = _left_out_scores(numbers, is_altered, groups)
        figures[name] = clustered_auroc(scores, is_altered, groups)
    return figures


def type_leak(scans: Sequence[CasePatches]) -> dict[str, float]:
    """Return how well grey alone tells the disease, from altered and from healthy lung.

    Parameters
    ----------
    scans
        Of patients with COVID-19 and with other pneumonia; healthy patients are left out.

    Returns
    -------
    dict
        AUROC on the upper halves of the same scans, of all and of those in HU; NaN where a kind
        has no such patches. That it can be told from healthy lung shows that the scan is
        recognized, not the disease.
    """
    ill = [one for one in scans if one.disease != IRRELEVANT]
    in_hu = [one for one in ill if one.unit == "HU"]
    found = {}
    for name, some in (("all scans", ill), ("scans in HU", in_hu)):
        for standardized in (False, True):
            way = "grey alone, standardized" if standardized else "grey alone"
            for lung, is_altered in (("altered", True), ("healthy", False)):
                halves = [_half(one, _altered(one) == is_altered) for one in some]
                found[f"{way}, {lung} lung, {name}"] = _leak(
                    some, halves, standardized=standardized
                )
    return found


def _leak(
    scans: Sequence[CasePatches], wanted: Sequence[CasePatches], *, standardized: bool
) -> float:
    """Learn the disease from lower halves of the wanted patches, and judge the upper ones."""
    numbers, is_other, is_upper = [], [], []
    for scan, some in zip(scans, wanted, strict=True):
        numbers.append(_numbers(some, _healthy_grey(scan) if standardized else None))
        is_other.append(np.full(len(some.candidates), scan.disease == OTHER))
        is_upper.append(some.heights > np.median(scan.heights))
    if not scans:
        return float("nan")
    return _half_auroc(np.concatenate(numbers), np.concatenate(is_other), np.concatenate(is_upper))


def _fitted(scans: Sequence[CasePatches], plan: CaseStudyPlan, folder: Path) -> torch.nn.Module:
    torch.manual_seed(plan.fit.seed)
    network = LocationNetwork(len(KINDS), width=plan.width)
    examples = examples_of(scans, most=plan.most, seed=plan.fit.seed)
    return fit_small(network, examples, plan.fit, folder)


def _judged(
    network: torch.nn.Module, scan: CasePatches, learned: Sequence[CasePatches]
) -> JudgedCase:
    chances = chances_of(network, scan.patches)
    altered = _altered(scan)
    candidates = [one for one in scan.candidates if one.is_altered]
    kinds = sorted({int(kind) for one in learned for kind in one.targets})
    return JudgedCase(
        scan=scan,
        learned=tuple(KINDS[one] for one in kinds),
        answer=answer_of(chances[altered], candidates),
        chances=chances,
    )


def _types(
    scans: Sequence[CasePatches], plan: CaseStudyPlan, folder: Path, told: Told
) -> dict[str, float]:
    """Measure the type on upper halves: by a network that learned from lower ones, and by grey."""
    if not {COVID, OTHER} <= {one.disease for one in scans}:
        return {}
    lower = [_half(one, ~_upper(one)) for one in scans]
    told(f"{HALVES}: {len(lower)} scans")
    network = _fitted(lower, plan, folder)
    altered = [_half(one, _upper(one) & _altered(one)) for one in scans]
    ill = [one for one in altered if one.disease != IRRELEVANT and one.candidates]
    chances = np.concatenate([chances_of(network, one.patches) for one in ill])
    is_other = np.concatenate([one.targets == OTHER for one in ill])
    scores = np.log(chances[:, OTHER] + 1e-12) - np.log(chances[:, COVID] + 1e-12)
    return {"network, altered lung, all scans": auroc(scores, is_other), **type_leak(scans)}


def _half(scan: CasePatches, kept: BoolArray) -> CasePatches:
    candidates = tuple(one for one, keep in zip(scan.candidates, kept, strict=True) if keep)
    return replace(scan, candidates=candidates, patches=scan.patches[kept])


def _altered(scan: CasePatches) -> BoolArray:
    return np.array([one.is_altered for one in scan.candidates], np.bool_)


def _upper(scan: CasePatches) -> BoolArray:
    if not scan.candidates:
        return np.zeros(0, np.bool_)
    return np.asarray(scan.heights > np.median(scan.heights), np.bool_)


def _numbers(scan: CasePatches, healthy: FloatArray | None) -> FloatArray:
    """Return the grey numbers of patches, standardized by healthy lung where it is given."""
    grey = scan.patches[:, 0]
    if healthy is not None and healthy.size:
        grey = (grey - healthy.mean()) / max(float(healthy.std()), 1e-6)
    return grey_numbers(grey) if len(grey) else np.zeros((0, len(GREY_NUMBERS)), np.float32)


def _healthy_grey(scan: CasePatches) -> FloatArray:
    return np.asarray(scan.patches[~_altered(scan), 0], np.float32)


def _left_out_scores(numbers: FloatArray, is_kind: BoolArray, groups: Sequence[str]) -> DoubleArray:
    """Score each patient's patches by a regression on the others', kinds and patients even."""
    names = np.asarray(groups)
    scores = np.zeros(len(names))
    for name in np.unique(names):
        learn = names != name
        weights = np.zeros(len(names))
        weights[learn] = draw_weights(is_kind[learn].astype(np.int64), names[learn].tolist())
        scores[~learn] = trivial_scores(numbers, is_kind, learn, weights)
    return scores


def _half_auroc(numbers: FloatArray, is_other: BoolArray, is_upper: BoolArray) -> float:
    if min(np.unique(is_other[side]).size for side in (is_upper, ~is_upper)) < 2:
        return float("nan")
    return auroc(trivial_scores(numbers, is_other, ~is_upper), is_other[is_upper])
