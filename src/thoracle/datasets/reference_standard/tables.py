"""The four tables of a hospital, from text to rows that mean something."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from thoracle.datasets.labels import UNKNOWN, Label, Labels
from thoracle.datasets.reference_standard.cells import Moment, Row, plain_column, rows_of
from thoracle.datasets.reference_standard.ethnicity import prioritized
from thoracle.datasets.reference_standard.icd10 import is_cut_short, plain_code
from thoracle.datasets.reference_standard.plan import (
    NOTHING_FOUND,
    UNKNOWN_WORD,
    Plan,
    meaning_by_word,
)
from thoracle.datasets.reference_standard.problems import Problems, shape_of
from thoracle.datasets.reference_standard.sheets import Sheet
from thoracle.datasets.reference_standard.types import (
    Admission,
    DischargeCode,
    HospitalTables,
    Position,
    ReadingRow,
    Specimen,
    Vote,
    XRay,
)

XRAYS, ADMISSIONS, CODES, MICROBIOLOGY = "xrays", "admissions", "codes", "microbiology"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    XRAYS: (
        "accession", "patient", "taken", "position", "suspected", "reader", "reading", "admission",
        "view", "path",
    ),
    ADMISSIONS: (
        "admission", "patient", "admitted", "discharged", "age", "born", "sex", "bmi", "ethnicity",
    ),
    CODES: ("admission", "code"),
    MICROBIOLOGY: ("patient", "collected", "organism"),
}  # fmt: skip
REQUIRED: Mapping[str, tuple[str, ...]] = {
    XRAYS: ("accession", "patient", "taken", "position", "suspected", "reader", "reading"),
    ADMISSIONS: ("admission", "patient", "admitted", "discharged", "sex"),
    CODES: ("admission", "code"),
    MICROBIOLOGY: ("patient", "collected", "organism"),
}
_AGE_YEARS = (0, 120)
_BMI = (8, 120)  # kg/m²; the lowest and highest ever reported lie within


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheets:
    """The four tables as text."""

    xrays: Sheet
    admissions: Sheet
    codes: Sheet
    microbiology: Sheet


def read_tables(sheets: Sheets, plan: Plan, problems: Problems) -> HospitalTables:
    """Understand every row of the four tables.

    Parameters
    ----------
    sheets
        Their text.
    plan
        Words, dates and names of columns.
    problems
        Takes all that is not understood; such rows are left out, so refuse before going on.
    """
    clock = _Clock(plan, problems)
    _need_an_age(sheets.admissions, plan, problems)
    readings = tuple(_readings(_rows(sheets.xrays, XRAYS, plan, problems), plan, clock))
    admissions = tuple(_admissions(_rows(sheets.admissions, ADMISSIONS, plan, problems), clock))
    codes = tuple(_codes(_rows(sheets.codes, CODES, plan, problems), plan))
    specimens = tuple(_specimens(_rows(sheets.microbiology, MICROBIOLOGY, plan, problems), clock))
    return HospitalTables(
        xrays=_joined(readings, problems),
        admissions=admissions,
        codes=codes,
        specimens=specimens,
        by_day=clock.by_day(),
    )


class _Clock:
    """Reads dates in the plan's formats and keeps in mind which columns have times."""

    def __init__(self, plan: Plan, problems: Problems) -> None:
        self.plan = plan
        self._problems = problems
        self._rows: dict[tuple[str, str, bool], list[int]] = defaultdict(list)

    def read(self, row: Row, column: str) -> datetime | None:
        """Return a date, noting whether it has a time."""
        found: Moment | None = row.moment(column, getattr(self.plan.dates, column))
        if found is None:
            return None
        self._rows[row.table, column, found.has_time].append(row.number)
        return found.at

    def by_day(self) -> bool:
        """Say whether days must be compared; a column with and without times is a problem."""
        without = {key[:2]: rows for key, rows in self._rows.items() if not key[2]}
        compared = {(XRAYS, "taken"), (ADMISSIONS, "admitted"), (ADMISSIONS, "discharged")}
        for table, column in sorted(compared & without.keys()):
            if self._rows.get((table, column, True)):
                self._problems.add(
                    table,
                    without[table, column],
                    found=f"no time of day in the column {column}, which has one in other rows",
                    expected="a time in all rows or in none",
                    action="Complete it, or leave the time out everywhere",
                )
        return bool(compared & without.keys())


def _need_an_age(sheet: Sheet, plan: Plan, problems: Problems) -> None:
    names = {plain_column(plan.columns.admissions.get(one, one)) for one in ("age", "born")}
    if names.isdisjoint(plain_column(name) for name in sheet.header):
        problems.add(
            ADMISSIONS,
            [],
            found="neither a column age nor a column born",
            expected="one of them: without it a child would count as an adult",
            action="Add it; leave its cells empty where the age is not known",
        )


def _rows(sheet: Sheet, table: str, plan: Plan, problems: Problems) -> Iterator[Row]:
    return rows_of(
        sheet,
        table,
        columns=COLUMNS[table],
        required=REQUIRED[table],
        names=getattr(plan.columns, table),
        problems=problems,
    )


