"""A bundle's network for charts: what lies beside its weights, and how it is run."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import BundleError
from thoracle.inference.bundle import CorruptBundleError, open_bundle
from thoracle.prognosis.calibration import Calibration
from thoracle.prognosis.features import Scaling
from thoracle.prognosis.learned import Seen
from thoracle.prognosis.network import (
    BATCH,
    CONTENT,
    ChartNetwork,
    NetworkContent,
    read_content,
    write_content,
)
from thoracle.prognosis.types import Chart, Landmark
from thoracle.prognosis.variables import place_of


def chart(values: Sequence[float]) -> Chart:
    """Return a chart with LDH every hour."""
    count = len(values)
    return Chart(
        patient="p",
        age_years=60.0,
        sex="F",
        admitted_at="",
        times_h=np.arange(count, dtype=np.float64),
        variables=np.full(count, place_of("ldh")),
        values=np.array(values, np.float64),
        outcome=None,
    )


def test_what_lies_beside_the_weights_comes_back(risk_scaling: Scaling, tmp_path: Path) -> None:
    calibration = Calibration(slopes=np.array([2.0, 3.0]), intercepts=np.arange(8.0).reshape(2, 4))
    seen = Seen(
        low=np.array([0.5, 100.0]), high=np.array([3.0, 900.0]), patients_share=np.array([0.2, 1.0])
    )
    content = NetworkContent(
        scaling=risk_scaling, seen=seen, calibration=calibration, widening=np.array([1.5, 2.0])
    )
    write_content(content, tmp_path)
    found = read_content(tmp_path)
    for name in ("places", "is_log", "floor", "mean", "sd"):
        np.testing.assert_array_equal(getattr(found.scaling, name), getattr(risk_scaling, name))
    for name in ("low", "high", "patients_share"):
        np.testing.assert_array_equal(getattr(found.seen, name), getattr(seen, name))
    assert found.calibration.slopes.tolist() == [2, 3]
    assert found.calibration.intercepts.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert found.widening.tolist() == [1.5, 2.0]


def test_a_variable_of_a_later_version_and_a_damaged_file_are_refused(
    risk_bundle: Path, tmp_path: Path
) -> None:
    write_content(read_content(risk_bundle), tmp_path)
    table = json.loads((tmp_path / CONTENT).read_text(encoding="utf-8"))
    table["variables"][0]["name"] = "of_tomorrow"
    (tmp_path / CONTENT).write_text(json.dumps(table), encoding="utf-8")
    with pytest.raises(BundleError, match=r"of_tomorrow.* Install a newer Thoracle") as caught:
        read_content(tmp_path)
    assert caught.value.code == "bundle-variable"
    table["variables"][0]["name"] = "ldh"
    table["intercepts"] = [1.0] * 4
    (tmp_path / CONTENT).write_text(json.dumps(table), encoding="utf-8")
    with pytest.raises(CorruptBundleError, match=r"calibration, not \(2, 4\)"):
        read_content(tmp_path)
    (tmp_path / CONTENT).write_text("{}", encoding="utf-8")
    with pytest.raises(CorruptBundleError, match=r"no readable variables\.json"):
        read_content(tmp_path)


def test_landmarks_are_run_in_batches_and_none_is_run_not_at_all(risk_bundle: Path) -> None:
    network = ChartNetwork(open_bundle(str(risk_bundle)))
    unknown = np.full(4, np.nan)
    landmarks = [Landmark(chart=0, index_h=1.0, labels=unknown)] * (BATCH + 3)
    found = [one["logits"] for _, one in network.run([chart([400.0])], landmarks, ("logits",))]
    assert [one.shape for one in found] == [(BATCH, 3, 4), (3, 3, 4)]
    assert list(network.run([chart([400.0])], [], ("logits",))) == []
