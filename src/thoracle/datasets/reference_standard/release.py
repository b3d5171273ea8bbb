"""What leaves the hospital: pseudonyms for identifiers, days for dates, no free text."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Film, population_of
from thoracle.datasets.labels import label_text
from thoracle.datasets.reference_standard.cohort import Selected
from thoracle.datasets.reference_standard.types import Admission, Position, XRay

OLDEST_TOLD_YEARS: Final = 89
"""HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i)(C): ages over 89 become one category, 90 or older."""
COVARIATE_COLUMNS: Final = (
    "path", "patient", "age", "sex", "bmi", "ethnicity", "x_first_last", "x_position",
    "x_microbiology",
)  # fmt: skip
"""Those that begin with x_ are left out by `thoracle evaluate`, which refuses unknown others."""
DECISION_COLUMNS: Final = (
    "film", "patient", "admission", "day", "position", "read", "readers", "codes", "microbiology",
    "branch", "standard", "label", "conflict", "first_last", "left_out",
)  # fmt: skip
FILMS_FOLDER: Final = "films"
_AGE_BAND_YEARS: Final = 10

PseudonymOf = Callable[[str], str]
"""From what identifies somebody or something to its pseudonym, such as p-0123456789ab."""


class PseudonymError(ManifestError):
    """Two identifiers have one pseudonym; the key must be another."""

    code = "reference-pseudonym"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Everything that is written, without identifiers.

    Attributes
    ----------
    films
        Rows of a manifest; paths below `FILMS_FOLDER`.
    covariates, decisions
        Rows under `COVARIATE_COLUMNS` and `DECISION_COLUMNS`; a decision for every X-ray.
    sources
        For each film's path the X-ray that it shows. It identifies: never written.
    small_groups
        How many people share an age band, sex and ethnicity, of groups that are too small.
    """

    films: tuple[Film, ...] = field(repr=False)
    covariates: tuple[dict[str, str], ...] = field(repr=False)
    decisions: tuple[dict[str, str], ...] = field(repr=False)
    sources: Mapping[str, XRay] = field(repr=False)
    small_groups: tuple[int, ...]


def release(
    selected: Sequence[Selected], *, source: str, pseudonym_of: PseudonymOf, smallest_cell: int
) -> Release:
    """Take identifiers and dates out of the judged X-rays.

    Parameters
    ----------
    selected
        Every X-ray, chosen or not.
    source
        Name of the collection, in front of patients' pseudonyms.
    pseudonym_of
        Keyed, so that only the hospital can make the same ones.
    smallest_cell
        Groups of fewer people are counted.

    Returns
    -------
    Release
        Sorted by pseudonym, so that the order of the hospital's tables is lost.
    """
    names = _Names(selected, pseudonym_of)
    ordered = sorted(selected, key=names.film)
    chosen = [one for one in ordered if one.first_last is not None]
    return Release(
        films=tuple(_film(one, names, source) for one in chosen),
        covariates=tuple(_covariates(one, names, source) for one in chosen),
        decisions=tuple(_decision(one, names) for one in ordered),
        sources={names.path(one): one.judged.xray for one in chosen},
        small_groups=_small_groups(chosen, smallest_cell),
    )


def told_age(years: int | None) -> int | None:
    """Return an age as it may leave the hospital: 90 stands for 90 or older."""
    return None if years is None else min(years, OLDEST_TOLD_YEARS + 1)


class _Names:
    """Pseudonyms of every patient, admission and film, made once and checked to be different."""

    def __init__(self, selected: Iterable[Selected], pseudonym_of: PseudonymOf) -> None:
        self._made: dict[str, str] = {}
        for one in selected:
            stay = one.judged.admission
            for name in (
                one.judged.xray.patient,
                f"accession {one.judged.xray.accession}",
                *(() if stay is None else (f"admission {stay.admission}",)),
            ):
                if name not in self._made:
                    self._made[name] = pseudonym_of(name)
        if len(set(self._made.values())) < len(self._made):
            raise PseudonymError(
                "found one pseudonym for two identifiers – expected different ones. Use another "
                "key folder (--key-folder)."
            )

    def patient(self, one: Selected) -> str:
        return self._made[one.judged.xray.patient]

    def film(self, one: Selected) -> str:
        return "f" + self._made[f"accession {one.judged.xray.accession}"].removeprefix("p")

    def admission(self, stay: Admission) -> str:
        return "a" + self._made[f"admission {stay.admission}"].removeprefix("p")

    def path(self, one: Selected) -> str:
        return f"{FILMS_FOLDER}/{self.film(one)}.png"


