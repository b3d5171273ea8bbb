"""The picture's diagnosis at the prevalence of a place and week, by Bayes' rule on odds.

A network's probability holds at the share of patients with the disease among the films it was
calibrated on. Where the disease is rarer or more common, so is it among films that look alike.
"""

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from thoracle.core.errors import ChartError
from thoracle.evaluation.intervals import wilson

_WEEK: Final = re.compile(r"\d{4}-W(0[1-9]|[1-4]\d|5[0-3])")
_NEEDED: Final = ("place", "week")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of patients, 0 to 1, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalPrevalence:
    """How common the disease was in a place and week (ISO 8601, "2020-W14")."""

    place: str
    week: str
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDiagnosis:
    """What a film's probability becomes at the local prevalence.

    Attributes
    ----------
    label
        The finding, as the bundle names it.
    film_probability
        As the network told it.
    prevalence, prevalence_low, prevalence_high
        Of the place and week.
    calibrated_at
        Share of the finding among the films at which the network's probability holds.
    probability, low, high
        At the local prevalence; the limits take those of both shares at once, and nothing of how
        far the network itself may be off.
    """

    label: str
    place: str
    week: str
    film_probability: float
    prevalence: float
    prevalence_low: float
    prevalence_high: float
    calibrated_at: float
    probability: float
    low: float
    high: float