def _readings(rows: Iterable[Row], plan: Plan, clock: _Clock) -> Iterator[ReadingRow]:
    words = plan.words
    reading, position = meaning_by_word(words.reading), meaning_by_word(words.position)
    suspected, view = meaning_by_word(words.suspected), meaning_by_word(words.view)
    for row in rows:
        accession, patient, reader = row.need("accession"), row.need("patient"), row.need("reader")
        taken = clock.read(row, "taken") if row.need("taken") else None
        vote = row.word("reading", reading) if row.need("reading") else None
        is_suspected = row.word("suspected", suspected) if row.need("suspected") else None
        where = row.word("position", position)
        if accession and patient and reader and taken and vote and is_suspected:
            yield ReadingRow(
                row=row.number,
                accession=accession,
                patient=patient,
                admission=row.text("admission"),
                taken=taken,
                position=None if where is None else Position(where),
                view=row.word("view", view),
                is_suspected=is_suspected == "yes",
                reader=reader,
                vote=Vote(vote),
                path=row.text("path"),
            )


def _joined(readings: Iterable[ReadingRow], problems: Problems) -> tuple[XRay, ...]:
    """Bring the readings of each X-ray together, sorted so that the rows' order is nothing."""
    groups: dict[str, list[ReadingRow]] = defaultdict(list)
    for one in readings:
        groups[one.accession].append(one)
    for group in groups.values():
        _refuse_contradictions(group, problems)
    _refuse_shared_files(groups, problems)
    return tuple(_xray(groups[accession]) for accession in sorted(groups))


def _refuse_contradictions(group: list[ReadingRow], problems: Problems) -> None:
    rows = [one.row for one in group]
    facts = {
        (a.patient, a.admission, a.taken, a.position, a.view, a.is_suspected, a.path) for a in group
    }
    if len(facts) > 1:
        problems.add(
            XRAYS,
            rows,
            found="one accession number with different patients, dates, positions or files",
            expected="that its rows differ in reader and reading alone",
            action="Give each X-ray its own accession number, or correct the rows",
        )
    elif len({one.reader for one in group}) < len(group):
        problems.add(
            XRAYS,
            rows,
            found="one accession number twice with the same reader",
            expected="one reading of each reader",
            action="Remove the repeats, or name the readers",
        )


def _refuse_shared_files(groups: Mapping[str, list[ReadingRow]], problems: Problems) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    rows: dict[str, list[int]] = defaultdict(list)
    for accession, group in groups.items():
        for one in group:
            if one.path is not None:
                owners[one.path].add(accession)
                rows[one.path].append(one.row)
    for path, accessions in owners.items():
        if len(accessions) > 1:
            problems.add(
                XRAYS,
                rows[path],
                found="one file with two accession numbers",
                expected="a file for each X-ray",
                action="Correct the path",
            )


def _xray(group: list[ReadingRow]) -> XRay:
    first = group[0]
    return XRay(
        rows=tuple(sorted(one.row for one in group)),
        accession=first.accession,
        patient=first.patient,
        admission=first.admission,
        taken=first.taken,
        position=first.position,
        view=first.view,
        is_suspected=first.is_suspected,
        votes=tuple(sorted((one.reader, one.vote) for one in group)),
        path=first.path,
    )


def _admissions(rows: Iterable[Row], clock: _Clock) -> Iterator[Admission]:
    plan = clock.plan
    sexes, groups = meaning_by_word(plan.words.sex), meaning_by_word(plan.words.ethnicity)
    for row in rows:
        number, patient = row.need("admission"), row.need("patient")
        admitted = clock.read(row, "admitted") if row.need("admitted") else None
        discharged, born = clock.read(row, "discharged"), clock.read(row, "born")
        sex = row.word("sex", sexes)
        if number and patient and admitted:
            yield Admission(
                row=row.number,
                admission=number,
                patient=patient,
                admitted=admitted,
                discharged=discharged,
                age_years=_age(row, born, admitted),
                sex=None if sex == UNKNOWN_WORD else sex,
                bmi=row.number_in("bmi", *_BMI),
                ethnicity=prioritized(row, groups, plan.ethnicity.order),
            )


def _age(row: Row, born: datetime | None, admitted: datetime) -> int | None:
    """Return completed years at admission: from the date of birth, else as the table says."""
    if born is None:
        years = row.number_in("age", *_AGE_YEARS)
        return None if years is None else int(years)
    had_birthday = (admitted.month, admitted.day) >= (born.month, born.day)
    years_old = admitted.year - born.year - (0 if had_birthday else 1)
    if not _AGE_YEARS[0] <= years_old <= _AGE_YEARS[1]:
        found = "a birth after the admission or more than 120 years before it"
        row.fault("born", found, "a date between", "Correct it")
        return None
    return years_old


def _codes(rows: Iterable[Row], plan: Plan) -> Iterator[DischargeCode]:
    for row in rows:
        admission, text = row.need("admission"), row.need("code")
        if not admission or not text:
            continue
        code = plain_code(text)
        if code is None:
            expected = "one ICD-10 code, such as J18.9, with or without its dot"
            row.fault("code", f'"{shape_of(text)}"', expected, "Correct it; one code per row")
        elif is_cut_short(code, plan.codes):
            expected = "all digits: the longer codes below it mean different things"
            row.fault("code", f'a code cut short ("{shape_of(text)}")', expected, "Complete it")
        else:
            yield DischargeCode(row=row.number, admission=admission, icd10=code)


def _specimens(rows: Iterable[Row], clock: _Clock) -> Iterator[Specimen]:
    organisms = meaning_by_word(clock.plan.words.organism)
    for row in rows:
        patient = row.need("patient")
        collected = clock.read(row, "collected") if row.need("collected") else None
        organism = row.word("organism", organisms) if row.need("organism") else None
        if patient and collected and organism:
            found: Labels = UNKNOWN if organism == NOTHING_FOUND else frozenset({Label(organism)})
            yield Specimen(row=row.number, patient=patient, collected=collected.date(), found=found)
