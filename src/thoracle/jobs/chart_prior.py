"""The diagnosis of a patient's newest film at the prevalence of a place and week."""

from dataclasses import dataclass
from typing import Final

from thoracle.core.errors import ChartError
from thoracle.core.settings import settings
from thoracle.jobs.measured import Measured
from thoracle.jobs.prognosis_prior import DISEASE
from thoracle.jobs.results import show_result
from thoracle.prognosis.prior import (
    LocalDiagnosis,
    LocalPrevalence,
    local_diagnosis,
    prevalence_at,
    read_prevalences,
    share_of,
)
from thoracle.store.results import ResultStore
from thoracle.store.types import Search

_FILMS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmDiagnosis:
    """What a film told of the disease, and which film it is."""

    result_id: str
    probability: float


def prevalences() -> tuple[LocalPrevalence, ...]:
    """Read the installation's table of prevalences.

    Returns
    -------
    tuple of LocalPrevalence
        Empty where the setting prevalence is unset.

    Raises
    ------
    ChartError
        The file cannot be read, or is no such table.
    """
    path = settings().prevalence
    if path is None:
        return ()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ChartError(
            f"found no table of prevalences that can be read at {path} ({type(error).__name__}) – "
            "expected a CSV file with place, week and prevalence. Correct THORACLE_PREVALENCE.",
            code="chart-prevalence-table",
        ) from error
    return read_prevalences(text)


def newest_film(
    store: ResultStore, patient: str | None, measured: Measured
) -> FilmDiagnosis | None:
    """Return what the newest film of a patient tells of the disease.

    Parameters
    ----------
    store
        Open.
    patient
        A pseudonym; None is nobody.
    measured
        Of the bundle in use: films that another one judged do not count.

    Returns
    -------
    FilmDiagnosis or None
        None where there is no such film.
    """
    if patient is None:
        return None
    for line in store.list_results(_FILMS, search=Search(patient=patient)):
        result = show_result(store, line.id, with_values=False).result
        made = result.provenance
        digests = () if made is None else tuple(one.digest for one in made.bundles)
        told = {one.label: one.probability for one in result.findings}
        if DISEASE in told and measured.digest in digests:
            return FilmDiagnosis(result_id=line.id, probability=told[DISEASE])
    return None


def film_at(
    film: FilmDiagnosis, measured: Measured, *, place: str, week: str
) -> LocalDiagnosis | None:
    """Tell a film's probability at the prevalence of a place and week.

    Parameters
    ----------
    film
        From `newest_film`.
    measured
        Says at which share of the disease the network's probabilities hold.
    place, week
        Of the installation's table; those that are not in it are a ChartError.

    Returns
    -------
    LocalDiagnosis or None
        None where nothing was measured of the bundle, so that there is nothing to start from.
    """
    counts = measured.counts.get(DISEASE)
    if counts is None or not 0 < counts.support < counts.films:
        return None
    return local_diagnosis(
        DISEASE,
        film.probability,
        calibrated_at=share_of(counts.support, counts.films),
        local=prevalence_at(prevalences(), place=place, week=week),
    )
