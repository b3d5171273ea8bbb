"""Curves of an audit."""

import pytest

from thoracle.evaluation.estimate import Estimate
from thoracle.reporting.shortcut_plots import chart_svg
from thoracle.reporting.shortcut_report import AuditChart, AuditCurve


def curve(name: str, places: tuple[float, ...], *, high: float | None = 0.9) -> AuditCurve:
    figure = Estimate(value=0.7, low=None if high is None else 0.5, high=high, n=9, method="m")
    return AuditCurve(name=name, places=places, figures=(figure,) * len(places))


def chart(*curves: AuditCurve, level: float | None = None) -> AuditChart:
    return AuditChart(title="t", x="quality", y="share", curves=curves, level=level)


def test_every_curve_is_named_and_the_same_chart_gives_the_same_text() -> None:
    drawn = chart(curve("Accuracy", (1, 2, 3)), curve("Same answer", (1, 2, 3)), level=2)
    svg = chart_svg(drawn)
    for said in ("Accuracy", "Same answer", "quality", "share"):
        assert said in svg
    assert svg == chart_svg(drawn)
    assert svg != chart_svg(chart(curve("Accuracy", (1, 2, 3)), curve("Same answer", (1, 2, 3))))


def test_strengths_that_fall_run_from_mild_to_harsh() -> None:
    rising, falling = chart(curve("a", (10, 90))), chart(curve("a", (90, 10)))
    assert chart_svg(rising).index(">20<") > 0
    order = [chart_svg(one) for one in (rising, falling)]
    assert order[0] != order[1]


@pytest.mark.parametrize("curves", [(), (curve("a", (1, 2), high=None),)])
def test_a_chart_without_curves_or_intervals_is_still_drawn(
    curves: tuple[AuditCurve, ...],
) -> None:
    assert chart_svg(chart(*curves)).startswith("<?xml")
