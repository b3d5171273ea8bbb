"""Charts that tests send, and a network that is a formula: the risk rises with LDH."""

from collections.abc import Sequence

import numpy as np

from thoracle.core.results import BundleReference
from thoracle.jobs.chart_documents import ChartNotes, NotedChart
from thoracle.jobs.charts import SentChart
from thoracle.jobs.prognosis_predict import OpenedReader
from thoracle.prognosis.analyze import ChartReader
from thoracle.prognosis.learned import Learned
from thoracle.prognosis.types import DEATH, HORIZONS, Chart, Landmark, Risks
from thoracle.prognosis.variables import VARIABLES, place_of

KNOWN = ("ldh", "hs_crp", "lymphocyte_percent", "temperature", "spo2")
MIDDLES = {
    "ldh": 300.0,
    "hs_crp": 40.0,
    "lymphocyte_percent": 15.0,
    "temperature": 37.5,
    "spo2": 94.0,
}
ADMITTED = "2026-02-27T08:00:00+00:00"
ROWS = (
    (0.5, "ldh", 260.0),
    (0.5, "hs_crp", 35.0),
    (1.0, "temperature", 38.2),
    (26.0, "ldh", 420.0),
    (50.0, "ldh", 510.0),
    (50.0, "lymphocyte_percent", 7.5),
)


class RisesWithLdh:
    """A model whose risk rises with the last LDH, a third within a day, and whole until discharge.

    The interval reaches a tenth of the risk to either side.
    """

    def predict(self, charts: Sequence[Chart], landmarks: Sequence[Landmark]) -> Risks:
        ldh = place_of("ldh")
        lasts = [charts[one.chart].values[charts[one.chart].variables == ldh] for one in landmarks]
        stay = np.array([0.2 if not one.size else min(one[-1] / 1000, 0.9) for one in lasts])
        risks = stay[:, np.newaxis] * np.array([1 / 3, 1 / 2, 2 / 3, 1])
        days, variables = 14, len(VARIABLES)
        contributions = np.zeros((len(landmarks), days, variables))
        contributions[:, 0, ldh] = stay
        return Risks(
            risks=risks,
            low=0.9 * risks,
            high=1.1 * risks,
            day_attention=np.full((len(landmarks), days), 1 / days),
            contributions=contributions,
        )


class Forecasts:
    """Quantiles of each variable that is known, about its last value."""

    def __init__(self, charts: Sequence[Chart]) -> None:
        self.quantiles = np.full((len(charts), 2, len(VARIABLES), 3), np.nan)
        for at, chart in enumerate(charts):
            for place, value in zip(chart.variables, chart.values, strict=True):
                self.quantiles[at, :, place] = value * np.array([0.9, 1.0, 1.2])


class SameAgain:
    """A forecaster that expects every value to stay as it is."""

    def predict(self, charts: Sequence[Chart], landmarks: Sequence[Landmark]) -> Forecasts:
        assert len(charts) == len(landmarks)
        return Forecasts(charts)


def prognosis() -> OpenedReader:
    middles = np.array([MIDDLES[name] for name in KNOWN])
    learned = Learned(
        places=np.array([place_of(name) for name in KNOWN], np.int64),
        low=0.5 * middles,
        median=middles,
        high=1.5 * middles,
        lowest=0.1 * middles,
        highest=3.0 * middles,
        patients_share=np.ones(len(KNOWN)),
    )
    reader = ChartReader(model=RisesWithLdh(), learned=learned, event=DEATH, forecaster=SameAgain())
    return OpenedReader(
        reader=reader,
        reference=BundleReference(name="prognosis", version="1.0.0", digest="d" * 64),
    )


def made_chart(
    rows: Sequence[tuple[float, str, float]] = ROWS,
    *,
    age_years: float = 64.0,
    sex: str = "F",
    admitted_at: str = ADMITTED,
) -> Chart:
    return Chart(
        patient="",
        age_years=age_years,
        sex=sex,
        admitted_at=admitted_at,
        times_h=np.array([one[0] for one in rows], np.float64),
        variables=np.array([place_of(one[1]) for one in rows], np.int64),
        values=np.array([one[2] for one in rows], np.float64),
        outcome=None,
    )


def sent_chart(
    chart: Chart | None = None,
    *,
    patient: str | None = "p-1",
    chart_id: str | None = None,
    notes: ChartNotes | None = None,
) -> SentChart:
    return SentChart(
        noted=NotedChart(
            chart=made_chart() if chart is None else chart, notes=notes or ChartNotes()
        ),
        file="ward.csv",
        sha256="a" * 64,
        owner="ana",
        patient=patient,
        chart_id=chart_id,
    )


assert len(HORIZONS) == 4  # the formula above tells so many
