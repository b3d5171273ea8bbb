"""Small hospitals as rows of text, taken through every step."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from thoracle.datasets.reference_standard.cohort import Selected, select
from thoracle.datasets.reference_standard.linking import Links, link
from thoracle.datasets.reference_standard.plan import Plan, default_plan
from thoracle.datasets.reference_standard.problems import Problems
from thoracle.datasets.reference_standard.sheets import Sheet
from thoracle.datasets.reference_standard.standard import Judged, judge
from thoracle.datasets.reference_standard.tables import COLUMNS, Sheets, read_tables
from thoracle.datasets.reference_standard.types import HospitalTables

Rows = list[dict[str, str]]

XRAY = {
    "accession": "X1", "patient": "P", "admission": "", "taken": "2021-01-02", "view": "PA",
    "position": "standing", "suspected": "yes", "reader": "One", "reading": "positive",
    "path": "",
}  # fmt: skip
ADMISSION = {
    "admission": "A", "patient": "P", "admitted": "2021-01-01", "discharged": "2021-01-09",
    "age": "50", "born": "", "sex": "F", "bmi": "25.5", "ethnicity": "European",
}  # fmt: skip
CODE = {"admission": "A", "code": "J13"}
SPECIMEN = {"patient": "P", "collected": "2021-01-01", "organism": "negative"}
DEFAULTS = {"xrays": XRAY, "admissions": ADMISSION, "codes": CODE, "microbiology": SPECIMEN}


@dataclass
class Hospital:
    """Rows that differ from a plain one, and what each step makes of them."""

    plan: Plan
    rows: dict[str, Rows] = field(default_factory=dict)
    problems: Problems = field(default_factory=Problems)

    def sheet(self, table: str) -> Sheet:
        rows = [{**DEFAULTS[table], **row} for row in self.rows.get(table, [])]
        header = COLUMNS[table]
        cells = tuple((i, tuple(row[name] for name in header)) for i, row in enumerate(rows, 2))
        return Sheet(header=header, rows=cells, wide=())

    def tables(self) -> HospitalTables:
        sheets = Sheets(**{name: self.sheet(name) for name in DEFAULTS})
        return read_tables(sheets, self.plan, self.problems)

    def links(self) -> Links:
        return link(self.tables(), self.plan, self.problems)

    def judged(self) -> dict[str, Judged]:
        tables = self.tables()
        links = link(tables, self.plan, self.problems)
        self.problems.refuse()
        return {one.xray.accession: one for one in judge(tables, links, self.plan)}

    def selected(self) -> tuple[Selected, ...]:
        return select(tuple(self.judged().values()), self.plan.cohort.admissions)

    def said(self) -> list[str]:
        """Return every problem in words, after reading and linking."""
        self.links()
        return [problem.text for problem in self.problems.all]


MakeHospital = Callable[..., Hospital]


@pytest.fixture
def hospital() -> MakeHospital:
    """Return a function from rows, by table, to a hospital; an admission is there by default."""

    def make(plan: Plan | None = None, **rows: Rows) -> Hospital:
        plain: dict[str, Rows] = {"admissions": [{}]}
        return Hospital(plan=plan or default_plan(), rows={**plain, **rows})

    return make
