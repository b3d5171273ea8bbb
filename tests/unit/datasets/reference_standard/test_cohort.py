"""Who is in the cohort: first and last film, one position, one admission, and the flow of n."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from thoracle.datasets.reference_standard.cohort import FirstLast, flow_of
from thoracle.datasets.reference_standard.plan import AdmissionChoice, default_plan
from thoracle.datasets.reference_standard.types import Exclusion


def _xrays(films: str, **over: str) -> list[dict[str, str]]:
    """Turn "SL?" into films on following days: standing, lying, position not recorded."""
    positions = {"S": "standing", "L": "lying", "?": ""}
    return [
        {"accession": f"X{day}", "taken": f"2021-01-0{day}", "position": positions[sign], **over}
        for day, sign in enumerate(films, 1)
    ]


def _places(made: Any) -> list[str]:
    return [str(one.first_last or one.judged.exclusion) for one in made.selected()]


F, L, O = "first", "last", "only"  # noqa: E741
OTHER, BETWEEN = str(Exclusion.OTHER_POSITION), str(Exclusion.IN_BETWEEN)
NO_POSITION = str(Exclusion.NO_POSITION)


@pytest.mark.parametrize(
    ("sentence", "films", "places"),
    [
        ("one film stands alone", "S", [O]),
        ("two films in one position are first and last", "SS", [F, L]),
        ("of three films the middle one is left out", "LLL", [F, BETWEEN, L]),
        ("the first film fixes the position", "SL", [O, OTHER]),
        ("the last film in the first one's position counts", "SLS", [F, OTHER, L]),
        ("a later film in another position does not count", "SSL", [F, L, OTHER]),
        ("a long stay in bed after one standing film", "SLLL", [O, OTHER, OTHER, OTHER]),
        ("a film of unknown position fixes nothing", "?LL", [NO_POSITION, F, L]),
    ],
)
def test_every_way_to_first_and_last(
    hospital: Any, sentence: str, films: str, places: list[str]
) -> None:
    assert _places(hospital(xrays=_xrays(films), codes=[{}])) == places, sentence


def test_a_film_that_is_barred_is_neither_first_nor_last(hospital: Any) -> None:
    films = _xrays("SSSS")
    films[0]["suspected"] = "no"
    films[3]["view"] = "lateral"
    places = _places(hospital(xrays=films, codes=[{}]))
    assert places == [str(Exclusion.NOT_SUSPECTED), F, L, str(Exclusion.LATERAL)]


def test_films_of_one_time_are_ordered_by_accession_number(hospital: Any) -> None:
    films = [{"accession": name} for name in ("c", "a", "b")]
    assert _places(hospital(xrays=films, codes=[{}])) == [F, BETWEEN, L]


STAYS = [
    {"admission": "B", "admitted": "2021-03-01", "discharged": "2021-03-05"},
    {},
]
FILMS = [{"accession": "B1", "taken": "2021-03-02"}, {"accession": "A1"}]


@pytest.mark.parametrize(
    ("sentence", "choice", "first", "places"),
    [
        ("the first admission counts", "first", {}, [O, str(Exclusion.READMISSION)]),
        ("all admissions count where asked", "all", {}, [O, O]),
        (
            "the first admission with a usable X-ray counts", "first", {"suspected": "no"},
            [str(Exclusion.NOT_SUSPECTED), O],
        ),
    ],
)  # fmt: skip
def test_every_choice_of_admissions(
    hospital: Any, sentence: str, choice: str, first: dict[str, str], places: list[str]
) -> None:
    plan = default_plan()
    plan = replace(plan, cohort=replace(plan.cohort, admissions=AdmissionChoice(choice)))
    made = hospital(
        plan,
        xrays=[FILMS[0], {**FILMS[1], **first}],
        admissions=STAYS,
        codes=[{}, {"admission": "B"}],
    )
    assert _places(made) == places, sentence


def test_another_patients_admission_is_no_readmission(hospital: Any) -> None:
    stays = [{}, {"admission": "B", "patient": "Q"}]
    films = [{}, {"accession": "X2", "patient": "Q"}]
    made = hospital(xrays=films, admissions=stays, codes=[{}, {"admission": "B"}])
    assert _places(made) == [O, O]


def test_the_flow_counts_every_xray_once(hospital: Any) -> None:
    films = [
        *_xrays("SLS"),
        {"accession": "Y1", "suspected": "no"},
        {"accession": "Y2", "view": "lateral"},
        {"accession": "Y3", "taken": "2022-01-01", "patient": "Q"},
        {"accession": "Y4", "reading": "uncertain"},
        {"accession": "Y5", "position": ""},
    ]
    flow = flow_of(hospital(xrays=films, codes=[{}]).selected())
    assert [(box.xrays, box.patients) for box in flow] == [
        (8, 2), (6, 2), (5, 1), (3, 1), (3, 1), (2, 1),
    ]  # fmt: skip
    for before, after in itertools.pairwise(flow):
        assert before.xrays - sum(count for _, count in after.left_out) == after.xrays


def test_every_reason_stands_in_one_box(hospital: Any) -> None:
    named = [why for box in flow_of(hospital(xrays=[]).selected()) for why, _ in box.left_out]
    assert sorted(named) == sorted(str(one) for one in Exclusion)


def test_a_place_is_written_as_one_word() -> None:
    assert [str(one) for one in FirstLast] == ["first", "last", "only"]
