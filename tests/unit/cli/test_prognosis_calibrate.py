"""`thoracle prognosis calibrate` makes a bundle of the site and says how to use it."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.datasets.prognosis.cohort import write_cohort
from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.inference.bundle import find_bundle


def test_a_bundle_of_the_site_lies_among_the_sites_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path / "home"))
    write_cohort(simulate_cohort(60, rng=np.random.default_rng(4)), tmp_path / "cohort")
    line = ["prognosis", "calibrate", str(tmp_path / "cohort"), "--site", "north"]
    found = CliRunner().invoke(app, [*line, "--folds", "2", "--repeats", "1"])
    assert found.exit_code == 0, found.output
    assert "| slope | shift, 1 day |" in found.output
    assert "use it with --bundle prognosis-north" in found.output
    assert find_bundle("prognosis-north") == tmp_path / "home" / "bundles" / "prognosis-north"
    again = CliRunner().invoke(app, line)
    assert again.exit_code != 0
