"""What a hospital declares: codes that say pneumonia, words, dates, how the rule is read."""

import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from thoracle.core.errors import ManifestError
from thoracle.core.files import sha256_of
from thoracle.datasets.labels import Labels, label_text, parse_label
from thoracle.datasets.reference_standard.icd10 import plain_code
from thoracle.datasets.reference_standard.types import Position, Vote

_CONFIG: Final = ConfigDict(extra="forbid")
UNKNOWN_WORD: Final = "unknown"
"""The meaning of words for what is not known."""
NOTHING_FOUND: Final = "negative"
"""The meaning of words of microbiology for a test that found nothing."""


class PlanError(ManifestError):
    """A plan of a reference standard cannot be used."""

    code = "reference-plan"


class FlankedBy(StrEnum):
    """Which positive X-rays flank a negative one: any before and after, or the nearest."""

    ANY = "any"
    ADJACENT = "adjacent"


class SeveralReaders(StrEnum):
    """How the votes of several readers become one."""

    MAJORITY = "majority"
    UNANIMOUS = "unanimous"


class AdmissionChoice(StrEnum):
    """Which admissions of a patient give films."""

    FIRST = "first"
    ALL = "all"


def _label(text: str) -> str:
    try:
        return label_text(parse_label(text))
    except ManifestError as error:
        raise ValueError(error.text) from None


def _code(text: str) -> str:
    plain = plain_code(text)
    if plain is None:
        raise ValueError("no ICD-10 code, expected for instance J18.9")
    return plain


_Label = Annotated[str, AfterValidator(_label)]
_Days = Annotated[int, Field(ge=0, le=30)]


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class RulePart:
    """How the two-condition rule is read."""

    flanked_by: FlankedBy


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class ReadersPart:
    """How several readers become one, and whose word is final."""

    several: SeveralReaders
    consensus: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class CohortPart:
    """Who is chosen, and from when COVID-19 was possible."""

    admissions: AdmissionChoice
    days_before_admission: _Days
    covid_possible_from: dt.date
    smallest_cell: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class MicrobiologyPart:
    """Which specimens belong to an admission."""

    days_before_admission: _Days


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class LabelsPart:
    """Labels of films without pneumonia: read negative, or read positive without a code."""

    negative: _Label
    unconfirmed: _Label


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class DatesPart:
    """Formats of dates as `datetime.strptime` has them; "" is ISO 8601."""

    taken: str
    admitted: str
    discharged: str
    born: str
    collected: str


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class ColumnsPart:
    """Names of columns in the hospital's tables, by the names that they have here."""

    xrays: dict[str, str]
    admissions: dict[str, str]
    codes: dict[str, str]
    microbiology: dict[str, str]


Words = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class WordsPart:
    """What the words in cells mean: from a meaning to its words."""

    reading: Words
    position: Words
    suspected: Words
    sex: Words
    view: Words
    organism: Words
    ethnicity: Words


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class EthnicityPart:
    """The order in which one of several groups is taken."""

    order: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class CodeMeaning:
    """A code and all below it: what it is called, where that stands, and what stays possible."""

    code: Annotated[str, AfterValidator(_code)]
    title: str
    clause: str
    labels: _Label
    pneumonia: bool = True

    @property
    def possible(self) -> Labels:
        """The labels that the code leaves possible."""
        return parse_label(self.labels)


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Plan:
    """Everything that is declared."""

    rule: RulePart
    readers: ReadersPart
    cohort: CohortPart
    microbiology: MicrobiologyPart
    labels: LabelsPart
    dates: DatesPart
    columns: ColumnsPart
    words: WordsPart
    ethnicity: EthnicityPart
    codes: tuple[CodeMeaning, ...] = field(repr=False)

    @property
    def digest(self) -> str:
        """SHA-256 of everything that is declared, 64 hex digits."""
        return sha256_of(TypeAdapter(Plan).dump_json(self))


def default_plan_text() -> str:
    """Return the shipped plan as it is written, with its comments."""
    place = resources.files("thoracle.datasets.reference_standard") / "plan.toml"
    return place.read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def default_plan() -> Plan:
    """Return the shipped plan."""
    return _plan_of(tomllib.loads(default_plan_text()))


def read_plan(path: Path | None) -> Plan:
    """Read a plan; what it leaves out is as in the shipped one.

    Raises
    ------
    PlanError
        The file is missing, no TOML, or has an unknown key or an impossible value.
    """
    if path is None:
        return default_plan()
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise PlanError(
            f"found {path.name} that cannot be read as TOML ({fault}) – expected a plan. Write one "
            "with `thoracle data reference plan`."
        ) from None
    return _plan_of(_overlaid(tomllib.loads(default_plan_text()), given))


def meaning_by_word(words: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Turn meanings with their words around; words are in small letters with single spaces."""
    return {plain_word(word): meaning for meaning, many in words.items() for word in many}


def plain_word(text: str) -> str:
    """Return a cell as words are compared: small letters, single spaces."""
    return " ".join(text.lower().replace("_", " ").split())


def _plan_of(content: Mapping[str, Any]) -> Plan:
    try:
        plan = TypeAdapter(Plan).validate_python(content)
    except ValidationError as fault:
        first = fault.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PlanError(
            f"found {place} in the plan that cannot be used ({first['msg']}) – expected what "
            "`thoracle data reference plan` writes there. Correct the plan."
        ) from None
    wrong = _contradictions(plan)
    if wrong:
        raise PlanError(
            f"found {wrong[0][1]} in {wrong[0][0]} of the plan – expected each to stand there "
            "once, with a meaning that is known. Correct the plan."
        )
    return plan


def _contradictions(plan: Plan) -> list[tuple[str, str]]:
    found = _unknown_meanings(plan)
    for name in WordsPart.__dataclass_fields__:
        words: Words = getattr(plan.words, name)
        counts = Counter(plain_word(word) for many in words.values() for word in many)
        found += [(f"words.{name}", f'"{word}"') for word, count in counts.items() if count > 1]
    counts = Counter(one.code for one in plan.codes)
    return found + [("codes", code) for code, count in counts.items() if count > 1]


def _unknown_meanings(plan: Plan) -> list[tuple[str, str]]:
    known = {
        "reading": frozenset(Vote),
        "position": frozenset(Position),
        "suspected": {"yes", "no"},
        "sex": {"M", "F", UNKNOWN_WORD},
        "view": {"PA", "AP", "AP supine", "L"},
        "organism": {"bacterial", "viral", "covid-19", "other", NOTHING_FOUND},
        "ethnicity": {*plan.ethnicity.order, UNKNOWN_WORD},
    }
    return [
        (f"words.{name}", f'the meaning "{meaning}"')
        for name, meanings in known.items()
        for meaning in getattr(plan.words, name)
        if meaning not in meanings
    ]


def _overlaid(base: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Put what is given over the shipped plan, key by key of each section."""
    merged = dict(base)
    for name, value in given.items():
        below = base.get(name)
        is_section = isinstance(below, dict) and isinstance(value, dict)
        merged[name] = {**below, **value} if is_section else value  # type: ignore[dict-item]
    return merged
