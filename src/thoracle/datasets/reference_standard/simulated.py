"""A hospital that never was: four tables with known truth, for the docs, for tests and for trying.

Each admission has a course: pneumonia begins and ends on known days, readers err in known ways,
and coders do as often as asked. Nobody is shown: names are numbers, and films are drawn.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

import numpy as np

from thoracle.datasets.labels import Label, Labels

Rows = list[dict[str, str]]
_START: Final = datetime(2020, 3, 1, 9)  # noqa: DTZ001  (a hospital's own clock)
_DAYS: Final = 300
_CODES: Final[Mapping[Label, tuple[str, ...]]] = MappingProxyType({
    Label.BACTERIAL: ("J13", "J15.9", "j18.9"),
    Label.VIRAL: ("J12.1", "J12.3", "J10.0"),
    Label.COVID_19: ("U07.1",),
})  # fmt: skip
_ORGANISMS: Final[Mapping[Label, tuple[str, ...]]] = MappingProxyType({
    Label.BACTERIAL: ("Streptococcus pneumoniae", "Haemophilus influenzae"),
    Label.VIRAL: ("Influenza A", "RSV"),
    Label.COVID_19: ("SARS-CoV-2",),
})  # fmt: skip
_OTHER_CODES: Final = ("I50.0", "J44.1", "R07.4", "E11.9")
_GROUPS: Final = ("European", "Maori; European", "Pacific", "Asian", "MELAA", "")
_READ_TWICE: Final = 0.4
_DISAGREE: Final = 0.2
_POSITIONS: Final = ("standing", "supine", "")
_POSITION_SHARES: Final = (0.8, 0.15, 0.05)
_CAUSES: Final = (None, Label.BACTERIAL, Label.VIRAL, Label.COVID_19)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """How often the hospital errs, each a share from 0 to 1.

    Attributes
    ----------
    missed
        X-rays with pneumonia that are read negative.
    false_alarm
        X-rays without pneumonia of patients without it that are read positive.
    miscoded
        Admissions with pneumonia that lack its code, and without pneumonia that have one.
    contaminated
        Admissions with pneumonia of which a specimen shows another cause.
    """

    missed: float = 0.2
    false_alarm: float = 0.15
    miscoded: float = 0.0
    contaminated: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedHospital:
    """Four tables as rows, and for each accession number whether it shows pneumonia and which."""

    xrays: Rows = field(repr=False)
    admissions: Rows = field(repr=False)
    codes: Rows = field(repr=False)
    microbiology: Rows = field(repr=False)
    truth: Mapping[str, Labels] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    """What a patient brings to every admission."""

    born: str
    sex: str
    ethnicity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stay:
    """One admission: when, what the patient has, and on which days X-rays show it."""

    patient: str
    person: _Person
    number: str
    admitted: datetime
    days: int
    cause: Label | None
    ill_from: int
    ill_until: int


def simulate_hospital(
    patients: int, rng: np.random.Generator, *, errors: Errors | None = None
) -> SimulatedHospital:
    """Draw a hospital.

    Parameters
    ----------
    patients
        How many; each sixth comes twice, and each tenth also as an outpatient.
    rng
        Source of all chance.
    errors
        How often readers, coders and laboratories err. The rule mends what readers do: without
        the other errors, the true label stays possible for every film that is chosen.

    Returns
    -------
    SimulatedHospital
        With what real tables have: readmissions, outpatients, laterals, X-rays for other reasons,
        a second reader and a consensus, X-rays without position, a patient who is still there,
        an admission without codes, and ages above 89.
    """
    errors = errors or Errors()
    hospital = SimulatedHospital(xrays=[], admissions=[], codes=[], microbiology=[], truth={})
    truth: dict[str, Labels] = {}
    for index in range(patients):
        is_open = index == patients - 1
        visits = 2 if index % 6 == 5 and not is_open else 1
        for stay in _stays(index, visits, rng):
            hospital.admissions.append(_admission_row(stay, is_open=is_open, rng=rng))
            if index != patients - 2:  # whose admission was not coded yet
                hospital.codes.extend(_code_rows(stay, errors, rng))
            hospital.microbiology.extend(_specimen_rows(stay, errors, rng))
            for row, shown in _xray_rows(stay, errors, rng):
                hospital.xrays.append(row)
                truth[row["accession"]] = shown
        if index % 10 == 3:
            hospital.xrays.append(_outpatient_row(index, truth))
    return SimulatedHospital(
        xrays=hospital.xrays,
        admissions=hospital.admissions,
        codes=hospital.codes,
        microbiology=hospital.microbiology,
        truth=truth,
    )


def _stays(index: int, visits: int, rng: np.random.Generator) -> Iterator[_Stay]:
    born = _START - timedelta(days=int(rng.integers(20 * 365, 97 * 365)))
    person = _Person(
        born=born.date().isoformat(),
        sex="MF"[int(rng.integers(2))],
        ethnicity=_GROUPS[int(rng.integers(len(_GROUPS)))],
    )
    admitted = _START + timedelta(days=int(rng.integers(_DAYS)), hours=int(rng.integers(8)))
    for visit in range(visits):
        days = int(rng.integers(3, 12))
        cause = _CAUSES[int(rng.integers(len(_CAUSES)))]
        ill_from = int(rng.integers(0, 2))
        yield _Stay(
            patient=f"SIM{index:04d}",
            person=person,
            number=f"ADM{index:04d}-{visit}",
            admitted=admitted,
            days=days,
            cause=cause,
            ill_from=ill_from,
            ill_until=int(rng.integers(ill_from + 1, days + 1)),
        )
        admitted += timedelta(days=days + int(rng.integers(20, 90)))


def _admission_row(stay: _Stay, *, is_open: bool, rng: np.random.Generator) -> dict[str, str]:
    return {
        "admission": stay.number,
        "patient": stay.patient,
        "admitted": _text(stay.admitted),
        "discharged": "" if is_open else _text(_discharged(stay)),
        "born": stay.person.born,
        "sex": stay.person.sex,
        "bmi": f"{rng.normal(28, 5):.1f}",
        "ethnicity": stay.person.ethnicity,
    }


def _code_rows(stay: _Stay, errors: Errors, rng: np.random.Generator) -> Rows:
    is_coded = (stay.cause is not None) != (rng.random() < errors.miscoded)
    codes = [_OTHER_CODES[int(rng.integers(len(_OTHER_CODES)))]]
    if is_coded:
        fitting = _CODES[stay.cause or Label.BACTERIAL]
        codes.append(fitting[int(rng.integers(len(fitting)))])
        codes += ["J12.8 *"] if stay.cause is Label.COVID_19 else []
    return [{"admission": stay.number, "code": code} for code in codes]


def _specimen_rows(stay: _Stay, errors: Errors, rng: np.random.Generator) -> Rows:
    """Return specimens: every pneumonia has a cause found, so that J18.9 gets one."""
    if stay.cause is None:
        found = ["no growth"] if rng.random() < 0.5 else []
    else:
        is_other = rng.random() < errors.contaminated
        other = Label.VIRAL if stay.cause is Label.BACTERIAL else Label.BACTERIAL
        fitting = _ORGANISMS[other if is_other else stay.cause]
        found = ["negative", fitting[int(rng.integers(len(fitting)))]]
    day = stay.admitted.date().isoformat()
    return [{"patient": stay.patient, "collected": day, "organism": one} for one in found]


def _xray_rows(
    stay: _Stay, errors: Errors, rng: np.random.Generator
) -> Iterator[tuple[dict[str, str], Labels]]:
    """Yield readings with what each X-ray shows."""
    others = (int(day) for day in rng.integers(0, stay.days + 1, 2))
    days = sorted({0, stay.ill_from, stay.days, *others})
    ill = [stay.cause is not None and stay.ill_from <= day <= stay.ill_until for day in days]
    read = _read(ill, stay, errors, rng)
    for number, (day, is_ill, is_read) in enumerate(zip(days, ill, read, strict=True)):
        row = _xray_row(stay, number, day, rng)
        shown = frozenset({stay.cause}) if is_ill and stay.cause else frozenset({Label.NORMAL})
        yield {**row, "reader": "Dr One", "reading": _word(is_read)}, shown
        if rng.random() < _READ_TWICE:
            differs = bool(rng.random() < _DISAGREE)
            yield {**row, "reader": "Dr Two", "reading": _word(is_read != differs)}, shown
            # Where nobody is ill, a film on which readers stay undecided misleads no other.
            if differs and (stay.cause is not None or rng.random() < 0.5):
                yield {**row, "reader": "consensus", "reading": _word(is_read)}, shown


def _read(ill: list[bool], stay: _Stay, errors: Errors, rng: np.random.Generator) -> list[bool]:
    """Read X-rays with the errors that the rule can mend: the first and last ill are not missed.

    Where all ill ones of an admission would be missed, all of its X-rays show pneumonia or none.
    """
    shown = [index for index, is_ill in enumerate(ill) if is_ill]
    if stay.cause is None:
        return [bool(rng.random() < errors.false_alarm) for _ in ill]
    if len(shown) == len(ill) and rng.random() < errors.missed:
        return [False] * len(ill)
    return [
        is_ill and (index in {shown[0], shown[-1]} or bool(rng.random() >= errors.missed))
        for index, is_ill in enumerate(ill)
    ]


def _xray_row(stay: _Stay, number: int, day: int, rng: np.random.Generator) -> dict[str, str]:
    hours = 1.0 if day == 0 else (-1.0 if day == stay.days else float(rng.integers(0, 4)))
    accession = f"ACC{stay.number[3:]}-{number}"
    return {
        "accession": accession,
        "patient": stay.patient,
        "admission": "",
        "taken": _text(stay.admitted + timedelta(days=day, hours=hours)),
        "position": _POSITIONS[int(rng.choice(len(_POSITIONS), p=_POSITION_SHARES))],
        "view": "lateral" if rng.random() < 0.08 else "AP",
        "suspected": "no" if rng.random() < 0.1 else "yes",
        "path": f"{accession}.png",
    }


def _outpatient_row(index: int, truth: dict[str, Labels]) -> dict[str, str]:
    accession = f"ACC{index:04d}-out"
    truth[accession] = frozenset({Label.NORMAL})
    return {
        "accession": accession,
        "patient": f"SIM{index:04d}",
        "admission": "",
        "taken": _text(_START - timedelta(days=30)),
        "position": "standing",
        "view": "PA",
        "suspected": "yes",
        "path": f"{accession}.png",
        "reader": "Dr One",
        "reading": "negative",
    }


def _discharged(stay: _Stay) -> datetime:
    return stay.admitted + timedelta(days=stay.days, hours=2)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


def _word(is_positive: bool) -> str:
    return "positive" if is_positive else "negative"
