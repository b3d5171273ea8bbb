"""A worker says what was measured in JSON, and costs one file when it dies."""

import io
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from thoracle.core.results import Reason
from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.measure import Binning
from thoracle.jobs import texture_worker as module
from thoracle.jobs.texture import MeasuredFile, TextureOptions
from thoracle.jobs.texture_worker import (
    Worker,
    measured_in_processes,
    measured_json,
    measured_of,
    options_of,
    serve,
)
from thoracle.radiograph.texture import RegionTexture

OPTIONS = TextureOptions(
    mask=Path("m.png"),
    labels=(1, 2),
    with_wavelets=False,
    bundle="x",
    aggregation=Aggregation.MERGED_25D,
    binning=Binning(bins=None, bin_size=25.0, lowest=-1000.0),
)
MEASURED = MeasuredFile(
    file="a.png",
    regions=(
        RegionTexture(region="lungs", pixels=3, unit="px", features={"a": 1.5, "b": math.nan}),
    ),
    notes=(Reason(code="n", text="note"),),
    error=Reason(code="e", text="error"),
)


def test_options_and_results_come_back_as_they_went() -> None:
    assert options_of(json.loads(json.dumps(module._options_json(OPTIONS)))) == OPTIONS
    back = measured_of(json.loads(json.dumps(measured_json(MEASURED))))
    assert (back.file, back.notes, back.error) == (MEASURED.file, MEASURED.notes, MEASURED.error)
    assert back.regions[0].features["a"] == 1.5
    assert math.isnan(back.regions[0].features["b"])


def test_a_worker_answers_each_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO('"a.png"\n"b.png"\n'))
    monkeypatch.setattr(module, "measure_file", lambda path, _: MeasuredFile(file=str(path)))
    serve(OPTIONS)

    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["file"] for line in lines] == ["a.png", "b.png"]


def test_a_process_that_dies_costs_its_file_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import sys, json\n"
        "for line in sys.stdin:\n"
        "    name = json.loads(line)\n"
        "    if name == 'deadly': sys.exit(9)\n"
        "    print(json.dumps({'file': name, 'regions': [], 'notes': [], 'error': None}))\n"
        "    sys.stdout.flush()\n"
    )
    start = subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda _, **k: start([sys.executable, "-c", program], **k)
    )
    names = ["a", "b", "deadly", "c", "d"]
    found = list(measured_in_processes([Path(one) for one in names], OPTIONS, workers=2))

    assert [one.file for one in found] == names
    assert [one.error.code for one in found if one.error] == ["texture-worker-died"]


def test_a_process_that_cannot_be_started_is_the_files_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(subprocess, "Popen", fail)
    error = Worker(OPTIONS).measure(Path("a")).error

    assert error is not None
    assert error.code == "texture-worker-died"
