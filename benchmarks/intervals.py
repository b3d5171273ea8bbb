"""Measure how often intervals hold the truth, and how often tests reject it: decision 13.

Run `python benchmarks/intervals.py --repeats 300`. Everything is simulated with a known truth, and
films of one patient resemble each other. It prints a Markdown table; ± is two standard errors.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from thoracle.core.arrays import BoolArray
from thoracle.evaluation.calibration import softmax
from thoracle.evaluation.decision_curves import THRESHOLDS, decision_curves
from thoracle.evaluation.dependence import Dependence, dependence
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.family import family_wise
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.mcnemar import mcnemar
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.paired import compare_classifiers
from thoracle.evaluation.roc import auroc
from thoracle.evaluation.simulated import LABELS, CohortEffects, simulated_cohort

PATIENTS, FILMS = 150, 3
OPTIONS = EvaluationOptions(resamples=600)
EFFECTS = CohortEffects(age_per_10_years=-0.2, bmi_per_5=-0.25, second_ethnicity=-0.6)
LOG_ODDS = (-0.2, 0.0, -0.25, -0.6, 0.0)  # of age, sex, BMI, the second and third ethnicity
ACTING = 0.33  # the threshold whose net benefit is followed

Outcome = tuple[str, bool]


def classifiers(rng: np.random.Generator, patients: int) -> list[EvaluationInput]:
    """Make two classifiers of the same films, which share most of their noise."""
    of_patient = np.repeat(np.arange(patients), FILMS)
    reference = rng.integers(0, 3, size=patients)[of_patient]
    shared = rng.normal(size=(patients, 3))[of_patient]
    made = []
    for strength in (1.4, 1.0):
        own = rng.normal(size=(patients, 3))[of_patient]
        noise = 0.6 * shared + 0.6 * own + 0.3 * rng.normal(size=(of_patient.size, 3))
        logits = strength * np.eye(3)[reference] + noise
        made.append(
            EvaluationInput(
                labels=LABELS,
                logits=logits,
                probabilities=softmax(logits),
                reference=reference,
                patient=tuple(f"p{index}" for index in of_patient),
            )
        )
    return made


def is_right(inputs: EvaluationInput) -> BoolArray:
    """Say of each film whether its likeliest finding is the reference."""
    return np.asarray(np.argmax(inputs.probabilities, axis=1) == inputs.reference)


def holds(low: float | None, high: float | None, truth: float) -> bool:
    """Say whether an interval holds a number; none holds nothing."""
    return low is not None and high is not None and low <= truth <= high


def held(interval: Estimate, truth: float) -> bool:
    """Say whether an estimate's interval holds a number."""
    return holds(interval.low, interval.high, truth)


def truth_of_endless_patients(rng: np.random.Generator) -> dict[str, float]:
    """Return what the intervals below should hold, from very many patients."""
    first, second = classifiers(rng, 60_000)
    area = [auroc(one.probabilities[:, 2], one.reference == 2) for one in (first, second)]
    said, has = np.argmax(first.probabilities, axis=1) == 2, first.reference == 2
    pair = first.reference > 0
    covid = first.probabilities[:, 2] >= first.probabilities[:, 1]
    acts = first.probabilities[:, 2] >= ACTING
    odds = ACTING / (1 - ACTING)
    return {
        "accuracy": float(is_right(first).mean() - is_right(second).mean()),
        "auroc": area[0] - area[1],
        "ppv": float(has[said].mean()),
        "npv": float(1 - has[~said].mean()),
        "pair ppv": float(has[pair & covid].mean()),
        "pair npv": float(1 - has[pair & ~covid].mean()),
        "benefit": float((acts & has).mean() - (acts & ~has).mean() * odds),
    }


def of_two(rng: np.random.Generator, truth: dict[str, float]) -> Iterator[Outcome]:
    """Compare two classifiers."""
    first, second = classifiers(rng, PATIENTS)
    found = compare_classifiers(first, second, generator=rng, options=OPTIONS)
    area = found.of("auroc", LABELS[2])
    difference = found.of("accuracy").difference
    yield "difference of accuracy, by patient, holds", held(difference, truth["accuracy"])
    yield "difference of AUROC, by patient, holds", held(area.difference, truth["auroc"])
    if area.delong is not None:
        inside = holds(area.delong.low, area.delong.high, truth["auroc"])
        yield "difference of AUROC, DeLong (films as independent), holds", inside


