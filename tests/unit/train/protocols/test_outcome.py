"""A report says what the run's files say, and nothing of films when it must not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import RecipeError
from thoracle.datasets.manifest import Manifest
from thoracle.reporting.reproduction import reproduction_html
from thoracle.train.protocols.outcome import read_curve, read_predictions, report_of
from thoracle.train.protocols.protocol import Protocol
from thoracle.train.protocols.reproduce import Cuts, Films, Places, Plan, folder_of, reproduce

Make = Callable[..., Protocol]
TWO_STEPS = """
[[arms]]
name = "First"
size = 32
[arms.network]
backbone = "middlemore-cnn"
[[arms.steps]]
name = "first"
epochs = 12
learning_rate = 2e-3
batch = 8
[[arms.classes]]
name = "Normal"
of = ["Normal"]
[[arms.classes]]
name = "Pneumonia"
of = ["COVID-19", "Bacterial"]
[[arms]]
name = "Second"
size = 32
after = "First"
[arms.network]
backbone = "middlemore-cnn"
[[arms.steps]]
name = "second"
epochs = 12
learning_rate = 2e-3
batch = 8
[[arms.classes]]
name = "COVID-19 pneumonia"
of = ["COVID-19"]
[[arms.classes]]
name = "Bacterial pneumonia"
of = ["Bacterial"]
"""


@pytest.fixture
def finished(
    toy_films: Manifest, toy_protocol: Make, cache: Path, tmp_path: Path
) -> tuple[Protocol, Films, Plan, Path]:
    protocol, judged = toy_protocol(arms=TWO_STEPS), Films(manifest=toy_films, pairs=())
    plan = Plan(repeats=2, seed=3, cuts=Cuts())
    reproduce(protocol, judged, plan, Places(run=tmp_path / "run", cache=cache))
    return protocol, judged, plan, tmp_path / "run"


def test_figures_are_those_of_the_predictions(
    finished: tuple[Protocol, Films, Plan, Path],
) -> None:
    protocol, judged, plan, run = finished
    report = report_of(protocol, judged, plan, run, with_films=True)
    right = total = 0
    for repeat in range(2):
        said = read_predictions(protocol, folder_of(run, protocol.arms[0], repeat))
        right += int((said.chances.argmax(axis=1) == said.targets).sum())
        total += len(said.targets)
    small = report.arm("Small")
    assert small.figures.accuracy.pooled.value == pytest.approx(right / total)
    assert small.facts["network"] == "middlemore-cnn"
    assert small.films
    assert all(one.png is not None for one in small.films)
    assert small.family is not None
    assert [row[:2] for row in small.family.rows] == [
        ("COVID-19 against all others", "PPV"),
        ("COVID-19 against all others", "NPV"),
        ("COVID-19 against Bacterial", "PPV"),
        ("COVID-19 against Bacterial", "NPV"),
    ]
    assert report.run.startswith("2 repeats, each with another draw")
    assert "data:image/png" in reproduction_html(report)


def test_two_steps_decide_together(finished: tuple[Protocol, Films, Plan, Path]) -> None:
    protocol, judged, plan, run = finished
    report = report_of(protocol, judged, plan, run, with_films=False)
    both = report.arms[-1]
    assert both.name == "Both steps: First, then Second"
    assert both.figures.labels == ("Normal", "COVID-19 pneumonia", "Bacterial pneumonia")
    expected = np.zeros((3, 3), int)
    for repeat in range(2):
        one, two = (
            read_predictions(protocol, folder_of(run, protocol.arm(name), repeat))
            for name in ("First", "Second")
        )
        for truth, first, second in zip(
            one.targets, one.chances.argmax(axis=1), two.chances.argmax(axis=1), strict=True
        ):
            expected[truth, 0 if first == 0 else 1 + second] += 1
    assert np.array_equal(both.figures.confusion, expected)
    assert both.figures.accuracy.pooled.value == pytest.approx(np.trace(expected) / expected.sum())
    assert both.family is not None
    assert both.family.rows[2][0] == "COVID-19 pneumonia against Bacterial pneumonia"


def test_a_report_without_films_holds_none(finished: tuple[Protocol, Films, Plan, Path]) -> None:
    protocol, judged, plan, run = finished
    page = reproduction_html(report_of(protocol, judged, plan, run, with_films=False))
    assert "data:image/png" not in page
    assert "normal-0" not in page


def test_an_unfinished_arm_is_an_error_and_a_curve_is_read_back(
    finished: tuple[Protocol, Films, Plan, Path], tmp_path: Path
) -> None:
    protocol, _, _, run = finished
    with pytest.raises(RecipeError, match=r"found no finished arm in .* goes on where it stopped"):
        read_predictions(protocol, tmp_path)
    curve = read_curve(folder_of(run, protocol.arm("First"), 0), "first")
    assert [row["epoch"] for row in curve] == list(range(12))
