"""The simulated hospital, end to end: what is known to be true comes back as labels."""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thoracle.datasets.labels import Label
from thoracle.datasets.reference_standard.cohort import Selected, select
from thoracle.datasets.reference_standard.linking import link
from thoracle.datasets.reference_standard.plan import default_plan
from thoracle.datasets.reference_standard.problems import Problems
from thoracle.datasets.reference_standard.release import release
from thoracle.datasets.reference_standard.rule import Branch
from thoracle.datasets.reference_standard.sheets import Sheet
from thoracle.datasets.reference_standard.simulated import (
    Errors,
    Rows,
    SimulatedHospital,
    simulate_hospital,
)
from thoracle.datasets.reference_standard.standard import judge
from thoracle.datasets.reference_standard.tables import Sheets, read_tables
from thoracle.datasets.reference_standard.types import Exclusion

Shuffle = Callable[[Rows], Rows]


def _sheet(rows: Rows) -> Sheet:
    header = tuple(rows[0])
    cells = tuple((i, tuple(row[name] for name in header)) for i, row in enumerate(rows, 2))
    return Sheet(header=header, rows=cells, wide=())


def _selected(made: SimulatedHospital, shuffle: Shuffle = list) -> tuple[Selected, ...]:
    plan, problems = default_plan(), Problems()
    names = ("xrays", "admissions", "codes", "microbiology")
    sheets = Sheets(**{name: _sheet(shuffle(getattr(made, name))) for name in names})
    tables = read_tables(sheets, plan, problems)
    links = link(tables, plan, problems)
    problems.refuse()
    return select(judge(tables, links, plan), plan.cohort.admissions)


def _decisions(selected: tuple[Selected, ...]) -> dict[str, dict[str, str]]:
    def pseudonym(name: str) -> str:
        return f"p-{hashlib.sha256(name.encode()).hexdigest()[:12]}"

    made = release(selected, source="h", pseudonym_of=pseudonym, smallest_cell=1)
    return {row["film"]: row for row in made.decisions}


def _hospital(seed: int, patients: int = 60, **errors: float) -> SimulatedHospital:
    return simulate_hospital(patients, np.random.default_rng(seed), errors=Errors(**errors))


@pytest.mark.parametrize("seed", range(5))
def test_the_true_label_comes_back_for_every_chosen_film(seed: int) -> None:
    made = _hospital(seed, missed=0.4, false_alarm=0.3)
    chosen = [one.judged for one in _selected(made) if one.first_last is not None]
    assert len(chosen) > 60
    for one in chosen:
        truth = made.truth[one.xray.accession]
        if one.branch is Branch.POSITIVE_UNCODED:
            assert truth <= one.labels == {Label.NORMAL, Label.OTHER}
        else:
            assert one.labels == truth


def test_the_readers_alone_would_have_been_wrong_more_often() -> None:
    made = _hospital(0, missed=0.4, false_alarm=0.3)
    judged = [one.judged for one in _selected(made) if one.judged.branch is not None]
    is_ill = [made.truth[one.xray.accession] != {Label.NORMAL} for one in judged]
    by_reader = sum(one.read_positive != ill for one, ill in zip(judged, is_ill, strict=True))
    by_rule = sum(one.is_positive != ill for one, ill in zip(judged, is_ill, strict=True))
    assert by_reader > 20
    assert by_rule == 0


def test_wrong_codes_do_cost_labels() -> None:
    made = _hospital(0, miscoded=0.3)
    chosen = [one.judged for one in _selected(made) if one.first_last is not None]
    lost = sum(not made.truth[one.xray.accession] <= one.labels for one in chosen)
    assert 0 < lost < len(chosen)


def test_contaminated_specimens_become_conflicts_and_lose_no_label() -> None:
    made = _hospital(0, contaminated=0.5)
    judged = [one.judged for one in _selected(made) if one.judged.is_positive]
    conflicts = [one for one in judged if one.conflict is not None]
    assert conflicts
    assert all(made.truth[one.xray.accession] <= one.labels for one in conflicts)


def test_everything_that_real_tables_have_is_there() -> None:
    made = _hospital(0, patients=200)
    reasons = {one.judged.exclusion for one in _selected(made)}
    assert set(Exclusion) - reasons == {Exclusion.TWO_ADMISSIONS}
    assert {one.judged.branch for one in _selected(made)} == {None, *Branch}


def test_the_same_seed_makes_the_same_hospital() -> None:
    assert _hospital(3).xrays == _hospital(3).xrays
    assert _hospital(3).xrays != _hospital(4).xrays


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    made = _hospital(seed % 7, patients=8, contaminated=0.3)
    rng = np.random.default_rng(seed)

    def shuffle(rows: Rows) -> Rows:
        return [rows[int(i)] for i in rng.permutation(len(rows))]

    assert _decisions(_selected(made, shuffle)) == _decisions(_selected(made))


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_another_patient_changes_nothing_for_the_others(seed: int) -> None:
    made, other = _hospital(seed % 11, patients=8), _hospital(seed, patients=5)
    alone = _decisions(_selected(made))
    names = ("xrays", "admissions", "codes", "microbiology")
    both = SimulatedHospital(
        **{name: getattr(made, name) + _renamed(getattr(other, name)) for name in names},
        truth={},
    )
    together = _decisions(_selected(both))
    assert {film: together[film] for film in alone} == alone
    assert len(together) > len(alone)


def _renamed(rows: Rows) -> Rows:
    keys = ("patient", "admission", "accession", "path")
    return [{k: f"Z{v}" if k in keys and v else v for k, v in row.items()} for row in rows]


def test_shares_of_errors_begin_at_none(hospital: Any) -> None:
    made = _hospital(0, missed=0.0, false_alarm=0.0)
    judged = [one.judged for one in _selected(made) if one.judged.branch is not None]
    branches = {one.branch for one in judged}
    assert branches.isdisjoint({Branch.POSITIVE_UNCODED, Branch.NEGATIVE_FLANKED})
