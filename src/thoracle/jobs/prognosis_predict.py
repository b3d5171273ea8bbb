"""Read one patient's chart with a bundle, at an index time."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from thoracle.core.errors import ChartError
from thoracle.core.results import BundleReference, Provenance, Reason
from thoracle.core.version import version
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.inference.session import PRECISION, runtime_name
from thoracle.jobs.chart_documents import hours_between
from thoracle.prognosis.analyze import ChartReader, analyze
from thoracle.prognosis.forecast import Forecaster
from thoracle.prognosis.learned import Learned
from thoracle.prognosis.model import RiskModel
from thoracle.prognosis.network import read_content
from thoracle.prognosis.reading import ChartReading
from thoracle.prognosis.types import DEATH, DISCHARGE, Chart

BUNDLE: Final = "prognosis"
SEED: Final = 0
"""Draws the orders of what each variable adds: the same chart always gives the same reading."""
ENDED: Final = Reason(
    code="chart-ended",
    text="The stay had ended by then, or what is predicted had come: no risk is told.",
)
_NOTHING_TOLD: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "risks": (),
        "added": None,
        "attention": None,
        "forecasts": (),
        "next_tests": (),
        "warnings": (),
    }
)


class IndexTimeError(ChartError):
    """An index time is neither hours nor a date and time."""

    code = "chart-at"

    def __init__(self, at: str) -> None:
        super().__init__(
            f"found {at!r} as the index time – expected hours since admission, such as 48, or a "
            "date and time, such as 2020-02-01T08:00. Write it so."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedReader:
    """What reads charts, what provenance keeps of the bundle that it is of, and whom it is of."""

    reader: ChartReader
    reference: BundleReference
    origin: Reason | None = None

    @classmethod
    def of(cls, bundle: Bundle, *, threads: int | None = None) -> "OpenedReader":
        """Return what reads charts with a bundle of task "prognosis"."""
        content = read_content(bundle.folder)
        reader = ChartReader(
            model=RiskModel(bundle, threads=threads),
            learned=Learned.of(content.scaling, content.seen),
            event=bundle.training.get("event", DEATH),
            forecaster=Forecaster(bundle, threads=threads),
        )
        return cls(reader=reader, reference=bundle.reference, origin=_origin(bundle.training))

    @classmethod
    def open(cls, name: str = BUNDLE, *, threads: int | None = None) -> "OpenedReader":
        """Open a bundle by its name or folder, and return what reads charts with it."""
        return cls.of(open_bundle(name), threads=threads)


def read_chart(chart: Chart, *, index_h: float, opened: OpenedReader, sha256: str) -> ChartReading:
    """Read one patient's chart with a bundle.

    Parameters
    ----------
    chart
        One stay.
    index_h
        Hours since admission; nothing later is looked at.
    opened
        From `OpenedReader.open`.
    sha256
        Of the file that the chart is from.

    Returns
    -------
    ChartReading
        With provenance. The same chart gives the same numbers. After the end of a stay that is
        known to have ended, no risk is told.
    """
    rng = np.random.default_rng(SEED)
    reading = analyze(chart, index_h=index_h, reader=opened.reader, rng=rng)
    if has_ended(chart, index_h, opened.reader.event):
        reading = replace(reading, refusal=ENDED, **_NOTHING_TOLD)
    if opened.origin is not None and reading.refusal is None:
        reading = replace(reading, warnings=(*reading.warnings, opened.origin))
    provenance = Provenance(
        sha256=sha256,
        software_version=version(),
        bundles=(opened.reference,),
        runtime=runtime_name(),
        precision=PRECISION,
    )
    return replace(reading, provenance=provenance)


def _origin(training: Mapping[str, str]) -> Reason | None:
    """Say of whom a bundle learned, as far as it tells: elsewhere risks are others."""
    learned = [training.get(one) for one in ("patients", "cohort", "patients_with_the_event")]
    if None in learned:
        return None
    text = (
        f"The networks learned from {learned[0]} patients of one cohort ({learned[1]}), of whom "
        f"{learned[2]} had the event: where patients are more or less ill, risks are too low or "
        "too high until they are calibrated there."
    )
    if "calibrated_patients" in training:
        text = (
            f"The networks learned from {learned[0]} patients of one cohort ({learned[1]}), and "
            f"their risks were calibrated to {training['calibrated_patients']} patients of "
            f"{training['calibrated_on']}: they hold for patients like those."
        )
    return Reason(code="chart-learned-elsewhere", text=text)


def has_ended(chart: Chart, index_h: float, event: str) -> bool:
    """Say whether a stay is known to have ended before an index time, or the event to have come.

    It is all that is ever asked of an outcome here: old values would be read as new ones.
    """
    outcome = chart.outcome
    if outcome is None or outcome.time_h >= index_h:
        return False
    return outcome.event in {DEATH, DISCHARGE, event}


def index_of(chart: Chart, at: str | None) -> float:
    """Return an index time as hours since admission.

    Parameters
    ----------
    chart
        One stay.
    at
        Hours since admission, or an ISO 8601 date and time by the hospital's clock, in UTC where
        only the admission has a zone; None is now: the last measurement.

    Returns
    -------
    float
        May be negative: values from before admission count.

    Raises
    ------
    IndexTimeError
        It is neither.
    """
    if at is None:
        return float(chart.times_h.max()) if chart.times_h.size else 0.0
    try:
        hours = float(at)
    except ValueError:
        return _since_admission(chart, at)
    if not math.isfinite(hours):
        raise IndexTimeError(at)
    return hours


def the_patient(charts: Sequence[Chart], patient: str) -> Chart:
    """Return the stay of one patient; of several stays the last.

    Parameters
    ----------
    charts
        Of a file.
    patient
        Pseudonym.

    Returns
    -------
    Chart
        By admission; those whose time is unknown come first.

    Raises
    ------
    ChartError
        Nobody of that name is there.
    """
    own = [one for one in charts if one.patient == patient]
    if not own:
        raise ChartError(
            f"found no patient {patient!r} among {len(charts)} stays – expected one of those in "
            "the file. Leave --patient out to see them all.",
            code="chart-patient",
        )
    return max(own, key=lambda one: one.admitted_at)


def _since_admission(chart: Chart, at: str) -> float:
    """Return hours from admission to a date and time.

    Raises
    ------
    IndexTimeError
        It is none.
    ChartError
        The time of admission is unknown.
    """
    try:
        datetime.fromisoformat(at)
    except ValueError as error:
        raise IndexTimeError(at) from error
    if not chart.admitted_at:
        raise ChartError(
            "found no time of admission, and a date as the index time – expected one to reckon "
            "from. Give hours since admission instead, such as 48.",
            code="chart-at",
        )
    return hours_between(chart.admitted_at, at)
