"""Slices by source, age band, sex and view."""

import dataclasses
import math

import numpy as np
import pytest

from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.measurement import set_figures
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.subgroups import age_band, film_slices, subgroup_figures

OPTIONS = EvaluationOptions(resamples=50, minimum_films=20)


@pytest.mark.parametrize(
    ("age_years", "band"),
    [
        (0.0, "0-17"), (17.9, "0-17"), (18.0, "18-39"), (40.0, "40-59"), (60.0, "60-74"),
        (75.0, "75+"), (101.0, "75+"), (math.nan, "unknown"), (-1.0, "unknown"),
        (999.0, "unknown"),
    ],
)  # fmt: skip
def test_an_age_has_its_band(age_years: float, band: str) -> None:
    assert age_band(age_years) == band


def test_slices_of_an_attribute_share_out_all_films(films: EvaluationInput) -> None:
    slices = film_slices(films)
    names = [(one.attribute, one.value) for one in slices]
    assert names[:2] == [("source", "hospital-a"), ("source", "hospital-b")]
    assert [value for attribute, value in names if attribute == "sex"] == ["F", "M", "unknown"]
    for attribute in ("source", "age_band", "sex", "view"):
        members = [one.members for one in slices if one.attribute == attribute]
        np.testing.assert_array_equal(np.sum(members, axis=0), 1)


def test_an_attribute_that_is_not_there_is_left_out(films: EvaluationInput) -> None:
    bare = dataclasses.replace(films, source=None, age_years=None, sex=None, view=None)
    assert film_slices(bare) == ()
    found = subgroup_figures(bare, generator=np.random.default_rng(0), options=OPTIONS)
    assert found == ()


def test_a_small_slice_is_counted_and_not_judged(films: EvaluationInput) -> None:
    source = tuple("tiny" if index < 19 else "big" for index in range(films.films))
    part = dataclasses.replace(films, source=source, age_years=None, sex=None, view=None)
    big, tiny = subgroup_figures(part, generator=np.random.default_rng(0), options=OPTIONS)
    assert (tiny.value, tiny.films, sum(tiny.support)) == ("tiny", 19, 19)
    assert tiny.figures is None
    assert tiny.reason is not None
    assert "19 films; figures need 20" in tiny.reason.text
    assert big.figures is not None
    assert big.reason is None


def test_a_slice_has_the_figures_of_its_films_alone(films: EvaluationInput) -> None:
    part = dataclasses.replace(films, age_years=None, sex=None, view=None)
    first = subgroup_figures(part, generator=np.random.default_rng(0), options=OPTIONS)[0]
    inside = part.select(np.array([one == "hospital-a" for one in part.source or ()]))
    alone = set_figures(inside, generator=np.random.default_rng(0), options=OPTIONS)
    assert first.figures == alone
    assert first.patients == len(set(inside.patient))
