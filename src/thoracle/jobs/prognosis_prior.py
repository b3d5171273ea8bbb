"""A film's diagnosis at the local prevalence, for the report on one patient's course."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from thoracle.core.errors import BundleError, ChartError
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.jobs.measured import measured
from thoracle.jobs.prognosis_files import file_bytes
from thoracle.prognosis.prior import (
    LocalDiagnosis,
    Share,
    local_diagnosis,
    prevalence_at,
    read_prevalences,
    share_of,
    week_of,
)
from thoracle.prognosis.types import Chart

DISEASE: Final = "COVID-19"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorRequest:
    """What a user says of the local prevalence.

    Attributes
    ----------
    film
        JSON of `thoracle analyze --json`, of one film of the patient.
    table
        CSV of prevalences.
    place
        As written there.
    week
        ISO 8601; None takes that of the index time.
    """

    film: Path
    table: Path
    place: str
    week: str | None = None


def film_diagnosis(request: PriorRequest, chart: Chart, *, index_h: float) -> LocalDiagnosis:
    """Tell a film's probability of COVID-19 at the local prevalence.

    Parameters
    ----------
    request
        Film, table, place and week.
    chart
        Of the same patient.
    index_h
        Hours since admission.

    Returns
    -------
    LocalDiagnosis
        A place or week that is not in the table is a ChartError.
    """
    table = read_prevalences(_text(request.table))
    week = request.week or week_of(chart.admitted_at, index_h)
    local = prevalence_at(table, place=request.place, week=week)
    probability, bundle = _finding(request.film)
    return local_diagnosis(DISEASE, probability, calibrated_at=share_judged(bundle), local=local)


def share_judged(bundle: Bundle, label: str = DISEASE) -> Share:
    """Return the share of films with a finding among those that a bundle was judged on.

    Those are a random part of the patients that it was calibrated on another part of.

    Parameters
    ----------
    bundle
        Of task "classifier".
    label
        The finding.

    Returns
    -------
    Share
        With Wilson's interval.

    Raises
    ------
    BundleError
        It was judged on no film of the finding.
    """
    counts = measured(bundle).counts.get(label)
    if counts is None or not 0 < counts.support < counts.films:
        raise BundleError(
            f"found no films with and without {label} that {bundle.name} was judged on – expected "
            "them, to know at which share its probabilities hold. Evaluate it first: thoracle "
            "evaluate.",
            code="bundle-unjudged",
        )
    return share_of(counts.support, counts.films)


def _text(path: Path) -> str:
    """Read a text file.

    Raises
    ------
    ChartError
        It is no text.
    """
    try:
        return file_bytes(path).decode("utf-8")
    except UnicodeDecodeError as fault:
        raise ChartError(
            f"found {path}, which is no UTF-8 text – expected a CSV table or JSON. Save it so.",
            code="chart-text",
        ) from fault


def _finding(path: Path) -> tuple[float, Bundle]:
    """Return the probability of one film's result, and the bundle that told it.

    Raises
    ------
    ChartError
        It holds no such result, or more than one.
    """
    try:
        results = json.loads(_text(path))
        (result,) = results if isinstance(results, list) else [results]
        probability = _probability(result)
        bundle = _bundle(result)
    except (ValueError, KeyError, TypeError) as fault:
        raise ChartError(
            f"found no single film's probability of {DISEASE} in {path} – expected the JSON of "
            "thoracle analyze on one film that was not refused. Write it with --json.",
            code="chart-film",
        ) from fault
    return probability, bundle


def _probability(result: Any) -> float:
    (probability,) = (one["probability"] for one in result["findings"] if one["label"] == DISEASE)
    return float(probability)


def _bundle(result: Any) -> Bundle:
    """Return the installed bundle that told a result.

    Raises
    ------
    BundleError
        The one of that name is another by now.
    """
    opened = [open_bundle(one["name"]) for one in result["provenance"]["bundles"]]
    (bundle,) = (one for one in opened if one.task == "classifier")
    digests = {one["digest"] for one in result["provenance"]["bundles"]}
    if bundle.digest not in digests:
        raise BundleError(
            f"found a film told by another {bundle.name} than the one installed – expected the "
            "same, whose measured films are known. Analyze the film again.",
            code="bundle-other",
        )
    return bundle