def _film(one: Selected, names: _Names, source: str) -> Film:
    judged, stay = one.judged, one.judged.admission
    age = told_age(None if stay is None else stay.age_years)
    years = None if age is None else float(age)
    is_oldest = age is not None and age > OLDEST_TOLD_YEARS
    return Film(
        path=names.path(one),
        source=source,
        patient=f"{source}:{names.patient(one)}",
        study_offset_days=_day(one),
        view=_view(judged.xray),
        age_years=years,
        sex=None if stay is None else stay.sex,
        label=label_text(judged.labels),
        label_origin=_origin(one),
        site=source,
        population=population_of(years),
        note="90 years or older" if is_oldest else None,
    )


def _origin(one: Selected) -> str:
    judged = one.judged
    parts = [f"reference standard: {judged.branch}"]
    if judged.is_positive:
        parts += [" ".join(judged.codes), f"microbiology {judged.microbiology}"]
    if judged.conflict is not None:
        parts.append(f"conflict: {judged.conflict}")
    return "; ".join(parts)


def _view(xray: XRay) -> str | None:
    is_supine = xray.view == "AP" and xray.position is Position.LYING
    return "AP supine" if is_supine else xray.view


def _day(one: Selected) -> float | None:
    stay = one.judged.admission
    if stay is None:
        return None
    return float((one.judged.xray.taken.date() - stay.admitted.date()).days)


def _covariates(one: Selected, names: _Names, source: str) -> dict[str, str]:
    judged, stay = one.judged, one.judged.admission
    age = None if stay is None else told_age(stay.age_years)
    bmi = None if stay is None or stay.bmi is None else f"{stay.bmi:.1f}"
    values = (
        names.path(one),
        f"{source}:{names.patient(one)}",
        age,
        None if stay is None else stay.sex,
        bmi,
        None if stay is None else stay.ethnicity,
        one.first_last,
        judged.xray.position,
        judged.microbiology,
    )
    return _row(COVARIATE_COLUMNS, values)


def _decision(one: Selected, names: _Names) -> dict[str, str]:
    judged, stay, day = one.judged, one.judged.admission, _day(one)
    values = (
        names.film(one),
        names.patient(one),
        None if stay is None else names.admission(stay),
        None if day is None else int(day),
        judged.xray.position,
        _sign(judged.read_positive),
        len(judged.xray.votes),
        " ".join(judged.codes),
        judged.microbiology,
        judged.branch,
        _sign(judged.is_positive),
        label_text(judged.labels),
        judged.conflict,
        one.first_last,
        judged.exclusion,
    )
    return _row(DECISION_COLUMNS, values)


def _sign(is_positive: bool | None) -> str | None:
    return None if is_positive is None else ("positive" if is_positive else "negative")


def _row(columns: tuple[str, ...], values: Sequence[object]) -> dict[str, str]:
    texts = ["" if value is None else str(value) for value in values]
    return dict(zip(columns, texts, strict=True))


def _small_groups(chosen: Iterable[Selected], smallest_cell: int) -> tuple[int, ...]:
    """Count the people of each age band, sex and ethnicity, and return the counts too small."""
    groups: dict[str, tuple[object, ...]] = {}
    for one in chosen:
        stay = one.judged.admission
        if stay is not None:
            age = told_age(stay.age_years)
            band = None if age is None else age // _AGE_BAND_YEARS
            groups.setdefault(stay.patient, (band, stay.sex, stay.ethnicity))
    return tuple(sorted(n for n in Counter(groups.values()).values() if n < smallest_cell))
