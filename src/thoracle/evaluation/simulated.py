"""Made-up films with known truth, for examples, documentation and tests; never results."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from thoracle.evaluation.calibration import softmax
from thoracle.evaluation.inputs import EvaluationInput

LABELS = ("No finding", "Other lung opacity", "COVID-19")


def simulated_input(
    *,
    films: int,
    separation: float,
    overconfidence: float,
    generator: np.random.Generator,
    thresholds: Sequence[float] | None = None,
) -> EvaluationInput:
    """Make films whose probabilities are right once the logits are divided by a known number.

    Parameters
    ----------
    films
        How many; about one in three is a patient's second or third film.
    separation
        Distance of the findings in standard deviations; one finding against one other then
        has an AUROC of `expected_pair_auroc(separation)`.
    overconfidence
        The temperature that calibrates the logits; `probabilities` have it applied.
    generator
        Source of randomness.
    thresholds
        One per finding, or None.

    Returns
    -------
    EvaluationInput
        Three findings, two made-up hospitals, ages, sexes and views, some unknown.
    """
    reference = generator.integers(0, len(LABELS), size=films)
    axes = separation / np.sqrt(2.0) * np.eye(len(LABELS))
    evidence = axes[reference] + generator.normal(size=(films, len(LABELS)))
    logits = overconfidence * (evidence @ axes.T - 0.5 * np.sum(axes**2, axis=1))
    patients = np.sort(generator.integers(0, max(1, 2 * films // 3), size=films))
    ages = generator.normal(55.0, 18.0, size=films).clip(18.0, 95.0)
    ages[generator.random(films) < 0.1] = np.nan
    return EvaluationInput(
        labels=LABELS,
        logits=logits,
        probabilities=softmax(logits, temperature=overconfidence),
        reference=reference.astype(np.int64),
        patient=tuple(f"patient-{index}" for index in patients),
        thresholds=None if thresholds is None else tuple(thresholds),
        source=_names(generator, films, ("hospital-a", "hospital-b")),
        age_years=ages,
        sex=_names(generator, films, ("F", "M", None)),
        view=_names(generator, films, ("AP", "PA")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortEffects:
    """How the log odds of being judged rightly change, in a made-up cohort.

    `age_per_10_years`, `male`, `bmi_per_5` and `second_ethnicity` hold for all films;
    `bmi_per_5_in_covid` is added where the reference is COVID-19, so that 0 is no interaction.
    `chance` is the probability of being judged rightly at age 50, BMI 25, for a woman of the
    first ethnicity.
    """

    chance: float = 0.75
    age_per_10_years: float = 0.0
    male: float = 0.0
    bmi_per_5: float = 0.0
    second_ethnicity: float = 0.0
    bmi_per_5_in_covid: float = 0.0


def simulated_cohort(
    *,
    patients: int,
    films_per_patient: int,
    effects: CohortEffects,
    generator: np.random.Generator,
    alike_within_patient: float = 0.5,
) -> EvaluationInput:
    """Make patients whose chance of being judged rightly follows a known logistic model.

    Parameters
    ----------
    patients, films_per_patient
        How many.
    effects
        The truth, which a regression should find again.
    generator
        Source of randomness.
    alike_within_patient
        Share of films whose outcome is drawn once for the patient: the odds ratios of the
        population stay what `effects` says, and the films are not independent.

    Returns
    -------
    EvaluationInput
        Three findings, ages 20 to 90, BMI 17 to 50, ethnicities "Pacific", "Asian" and "Other".
    """
    films = patients * films_per_patient
    of_patient = np.repeat(np.arange(patients), films_per_patient)
    age = generator.uniform(20.0, 90.0, size=patients)
    is_male = generator.random(patients) < 0.5
    bmi = np.clip(generator.normal(29.0, 6.0, size=patients), 17.0, 50.0)
    ethnicity = generator.choice(3, size=patients, p=(0.5, 0.3, 0.2))
    reference = generator.integers(0, len(LABELS), size=patients)
    slope = effects.bmi_per_5 + effects.bmi_per_5_in_covid * (reference == len(LABELS) - 1)
    odds = (
        scipy.special.logit(effects.chance)
        + effects.age_per_10_years * (age - 50.0) / 10.0
        + effects.male * is_male
        + slope * (bmi - 25.0) / 5.0
        + effects.second_ethnicity * (ethnicity == 1)
    )
    alike = generator.random(films) < alike_within_patient
    draw = np.where(alike, generator.random(patients)[of_patient], generator.random(films))
    is_right = draw < scipy.special.expit(odds)[of_patient]
    truth = reference[of_patient]
    said = np.where(is_right, truth, (truth + generator.integers(1, 3, size=films)) % len(LABELS))
    logits = 2.0 * np.eye(len(LABELS))[said]
    names = ("Pacific", "Asian", "Other")
    return EvaluationInput(
        labels=LABELS,
        logits=logits,
        probabilities=softmax(logits),
        reference=truth.astype(np.int64),
        patient=tuple(f"patient-{index}" for index in of_patient),
        age_years=age[of_patient],
        sex=tuple("M" if is_male[index] else "F" for index in of_patient),
        bmi=bmi[of_patient],
        ethnicity=tuple(names[ethnicity[index]] for index in of_patient),
    )


def expected_pair_auroc(separation: float) -> float:
    """Return the AUROC of two unit normal distributions that lie `separation` apart."""
    return float(scipy.stats.norm.cdf(separation / np.sqrt(2.0)))


def _names(
    generator: np.random.Generator, films: int, values: tuple[str | None, ...]
) -> tuple[str | None, ...]:
    return tuple(values[index] for index in generator.integers(0, len(values), size=films))
