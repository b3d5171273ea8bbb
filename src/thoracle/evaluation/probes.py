"""Whether an attribute of a film can be read off its embedding: cross-validated by patient.

scikit-learn belongs to the extra "research" and is imported when a probe is fitted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from thoracle.core.arrays import DoubleArray, FloatArray, IntArray
from thoracle.core.extras import require_research
from thoracle.core.results import Reason
from thoracle.evaluation.bootstrap import (
    PatientResamples,
    clustered_estimate,
    resample_patients,
    resampled,
    resampled_sums,
)
from thoracle.evaluation.estimate import Estimate, ratio, unknown
from thoracle.evaluation.roc import auroc_statistic

FOLDS = 5
COMPONENTS = 64  # principal components of the fold's films: fewer numbers than films, always.
FEWEST_OF_VALUE = 20  # films of a value, and a quarter as many patients: rarer ones are left out.
SHUFFLES = 40  # labels shuffled among patients; the highest of them is about the 97.5th percentile.
METHOD = "logistic-probe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """How well one attribute is told from embeddings.

    Attributes
    ----------
    values
        The attribute's values that have enough films, sorted.
    films
        How many films have them.
    balanced_accuracy
        Mean share of a value's films that are told, 1 / number of values at chance.
    skill
        The same scaled: 0 at chance, 1 where all is told.
    auroc
        Mean over the values of each against the rest; one half at chance.
    shuffled
        Skills with the attribute shuffled among patients.
    """

    values: tuple[str, ...]
    films: int
    balanced_accuracy: Estimate
    skill: Estimate
    auroc: Estimate
    shuffled: tuple[float, ...] = field(repr=False)


def require_probes() -> None:
    """Stop early where probes cannot be fitted; that is a MissingExtraError."""
    require_research("sklearn", package="scikit-learn", need="probes need")


def probe(
    embeddings: FloatArray,
    attribute: Sequence[str | None],
    patient: Sequence[str],
    *,
    generator: np.random.Generator,
    shuffles: int = SHUFFLES,
) -> Probe:
    """Tell an attribute from embeddings, by films of other patients.

    Parameters
    ----------
    embeddings : (films, channels) float32
        From the classifier.
    attribute : (films,) str or None
        Such films are left out, and those of values that are too rare.
    patient : (films,) str
        Films of one patient are never on both sides of a fold.
    generator
        Decides folds, shuffles and resamples.
    shuffles
        How often the attribute is shuffled among patients.

    Returns
    -------
    Probe
        Unknown, with the reason, where fewer than two values have enough films.
    """
    require_probes()
    kept, values = _usable(attribute, patient)
    codes = np.array([values.index(str(attribute[film])) for film in kept], dtype=np.int64)
    patients = np.asarray([patient[film] for film in kept], dtype=np.str_)
    if len(values) < 2:
        return _none(values, len(kept))
    folds = _folds(embeddings[kept], codes, patients, generator=generator)
    chances = _told(folds, codes, len(values))
    resamples = resample_patients(patients.tolist(), generator=generator)
    shuffled = []
    for _ in range(shuffles):
        mixed = _shuffled(codes, patients, generator=generator)
        told = _told(folds, mixed, len(values)).argmax(axis=1)
        shuffled.append(float(_skill(_balanced(told == mixed, mixed, len(values)), len(values))))
    return Probe(
        values=values,
        films=len(kept),
        **_figures(chances, codes, resamples),
        shuffled=tuple(shuffled),
    )


def mean_skill(probes: Sequence[Probe]) -> tuple[Estimate, float]:
    """Join the skills of one attribute in several findings.

    Parameters
    ----------
    probes
        One per finding, of disjoint films; those without a figure are left out.

    Returns
    -------
    skill, highest shuffled skill
        The mean weighted by films, its interval as of independent parts; NaN where there is none.
    """
    known = [one for one in probes if one.skill.value is not None]
    if not known:
        return _no_skill(probes), np.nan
    films = np.array([one.films for one in known])
    weights = films / films.sum()
    value = float(weights @ [one.skill.value or 0.0 for one in known])
    low, high = (
        value + sign * float(np.sqrt(np.sum((weights * reach) ** 2)))
        for sign, reach in ((-1.0, _reach(known, "low")), (1.0, _reach(known, "high")))
    )
    mixed = weights @ np.array([one.shuffled for one in known])
    top = float(mixed.max()) if mixed.size else np.nan
    return Estimate(value=value, low=low, high=high, n=int(films.sum()), method=METHOD), top


def _no_skill(probes: Sequence[Probe]) -> Estimate:
    reason = next((one.skill.reason for one in probes if one.skill.reason), _TOO_FEW)
    return unknown(reason, n=sum(one.films for one in probes), method=METHOD)


_TOO_FEW = Reason(code="probe-one-value", text="Fewer than two values have enough films.")


def _reach(probes: Sequence[Probe], end: str) -> DoubleArray:
    return np.array([(getattr(one.skill, end) or 0.0) - (one.skill.value or 0.0) for one in probes])


def _none(values: tuple[str, ...], films: int) -> Probe:
    nothing = unknown(_TOO_FEW, n=films, method=METHOD)
    return Probe(
        values=values, films=films, balanced_accuracy=nothing, skill=nothing, auroc=nothing,
        shuffled=(),
    )  # fmt: skip


def _usable(
    attribute: Sequence[str | None], patient: Sequence[str]
) -> tuple[IntArray, tuple[str, ...]]:
    """Return the films whose value has enough films and patients, and those values, sorted."""
    by_value: dict[str, list[int]] = {}
    for film, value in enumerate(attribute):
        if value:
            by_value.setdefault(value, []).append(film)
    values = tuple(
        sorted(
            value
            for value, films in by_value.items()
            if len(films) >= FEWEST_OF_VALUE
            and len({patient[film] for film in films}) >= FEWEST_OF_VALUE / 4
        )
    )
    kept = sorted(film for value in values for film in by_value[value])
    return np.array(kept, dtype=np.int64), values


def _folds(
    embeddings: FloatArray, codes: IntArray, patients: Any, *, generator: np.random.Generator
) -> list[tuple[IntArray, IntArray, DoubleArray, DoubleArray]]:
    """Split by patient, and turn each side into components that the learning side decides."""
    from sklearn.model_selection import StratifiedGroupKFold

    split = StratifiedGroupKFold(
        n_splits=FOLDS, shuffle=True, random_state=int(generator.integers(2**31))
    )
    made = []
    for learn, judge in split.split(embeddings, codes, patients):
        center, spread = embeddings[learn].mean(axis=0), embeddings[learn].std(axis=0)
        scaled = (embeddings - center) / np.where(spread > 0, spread, 1)
        _, sizes, axes = np.linalg.svd(scaled[learn].astype(np.float64), full_matrices=False)
        count = min(COMPONENTS, int((sizes > sizes[0] * 1e-6).sum()))
        parts = scaled @ axes[:count].T
        made.append((learn, judge, parts[learn], parts[judge]))
    return made


def _told(
    folds: Sequence[tuple[IntArray, IntArray, DoubleArray, DoubleArray]],
    codes: IntArray,
    count: int,
) -> DoubleArray:
    """Return each film's probabilities by a regression on other patients' films."""
    from sklearn.linear_model import LogisticRegression

    chances = np.zeros((codes.size, count))
    for learn, judge, seen, unseen in folds:
        known = np.unique(codes[learn])
        if known.size < 2:
            chances[judge, known] = 1.0
            continue
        scale = float(np.sqrt((seen**2).sum(axis=1).mean())) or 1.0  # C then means the same always
        model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=500)
        model.fit(seen / scale, codes[learn])
        chances[np.ix_(judge, known)] = model.predict_proba(unseen / scale)
    return chances


def _figures(
    chances: DoubleArray, codes: IntArray, resamples: PatientResamples
) -> dict[str, Estimate]:
    count = chances.shape[1]
    is_right = chances.argmax(axis=1) == codes
    one_hot = np.eye(count)[codes]
    columns = np.hstack([one_hot * is_right[:, None], one_hot])
    sums = resampled_sums(columns, resamples)
    recalls = ratio(sums[:, :count], sums[:, count:])
    balanced = recalls.mean(axis=1)
    value = _balanced(is_right, codes, count)
    areas = [auroc_statistic(chances[:, one], codes == one) for one in range(count)]
    everyone = np.ones((1, codes.size))
    area = float(np.mean([one(everyone)[0] for one in areas]))
    on_resamples = np.mean([resampled(one, resamples) for one in areas], axis=0)

    def made(value: float, values: DoubleArray) -> Estimate:
        return clustered_estimate(value, values, n=codes.size, patients=resamples.patients)

    return {
        "balanced_accuracy": made(value, balanced),
        "skill": made(float(_skill(value, count)), np.asarray(_skill(balanced, count))),
        "auroc": made(area, on_resamples),
    }


def _balanced(is_right: Any, codes: IntArray, count: int) -> float:
    return float(np.mean([is_right[codes == one].mean() for one in range(count)]))


def _skill(balanced: Any, count: int) -> Any:
    return (balanced - 1 / count) / (1 - 1 / count)


def _shuffled(codes: IntArray, patients: Any, *, generator: np.random.Generator) -> IntArray:
    """Give each patient's films the values of another patient's, in turn."""
    names, place = np.unique(patients, return_inverse=True)
    own = [codes[place == one] for one in range(names.size)]
    mixed = np.empty_like(codes)
    for one, other in enumerate(generator.permutation(names.size)):
        mixed[place == one] = np.resize(own[other], int((place == one).sum()))
    if np.unique(mixed).size < np.unique(codes).size:  # a rare value can be lost on the way
        return _shuffled(codes, patients, generator=generator)
    return mixed
