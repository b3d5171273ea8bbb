"""What leaves the hospital names nobody, holds no date, and can be traced."""

import hashlib
import re
from typing import Any

import pytest

from thoracle.datasets.film import film_from_row, film_row
from thoracle.datasets.reference_standard.release import (
    PseudonymError,
    Release,
    release,
    told_age,
)


def _pseudonym(name: str) -> str:
    return f"p-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _release(made: Any, **over: Any) -> Release:
    given = {"source": "h", "pseudonym_of": _pseudonym, "smallest_cell": 3, **over}
    return release(made.selected(), **given)


NAMES = {
    "accession": "ACC-SECRET-1", "patient": "NHI-SECRET-2", "reader": "Dr Secret",
    "path": "SECRET^NAME.dcm", "taken": "2021-01-03", "admission": "ADM-SECRET-3",
}  # fmt: skip
STAY = {"admission": "ADM-SECRET-3", "patient": "NHI-SECRET-2", "born": "1925-06-07"}


@pytest.fixture
def secret(hospital: Any) -> Release:
    return _release(
        hospital(
            xrays=[{**NAMES, "view": "AP", "position": "lying"}],
            admissions=[STAY],
            codes=[{"admission": "ADM-SECRET-3"}],
            microbiology=[{"patient": "NHI-SECRET-2", "organism": "bacteria"}],
        )
    )


def test_no_identifier_and_no_date_is_left(secret: Release) -> None:
    written = repr((secret.covariates, secret.decisions, [film_row(one) for one in secret.films]))
    assert "SECRET" not in written.upper()
    assert not re.search(r"\d{4}-\d\d-\d\d|1925|2021", written)
    assert "SECRET" not in repr(secret)


def test_a_film_has_its_day_label_and_origin(secret: Release) -> None:
    (film,) = secret.films
    assert re.fullmatch(r"films/f-[0-9a-f]{12}\.png", film.path)
    assert film.patient == f"h:{_pseudonym('NHI-SECRET-2')}"
    assert (film.study_offset_days, film.view, film.label) == (2.0, "AP supine", "bacterial")
    assert film.label_origin == (
        "reference standard: read positive; the discharge code says pneumonia; J13; "
        "microbiology bacterial"
    )
    assert film_from_row(film_row(film)) == film


def test_an_age_above_89_is_told_as_90(secret: Release) -> None:
    assert (secret.films[0].age_years, secret.films[0].note) == (90.0, "90 years or older")
    assert secret.covariates[0]["age"] == "90"
    assert [told_age(one) for one in (None, 89, 90, 101)] == [None, 89, 90, 90]


def test_a_decision_can_be_traced_to_the_branch_of_the_rule(secret: Release) -> None:
    (row,) = secret.decisions
    assert row["branch"] == "read positive; the discharge code says pneumonia"
    assert (row["read"], row["standard"], row["readers"]) == ("positive", "positive", "1")
    assert (row["day"], row["codes"], row["microbiology"]) == ("2", "J13", "bacterial")
    assert (row["first_last"], row["left_out"]) == ("only", "")


def test_covariates_have_the_columns_that_statistics_read(secret: Release) -> None:
    (row,) = secret.covariates
    assert list(row) == [
        "path", "patient", "age", "sex", "bmi", "ethnicity", "x_first_last",
        "x_position", "x_microbiology",
    ]  # fmt: skip
    assert (row["sex"], row["bmi"], row["ethnicity"]) == ("F", "25.5", "European")
    assert (row["x_position"], row["x_microbiology"]) == ("lying", "bacterial")


def test_an_xray_that_is_left_out_has_its_reason_and_no_film(hospital: Any) -> None:
    made = _release(hospital(xrays=[{"patient": "Q"}], codes=[{}]))
    assert made.films == ()
    (row,) = made.decisions
    assert (row["left_out"], row["admission"], row["day"]) == ("outside any admission", "", "")


def test_unknown_facts_are_empty_and_never_zero(hospital: Any) -> None:
    stay = {"age": "", "sex": "", "bmi": "", "ethnicity": ""}
    made = _release(hospital(xrays=[{}], admissions=[stay], codes=[{}]))
    row = made.covariates[0]
    assert [row[name] for name in ("age", "sex", "bmi", "ethnicity")] == [""] * 4
    assert (made.films[0].age_years, str(made.films[0].population)) == (None, "unknown")


def test_two_identifiers_with_one_pseudonym_are_refused(hospital: Any) -> None:
    with pytest.raises(PseudonymError, match="Use another key folder"):
        _release(hospital(xrays=[{}], codes=[{}]), pseudonym_of=lambda _: "p-1")


def _people(count: int, **over: str) -> tuple[list[dict[str, str]], ...]:
    xrays = [{"accession": f"X{i}{over}", "patient": f"P{i}{over}"} for i in range(count)]
    stays = [{"admission": f"A{i}{over}", "patient": f"P{i}{over}", **over} for i in range(count)]
    return xrays, stays, [{"admission": one["admission"]} for one in stays]


@pytest.mark.parametrize(("count", "small"), [(2, (2,)), (3, ())])
def test_groups_of_few_people_are_counted(
    hospital: Any, count: int, small: tuple[int, ...]
) -> None:
    few, many = _people(count, sex="M"), _people(4)
    rows = zip(("xrays", "admissions", "codes"), few, many, strict=True)
    made = _release(hospital(**{name: a + b for name, a, b in rows}))
    assert made.small_groups == small
