"""What is kept of a chart does not print its measurements, nor what is told of them."""

from thoracle.store.chart_types import ChartFacts, NewChart


def test_measurements_and_readings_stay_out_of_logs() -> None:
    facts = ChartFacts(file="a.csv", sha256="a" * 64, measurements=1, last_h=None, risk=None)
    new = NewChart(facts=facts, document={"ldh": 1}, reading={"risk": 1})
    assert "'ldh'" not in repr(new)
    assert "'risk'" not in repr(new)
    assert (facts.owner, facts.patient, facts.admitted_at) == (None, None, "")
