"""One row of a manifest: a film, where it comes from, and what is known about it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from thoracle.core.errors import ManifestError
from thoracle.datasets.labels import Labels, finding_of, label_text, parse_label
from thoracle.imaging.types import OLDEST_YEARS

ADULT_FROM_YEARS = 18.0


class Population(StrEnum):
    """Whether a film shows a child or an adult."""

    ADULT = "adult"
    CHILD = "child"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """One film of a manifest; None is unknown.

    Attributes
    ----------
    path
        Relative to the manifest's root with "/" between parts, or absolute.
    source
        Name of the collection, for instance "cohen".
    patient
        Unique across sources, for instance "cohen:2".
    study_offset_days
        Days since the collection's own zero for this patient (onset or first study).
    view
        "PA", "AP", "AP supine" or "L".
    modality
        "X-ray" or "CT".
    age_years
        Age at the study; one decimal is kept.
    sex
        "M" or "F".
    label
        "|"-joined sorted set of the labels that are still possible; "" is unknown.
    label_origin
        Where the label comes from and what was changed, in words.
    mask_path
        Lung mask, written like `path`.
    licence
        As the collection states it for this film.
    site
        Hospital or country, else the publisher.
    publisher
        Host of the page that the film was taken from.
    population
        "child", "adult" or "unknown"; also set where only the collection's range is known.
    official_split
        The split of the collection's own authors; never used unless asked for.
    note
        Anything else a reader of the manifest should know.
    sha256
        Digest of the file's bytes.
    """

    path: str
    source: str
    patient: str | None = None
    study_offset_days: float | None = None
    view: str | None = None
    modality: str = "X-ray"
    age_years: float | None = None
    sex: str | None = None
    label: str = ""
    label_origin: str = ""
    mask_path: str | None = None
    licence: str | None = None
    site: str | None = None
    publisher: str | None = None
    population: Population = Population.UNKNOWN
    official_split: str | None = None
    note: str | None = None
    sha256: str | None = None

    @property
    def possible(self) -> Labels:
        """The labels that are still possible; empty is unknown."""
        return parse_label(self.label)

    @property
    def finding(self) -> str | None:
        """The classifier's finding, None where the label does not decide it."""
        return finding_of(self.possible)

    @property
    def assumed_population(self) -> Population:
        """CHILD where that is known, else ADULT: collections of children say so."""
        is_child = self.population is Population.CHILD
        return Population.CHILD if is_child else Population.ADULT

    def is_from(self, site: str) -> bool:
        """Whether a hospital, country or publisher of that name is its site or its publisher."""
        return site in {self.site, self.publisher}


COLUMNS = tuple(field.name for field in fields(Film))
_NUMBERS = {"study_offset_days": (-math.inf, math.inf), "age_years": (0.0, OLDEST_YEARS)}
_VIEWS = ("PA", "AP", "AP supine", "L")
_MODALITIES = ("X-ray", "CT")
_SEXES = ("M", "F")


def population_of(age_years: float | None) -> Population:
    """Tell child from adult by age, unknown where the age is."""
    if age_years is None:
        return Population.UNKNOWN
    return Population.CHILD if age_years < ADULT_FROM_YEARS else Population.ADULT


def film_row(film: Film) -> dict[str, str]:
    """Write a film as manifest cells: "" for None, numbers in their shortest form."""
    return {name: _cell(getattr(film, name)) for name in COLUMNS}


def film_from_row(row: Mapping[str, str]) -> Film:
    """Read a film from manifest cells; columns that are absent count as empty.

    Where the population is not given it follows from the age, so that no child counts as an adult.

    Raises
    ------
    ManifestError
        A required cell is empty, a number is none, or a value is not one of those allowed.
    """
    values: dict[str, object] = {}
    for name in COLUMNS:
        text = (row.get(name) or "").strip()
        if text:
            values[name] = _number(text, name) if name in _NUMBERS else text
    for name in ("path", "source"):
        if name not in values:
            raise ManifestError(
                f'A manifest row has no "{name}"; every film needs one. Fill the cell: {dict(row)}'
            )
    _check(values, "view", _VIEWS)
    _check(values, "modality", _MODALITIES)
    _check(values, "sex", _SEXES)
    _check(values, "population", tuple(Population))
    if "population" in values:
        values["population"] = Population(str(values["population"]))
    values["label"] = label_text(parse_label(str(values.get("label", ""))))
    film = Film(**values)  # type: ignore[arg-type]  # every key is a column, checked above
    return (
        film if "population" in values else replace(film, population=population_of(film.age_years))
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _number(text: str, name: str) -> float:
    low, high = _NUMBERS[name]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and low <= value <= high):
        expected = f"from 0 to {high:g}" if math.isfinite(high) else "of either sign"
        raise ManifestError(
            f'Column "{name}" holds "{text}", expected a number {expected} or an empty cell. '
            "Correct the manifest."
        )
    return value


def _check(values: Mapping[str, object], name: str, allowed: tuple[str, ...]) -> None:
    if name in values and values[name] not in allowed:
        raise ManifestError(
            f'Column "{name}" holds "{values[name]}", expected {", ".join(allowed)} '
            "or an empty cell. Correct the manifest."
        )
