"""The same figures inside one source, age band, sex or view."""

import math
from dataclasses import dataclass, field

import numpy as np

from thoracle.core.arrays import BoolArray
from thoracle.core.results import Reason
from thoracle.evaluation.film_set import SetFigures
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.measurement import set_figures
from thoracle.evaluation.options import EvaluationOptions

UNKNOWN_NAME = "unknown"
# Decades are too narrow for a few hundred films. 18: the bundle is for adults.
AGE_BANDS_YEARS = ((0, 18), (18, 40), (40, 60), (60, 75), (75, 150))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilmSlice:
    """Films that share one value of one attribute; `members` is (films,) bool."""

    attribute: str
    value: str
    members: BoolArray = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubgroupFigures:
    """Figures of one slice, or the reason why there are none.

    `support` counts films per finding, in the order of the labels.
    """

    attribute: str
    value: str
    films: int
    patients: int
    support: tuple[int, ...]
    figures: SetFigures | None
    reason: Reason | None = None


def age_band(age_years: float) -> str:
    """Name the age band of an age in years: "0-17", "18-39", "40-59", "60-74", "75+"."""
    if math.isnan(age_years):
        return UNKNOWN_NAME
    for lower, upper in AGE_BANDS_YEARS:
        if lower <= age_years < upper:
            return f"{lower}+" if upper == AGE_BANDS_YEARS[-1][1] else f"{lower}-{upper - 1}"
    return UNKNOWN_NAME


def film_slices(inputs: EvaluationInput) -> tuple[FilmSlice, ...]:
    """Cut films by source, age band, sex and view, in that order, values sorted, unknown last.

    An attribute that the input does not have is left out as a whole.
    """
    ages = inputs.age_years
    columns: dict[str, tuple[str | None, ...] | None] = {
        "source": inputs.source,
        "age_band": None if ages is None else tuple(age_band(float(age)) for age in ages),
        "sex": inputs.sex,
        "view": inputs.view,
    }
    slices: list[FilmSlice] = []
    for attribute, names in columns.items():
        if names is None:
            continue
        column = np.asarray([name or UNKNOWN_NAME for name in names], dtype=np.str_)
        values = sorted(set(column.tolist()), key=lambda name: (name == UNKNOWN_NAME, name))
        slices.extend(
            FilmSlice(attribute=attribute, value=value, members=column == value) for value in values
        )
    return tuple(slices)


def subgroup_figures(
    inputs: EvaluationInput, *, generator: np.random.Generator, options: EvaluationOptions
) -> tuple[SubgroupFigures, ...]:
    """Compute the figures of every slice of the films whose reference is known.

    Parameters
    ----------
    inputs
        The films, with the attributes that are known.
    generator
        Source of randomness for bootstrap and simulation.
    options
        `minimum_films` decides which slices are listed without figures.

    Returns
    -------
    tuple of SubgroupFigures
        In the order of `film_slices`.
    """
    known = inputs.with_known_reference()
    return tuple(
        _one(known, part, generator=generator, options=options) for part in film_slices(known)
    )


def _one(
    inputs: EvaluationInput,
    part: FilmSlice,
    *,
    generator: np.random.Generator,
    options: EvaluationOptions,
) -> SubgroupFigures:
    inside = inputs.select(part.members)
    figures, reason = None, None
    if inside.films < options.minimum_films:
        reason = Reason(
            code="too-few-films",
            text=f"{inside.films} films; figures need {options.minimum_films} or more.",
        )
    else:
        figures = set_figures(inside, generator=generator, options=options)
    support = np.bincount(inside.reference, minlength=len(inputs.labels))
    return SubgroupFigures(
        attribute=part.attribute,
        value=part.value,
        films=inside.films,
        patients=len(set(inside.patient)),
        support=tuple(int(count) for count in support),
        figures=figures,
        reason=reason,
    )
