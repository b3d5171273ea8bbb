"""The records of the four tables."""

import dataclasses

import pytest

from thoracle.datasets.reference_standard import types


@pytest.mark.parametrize(
    "record",
    [types.ReadingRow, types.XRay, types.Admission, types.DischargeCode, types.Specimen],
)
def test_records_are_frozen_and_slotted(record: type) -> None:
    assert dataclasses.is_dataclass(record)
    assert "__slots__" in vars(record)
    assert record.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_tables_do_not_print_what_stands_in_them() -> None:
    tables = types.HospitalTables(xrays=(), admissions=(), codes=(), specimens=(), by_day=True)
    assert repr(tables) == "HospitalTables(by_day=True)"
