"""Every variable of a chart: unit, plausible and reference range, codes, names and conversions."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Final

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import ChartError

LABORATORY: Final = "laboratory"
VITAL: Final = "vital"
TREATMENT: Final = "treatment"
FINDING: Final = "finding"
KINDS: Final = (LABORATORY, VITAL, TREATMENT, FINDING)
_ALIKE: Final = str.maketrans({"l": "L", "U": "u", "µ": "u", "μ": "u"})  # micro sign, Greek mu


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit that converts into that of its variable: value × `factor` + `offset`."""

    name: str
    factor: float
    offset: float

    def converted(self, values: DoubleArray) -> DoubleArray:
        """Return values of this unit, of any shape, in the unit of the variable."""
        return values * self.factor + self.offset


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One thing that is measured, given or found.

    Attributes
    ----------
    name, title
        In files and in Python; for people, in English.
    unit
        Of values; "" has none: a ratio, or 0 and 1.
    kind
        One of `KINDS`.
    low, high
        The plausible range, both ends included.
    reference_low, reference_high
        Of healthy adults of either sex; NaN where there is no such limit.
    loinc
        Codes of the same quantity.
    names
        Other names in files.
    units
        Those that convert; its own comes first.
    source
        Of the reference range.
    qualifiers
        From a LOINC code to the word behind the unit that comes with it: "mg/dL" of urea nitrogen.
    """

    name: str
    title: str
    unit: str
    kind: str
    low: float
    high: float
    reference_low: float
    reference_high: float
    loinc: tuple[str, ...]
    names: tuple[str, ...]
    units: tuple[Unit, ...]
    source: str
    qualifiers: Mapping[str, str] = field(repr=False)


def plain(name: str) -> str:
    """Return a name as names are compared: small letters, no spaces, hyphens or underscores.

    Examples
    --------
    >>> plain(" hs-CRP ")
    'hscrp'
    """
    return "".join(name.lower().replace("_", " ").replace("-", " ").split())


def place_of(name: str) -> int:
    """Return the place of a variable in `VARIABLES`, by its name.

    Raises
    ------
    ChartError
        No variable is called so.
    """
    place = PLACES.get(name)
    if place is None:
        raise ChartError(
            f'found the variable "{name}" – expected a name that thoracle prognosis variables '
            "lists, such as ldh. Correct it.",
            code="chart-variable",
        )
    return place


def place_named(name: str) -> int | None:
    """Return the place of a variable by any of its names, None where no variable goes by it."""
    return _BY_NAME.get(plain(name))


def place_coded(loinc: str) -> int | None:
    """Return the place of a variable by one of its LOINC codes, None where it is not known."""
    return _BY_CODE.get(loinc)


def unit_of(variable: Variable, written: str) -> Unit | None:
    """Find a unit of a variable by how it is written.

    Parameters
    ----------
    variable
        What is measured.
    written
        As here, in UCUM, or as people write it: µ may be u, and a liter or a unit (U) of either
        case. What is written exactly so comes first.

    Returns
    -------
    Unit or None
        None where the unit does not convert into that of the variable.
    """
    meant = written.strip()
    exact = {one.name: one for one in variable.units}
    if meant in exact:
        return exact[meant]
    known = {_alike(one.name): one for one in variable.units}
    base, _, word = _alike(meant).partition(" ")
    spelled = _SPELLED.get(_alike(meant), _alike(meant))
    tried = (spelled, " ".join((_SPELLED.get(base, base), word)).strip())
    return next((known[name] for name in tried if name in known), None)


def _alike(unit: str) -> str:
    """Return a unit without what is not told apart: l and L, u and U, both letters for micro."""
    return unit.translate(_ALIKE)


def _read() -> dict[str, Any]:
    place = resources.files("thoracle.prognosis") / "variables.toml"
    return tomllib.loads(place.read_text(encoding="utf-8"))


def _variable(row: Mapping[str, Any], sources: Mapping[str, str]) -> Variable:
    codes = [code.partition(" ") for code in row["loinc"]]
    own = Unit(name=row["unit"], factor=1.0, offset=0.0)
    return Variable(
        name=row["name"],
        title=row["title"],
        unit=row["unit"],
        kind=row["kind"],
        low=float(row["range"][0]),
        high=float(row["range"][1]),
        reference_low=float(row["reference"][0]),
        reference_high=float(row["reference"][1]),
        loinc=tuple(code for code, _, _ in codes),
        names=tuple(row["names"]),
        units=(own, *_units(row["units"])),
        source=sources[row["source"]],
        qualifiers={code: word for code, _, word in codes if word},
    )


def _units(table: Mapping[str, Any]) -> Iterator[Unit]:
    for name, given in table.items():
        factor, offset = given if isinstance(given, list) else (given, 0.0)
        yield Unit(name=name, factor=float(factor), offset=float(offset))


_TABLE: Final = _read()
VARIABLES: Final = tuple(_variable(row, _TABLE["sources"]) for row in _TABLE["variables"])
"""All of them; the order is the contract of cohort files and networks."""
PLACES: Final[Mapping[str, int]] = {one.name: place for place, one in enumerate(VARIABLES)}
_BY_NAME: Final[Mapping[str, int]] = {
    plain(name): place
    for place, one in enumerate(VARIABLES)
    for name in (one.name, one.title, *one.names)
}
_BY_CODE: Final[Mapping[str, int]] = {
    code: place for place, one in enumerate(VARIABLES) for code in one.loinc
}
_SPELLED: Final[Mapping[str, str]] = {
    _alike(other): _alike(name) for name, others in _TABLE["spellings"].items() for other in others
}
