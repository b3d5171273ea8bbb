"""Read a patient's chart that was sent, keep it and what is told of it, and open it again."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, NoReturn

import numpy as np

from thoracle.core.errors import ChartError, StoreError
from thoracle.core.results import Provenance, Reason
from thoracle.core.version import version
from thoracle.inference.bundle import list_bundles
from thoracle.jobs.chart_documents import (
    KeptOut,
    NotedChart,
    chart_from_json,
    chart_json,
    joined,
)
from thoracle.jobs.prognosis_predict import BUNDLE, SEED, OpenedReader, index_of, read_chart
from thoracle.prognosis.analyze import STAY, ChartReader, analyze
from thoracle.prognosis.learned import Learned
from thoracle.prognosis.reading import ChartReading, reading_from_json, reading_json
from thoracle.prognosis.types import DEATH, Chart
from thoracle.store.chart_types import ChartFacts, ChartLine, ChartVersion, NewChart, StoredChart
from thoracle.store.charts import ChartStore

NO_BUNDLE: Final = Reason(
    code="chart-no-bundle",
    text=(
        "found no network for prognosis in this installation – expected the bundle named "
        "prognosis. Install it, and read the chart again."
    ),
)


class EmptyChartError(ChartError):
    """Nothing of a file can be kept.

    Parameters
    ----------
    file
        Its name.
    kept_out
        All that was in it; the first of it is said, pages list the rest.
    """

    def __init__(self, file: str, kept_out: tuple[KeptOut, ...]) -> None:
        why = kept_out[0].text if kept_out else "Add one."
        super().__init__(
            f"found no measurement in {file} that can be kept – expected at least one with its "
            f"time and unit. {why}",
            code="chart-empty",
        )
        self.file, self.kept_out = file, kept_out


@dataclass(frozen=True, slots=True, kw_only=True)
class SentChart:
    """One stay that was sent: what the file was, who sent it, whose it is.

    Attributes
    ----------
    noted
        The chart, its `patient` not to be kept, and what was kept out of it.
    file, sha256
        Name and digest.
    owner
        Who sent it.
    patient
        A pseudonym; None where nobody said whose it is.
    chart_id
        Of the chart that it adds to; None finds that of the same patient and admission.
    """

    noted: NotedChart = field(repr=False)
    file: str
    sha256: str
    owner: str | None = None
    patient: str | None = None
    chart_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChart:
    """One version of a chart opened again.

    Attributes
    ----------
    line, history, version
        As the store has them.
    noted
        The chart as it was then.
    reading
        What was told of it.
    """

    line: ChartLine
    history: tuple[ChartVersion, ...]
    version: int
    noted: NotedChart = field(repr=False)
    reading: ChartReading = field(repr=False)


def has_prognosis() -> bool:
    """Say whether a network for prognosis is installed."""
    return any(folder.name == BUNDLE for folder in list_bundles())


def open_prognosis() -> OpenedReader | None:
    """Open the installed network; None while none is installed."""
    return OpenedReader.open() if has_prognosis() else None


class PrognosisReader:
    """The installed network for prognosis, opened when it is first needed.

    Parameters
    ----------
    open_it
        Opens it; None while none is installed.
    """

    def __init__(self, open_it: Callable[[], OpenedReader | None] = open_prognosis) -> None:
        self._open = open_it
        self._lock = threading.Lock()
        self._opened: OpenedReader | None = None

    def prognosis(self) -> OpenedReader | None:
        """Return it; None while none is installed, a BundleError where it is altered."""
        with self._lock:
            if self._opened is None:
                self._opened = self._open()
            return self._opened


def tell_chart(chart: Chart, prognosis: OpenedReader | None, *, sha256: str) -> ChartReading:
    """Tell everything of a chart at its last measurement.

    Parameters
    ----------
    chart
        One stay.
    prognosis
        None where no network is installed: courses, the rule and NEWS2 are told all the same.
    sha256
        Of the file that it came from.

    Returns
    -------
    ChartReading
        With its provenance. The same chart gives the same reading.
    """
    index_h = index_of(chart, None)
    if prognosis is not None:
        return read_chart(chart, index_h=index_h, opened=prognosis, sha256=sha256)
    rng = np.random.default_rng(SEED)
    told = analyze(chart, index_h=index_h, reader=_NOTHING_LEARNED, rng=rng)
    provenance = Provenance(
        sha256=sha256, software_version=version(), bundles=(), runtime="", precision=""
    )
    return replace(told, refusal=NO_BUNDLE, provenance=provenance)


def keep_chart(
    store: ChartStore, sent: SentChart, prognosis: OpenedReader | None, *, now: datetime
) -> str:
    """Keep a chart and what is told of it; one of a stay that is kept already adds a version to it.

    Parameters
    ----------
    store
        Open.
    sent
        What came.
    prognosis
        None where no network is installed.
    now
        With a time zone.

    Returns
    -------
    str
        The id of the chart.

    Raises
    ------
    EmptyChartError
        Nothing in it can be kept.
    """
    if not sent.noted.chart.times_h.size:
        raise EmptyChartError(sent.file, sent.noted.notes.kept_out)
    before = _chart_to_add_to(store, sent)
    noted = sent.noted if before is None else joined(before.noted.chart, sent.noted)
    patient = sent.patient if before is None else before.line.facts.patient
    noted = replace(noted, chart=replace(noted.chart, patient=patient or ""))
    reading = tell_chart(noted.chart, prognosis, sha256=sent.sha256)
    new = NewChart(
        facts=_facts(sent, noted.chart, reading, patient),
        document=chart_json(noted),
        reading=reading_json(reading),
    )
    if before is None:
        return store.save(new, now=now)
    store.add(before.line.id, new, after=before.line.versions, now=now)
    return before.line.id


def show_chart(store: ChartStore, chart_id: str, *, version: int | None = None) -> ShownChart:
    """Open a version of a kept chart exactly as it was kept.

    Parameters
    ----------
    store
        Open.
    chart_id
        From `keep_chart`; one that is not kept is a StoreError.
    version
        Its number; None is the newest.

    Returns
    -------
    ShownChart
        With what was told of it then.

    Raises
    ------
    StoreError
        What is kept cannot be read.
    """
    stored = store.get(chart_id, version=version)
    try:
        return _shown(stored)
    except (KeyError, TypeError, ValueError, AttributeError, ChartError) as error:
        raise StoreError(
            f"found a stored chart that cannot be read ({type(error).__name__}: {error}) – "
            "expected what was saved. Send the chart again.",
            code="damaged-result",
        ) from error


def _shown(stored: StoredChart) -> ShownChart:
    patient = stored.line.facts.patient or ""
    return ShownChart(
        line=stored.line,
        history=stored.history,
        version=stored.version,
        noted=chart_from_json(stored.document, patient=patient),
        reading=reading_from_json(stored.reading or {}),
    )


def _chart_to_add_to(store: ChartStore, sent: SentChart) -> ShownChart | None:
    if sent.chart_id is not None:
        return show_chart(store, sent.chart_id)
    if sent.patient is None:
        return None
    line = store.of_stay(sent.patient, sent.noted.chart.admitted_at)
    return None if line is None else show_chart(store, line.id)


def _facts(sent: SentChart, chart: Chart, reading: ChartReading, patient: str | None) -> ChartFacts:
    return ChartFacts(
        file=sent.file,
        sha256=sent.sha256,
        measurements=int(chart.times_h.size),
        last_h=float(chart.times_h[-1]),
        risk=None if reading.risk is None else reading.risk.risk[STAY],
        admitted_at=chart.admitted_at,
        owner=sent.owner,
        patient=patient,
    )


class _NoModel:
    """Stands where no network is: it is never asked, for nothing was learned."""

    def predict(self, charts: object, landmarks: object) -> NoReturn:
        raise NotImplementedError


def _nothing() -> Learned:
    empty = np.zeros(0)
    return Learned(
        places=np.zeros(0, np.int64),
        low=empty,
        median=empty,
        high=empty,
        lowest=empty,
        highest=empty,
        patients_share=empty,
    )


_NOTHING_LEARNED: Final = ChartReader(model=_NoModel(), learned=_nothing(), event=DEATH)