def read_prevalences(text: str) -> tuple[LocalPrevalence, ...]:
    """Read a table of prevalences.

    Parameters
    ----------
    text
        CSV with a head: place, week, and either prevalence (0 to 1; beside it low and high, where
        known) or cases and population.

    Returns
    -------
    tuple of LocalPrevalence
        Cases of a population have Wilson's interval; a prevalence without limits has none.

    Raises
    ------
    ChartError
        A column is missing, a value cannot be, or a place has one week twice.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    columns = {*(reader.fieldnames or ())}
    if not {*_NEEDED} <= columns or not ({"prevalence"} <= columns or _has_counts(columns)):
        raise ChartError(
            f"found columns {', '.join(sorted(columns)) or 'none'} in the table of prevalences – "
            "expected place, week, and prevalence or cases and population. Name them so.",
            code="chart-prevalence-table",
        )
    found = [_row(number, row) for number, row in enumerate(reader, start=2)]
    known = {(one.place, one.week) for one in found}
    if len(known) < len(found):
        raise ChartError(
            f"found {len(found) - len(known)} rows of a place and week that stand there twice – "
            "expected one each. Take the wrong ones out.",
            code="chart-prevalence-table",
        )
    return tuple(found)


def prevalence_at(table: Iterable[LocalPrevalence], *, place: str, week: str) -> LocalPrevalence:
    """Return what a table says of a place and week.

    Parameters
    ----------
    table
        From `read_prevalences`.
    place
        As written there.
    week
        ISO 8601.

    Returns
    -------
    LocalPrevalence
        Of that very week: no other one stands in for it.

    Raises
    ------
    ChartError
        The place or the week is not in the table.
    """
    rows = list(table)
    weeks = sorted(one.week for one in rows if one.place == place)
    if not weeks:
        known = ", ".join(sorted({one.place for one in rows})) or "none"
        raise ChartError(
            f"found no place {place!r} in the table of prevalences – expected one of: {known}. "
            "Write it as it stands there.",
            code="chart-prevalence-place",
        )
    if week not in weeks:
        raise ChartError(
            f"found no week {week} of {place} in the table of prevalences – expected one from "
            f"{weeks[0]} to {weeks[-1]} that is there. Add the week: another one does not stand "
            "in for it.",
            code="chart-prevalence-week",
        )
    return next(one for one in rows if (one.place, one.week) == (place, week))


def week_of(admitted_at: str, index_h: float) -> str:
    """Return the ISO week of an index time.

    Parameters
    ----------
    admitted_at
        ISO 8601 date and time.
    index_h
        Hours since then.

    Returns
    -------
    str
        As "2020-W14".

    Raises
    ------
    ChartError
        Nobody knows when the patient was admitted.
    """
    try:
        at = datetime.fromisoformat(admitted_at) + timedelta(hours=index_h)
    except ValueError as error:
        raise ChartError(
            f"found {admitted_at!r} as the time of admission – expected a date, to know the week. "
            "Say which with --week.",
            code="chart-prevalence-week",
        ) from error
    year, week, _ = at.isocalendar()
    return f"{year}-W{week:02d}"


def at_prevalence(probability: float, *, calibrated_at: float, prevalence: float) -> float:
    """Carry a probability over from one prevalence to another.

    Parameters
    ----------
    probability
        Above 0 and below 1, as it holds at `calibrated_at`.
    calibrated_at
        Above 0 and below 1.
    prevalence
        0 to 1.

    Returns
    -------
    float
        The odds times the ratio of the odds of both prevalences, as a probability.

    Raises
    ------
    ChartError
        A number lies outside its range.

    References
    ----------
    Saerens, Latinne and Decaestecker 2002, for two classes.
    """
    inside = 0 < probability < 1 and 0 < calibrated_at < 1 and 0 <= prevalence <= 1
    if not inside:
        raise ChartError(
            f"found a probability of {probability:g} calibrated at a share of {calibrated_at:g}, "
            f"and a prevalence of {prevalence:g} – expected them between 0 and 1. Use 0.05 for "
            "5 %.",
            code="chart-prevalence",
        )
    ill = probability * prevalence / calibrated_at
    well = (1 - probability) * (1 - prevalence) / (1 - calibrated_at)
    return ill / (ill + well)


def local_diagnosis(
    label: str, probability: float, *, calibrated_at: Share, local: LocalPrevalence
) -> LocalDiagnosis:
    """Tell a film's probability at the prevalence of a place and week.

    Parameters
    ----------
    label
        The finding.
    probability
        As the network told it of the film.
    calibrated_at
        Share of the finding among the films that its probabilities hold at.
    local
        From `prevalence_at`. It must be of patients like those who get a film; among all
        inhabitants the disease is rarer than among those who come with symptoms.

    Returns
    -------
    LocalDiagnosis
        With limits.
    """

    def at(here: float, there: float) -> float:
        return at_prevalence(probability, calibrated_at=there, prevalence=here)

    share = local.share
    return LocalDiagnosis(
        label=label,
        place=local.place,
        week=local.week,
        film_probability=probability,
        prevalence=share.value,
        prevalence_low=share.low,
        prevalence_high=share.high,
        calibrated_at=calibrated_at.value,
        probability=at(share.value, calibrated_at.value),
        low=at(share.low, calibrated_at.high),
        high=at(share.high, calibrated_at.low),
    )


def share_of(cases: int, population: int) -> Share:
    """Return cases of a population with Wilson's interval.

    Parameters
    ----------
    cases, population
        Whole numbers.

    Returns
    -------
    Share
        Its interval holds for people drawn independently, which the cases of an epidemic are not.

    Raises
    ------
    ChartError
        There are more cases than people, or none of these.
    """
    if not 0 <= cases <= population or population == 0:
        raise ChartError(
            f"found {cases} cases of {population} people – expected 0 to as many as there are. "
            "Correct the counts.",
            code="chart-prevalence-table",
        )
    told = wilson(cases, population)
    return Share(value=cases / population, low=told.low or 0.0, high=told.high or 0.0)


def _has_counts(columns: Iterable[str]) -> bool:
    return {"cases", "population"} <= {*columns}


def _row(number: int, row: Mapping[str, str | None]) -> LocalPrevalence:
    """Read one row.

    Raises
    ------
    ChartError
        A value of it cannot be.
    """
    cells = {name: (said or "").strip() for name, said in row.items() if isinstance(name, str)}
    if not _WEEK.fullmatch(cells["week"]):
        raise ChartError(
            f"found week {cells['week']!r} in row {number} of the table of prevalences – expected "
            "an ISO week such as 2020-W14. Write it so.",
            code="chart-prevalence-table",
        )
    try:
        share = _share(cells)
    except ValueError as error:
        raise ChartError(
            f"found no share in row {number} of the table of prevalences – expected a prevalence "
            "from 0 to 1 within its limits, or whole numbers of cases and population. Correct it.",
            code="chart-prevalence-table",
        ) from error
    return LocalPrevalence(place=cells["place"], week=cells["week"], share=share)


def _share(cells: Mapping[str, str]) -> Share:
    if not cells.get("prevalence"):
        return share_of(int(cells.get("cases", "")), int(cells.get("population", "")))
    value = float(cells["prevalence"])
    low, high = (float(cells.get(name) or value) for name in ("low", "high"))
    if not 0 <= low <= value <= high <= 1 or math.isnan(value):
        raise ValueError
    return Share(value=value, low=low, high=high)