def of_equals(rng: np.random.Generator) -> Iterator[Outcome]:
    """Test two that are right equally often, at 5 %."""
    of_patient = np.repeat(np.arange(PATIENTS), FILMS)
    right = []
    for _ in range(2):
        alike = rng.random(of_patient.size) < 0.7
        draw = np.where(alike, rng.random(PATIENTS)[of_patient], rng.random(of_patient.size))
        right.append(draw < 0.8)
    found = mcnemar(right[0], right[1], of_patient.astype(np.str_))
    yield "McNemar by patient, exact, rejects the truth", found.p_by_patient < 0.05
    yield "McNemar by patient, mid-p, rejects the truth", found.p_mid_by_patient < 0.05
    yield "McNemar, films as independent, rejects the truth", found.p_exact < 0.05


def of_one(rng: np.random.Generator, truth: dict[str, float]) -> Iterator[Outcome]:
    """Judge one classifier: its family of predictive values, and its net benefit."""
    films = classifiers(rng, PATIENTS)[0]
    family = family_wise(films, generator=rng, options=OPTIONS)
    if family is not None:
        names = ("ppv", "npv", "pair ppv", "pair npv")
        members = family.members
        clustered = [one for m in members for one in (m.ppv_clustered, m.npv_clustered)]
        plain = [one for m in members for one in (m.ppv, m.npv)]
        for name, values in (("by patient", clustered), ("Wilson (films as independent)", plain)):
            together = all(held(one, truth[n]) for one, n in zip(values, names, strict=True))
            yield f"four predictive values of the family, {name}, all hold", together
    place = int(np.argmin(np.abs(np.asarray(THRESHOLDS) - ACTING)))
    curves = decision_curves(films, generator=rng, options=OPTIONS)
    point = curves[2].points[place]
    yield "net benefit at 33 %, by patient, holds", holds(point.low, point.high, truth["benefit"])


def of_cohort(rng: np.random.Generator, *, films: int) -> Dependence:
    """Regress correctness in a cohort of known effects."""
    cohort = simulated_cohort(
        patients=PATIENTS * 2, films_per_patient=films, effects=EFFECTS, generator=rng
    )
    return dependence(cohort)


def of_regression(rng: np.random.Generator) -> Iterator[Outcome]:
    """Regress with repeated films, and with one film of each patient."""
    for films, name in ((FILMS, f"{FILMS} films each"), (1, "one film each")):
        found = of_cohort(rng, films=films)
        for one, value in zip(found.odds_ratios, LOG_ODDS, strict=True):
            ratio = float(np.exp(value))
            inside = holds(one.low, one.high, ratio)
            yield f"odds ratio, Wald by patient, {name}, holds", inside
            profiled = holds(one.profile_low, one.profile_high, ratio)
            yield f"odds ratio, profile likelihood, {name}, holds", profiled
        for test in found.interactions:
            if test.p_by_patient is not None and test.p_likelihood_ratio is not None:
                yield f"interaction, Wald by patient, {name}, rejects", test.p_by_patient < 0.05
                p = test.p_likelihood_ratio
                yield f"interaction, likelihood ratio, {name}, rejects", p < 0.05


def main() -> None:
    """Print a row for each interval and test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=300)
    repeats = parser.parse_args().repeats
    rng = np.random.default_rng(13)
    truth = truth_of_endless_patients(rng)
    counted: dict[str, list[bool]] = defaultdict(list)
    for _ in range(repeats):
        for outcomes in (
            of_two(rng, truth),
            of_equals(rng),
            of_one(rng, truth),
            of_regression(rng),
        ):
            for name, outcome in outcomes:
                counted[name].append(outcome)
    print("| interval or test (95 %, 5 %) | share | trials |\n|---|---|---|")
    for name, outcomes_of_name in counted.items():
        share = float(np.mean(outcomes_of_name))
        error = 2 * np.sqrt(share * (1 - share) / len(outcomes_of_name))
        row = f"{100 * share:.1f} % ± {100 * error:.1f} | {len(outcomes_of_name)}"
        print(f"| {name} | {row} |")


if __name__ == "__main__":
    main()
