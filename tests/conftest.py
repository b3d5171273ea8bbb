"""What every test gets: a home folder of its own, fresh settings, and the real data where it is."""

import io
import os
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import hypothesis
import numpy as np
import pytest
from numpy.typing import NDArray

from thoracle.core.settings import settings

if TYPE_CHECKING:
    from thoracle.prognosis.analyze import ChartReader
    from thoracle.prognosis.features import Scaling
    from thoracle.prognosis.types import Chart, Landmark, Risks

# A neural network or a browser may share the machine: time says nothing about a property.
hypothesis.settings.register_profile("thoracle", deadline=None, print_blob=True)
hypothesis.settings.load_profile("thoracle")


@pytest.fixture(autouse=True, scope="session")
def _home_of_the_test_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep every test, and every process that it starts, out of the user's own results."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THORACLE_HOME", str(tmp_path_factory.mktemp("home")))
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture(autouse=True)
def _fresh_settings() -> Iterator[None]:
    """Let a test change the environment: no other test sees what it read."""
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of the public collections, or skip."""
    folder = os.environ.get("THORACLE_DATA", "")
    if not folder:
        pytest.skip("THORACLE_DATA is unset: this test reads the public collections")
    return Path(folder)


@pytest.fixture(scope="session")
def pack() -> Callable[..., bytes]:
    """Return a function that packs files, by name, into a ZIP archive."""

    def packed(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return stream.getvalue()

    return packed


@dataclass
class WebPlace:
    """A web server on loopback: its address, and the paths it was asked for."""

    address: str = ""
    asked: list[str] = field(default_factory=list)
    answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)

    def put(
        self,
        path: str,
        content: bytes = b"",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer a path; the length is told rightly unless `headers` say otherwise."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            told = {"Content-Length": str(len(content))} if headers is None else headers
            for name, value in told.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(content)

        self.answers[path] = answer


@pytest.fixture
def web_place(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebPlace]:
    """Run a web server on loopback while a test lasts; no proxy of the machine stands between."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    place = WebPlace()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place.asked.append(self.path)
            if self.path in place.answers:
                place.answers[self.path](self)
            else:
                self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        place.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield place
        server.shutdown()


@pytest.fixture(scope="session")
def thorax() -> Callable[..., NDArray[np.int16]]:
    """Return a function that draws a small chest in HU, LPS: no two sides of it look alike."""

    def drawn(slices: int = 12, rows: int = 20, columns: int = 24) -> NDArray[np.int16]:
        hu = np.random.default_rng(5).normal(0, 12, (slices, rows, columns)) - 1000
        hu[:, 3:-3, 2:-2] += 1040  # soft tissue
        hu[2:, 5:-4, 4 : columns // 2 - 1] -= 900  # the right lung, larger
        hu[4:, 6:-6, columns // 2 + 2 : -5] -= 880
        hu[1:5, 3:6, columns // 2 + 1 : columns // 2 + 4] += 250  # enhanced heart: front, left
        hu[-3:, -5:-3, columns // 2 : columns // 2 + 2] += 700  # spine at the back, head end
        return np.rint(hu).astype(np.int16)

    return drawn


LPS_AFFINE = np.array(
    [[6.0, 0, 0, -70], [0, 7.0, 0, -60], [0, 0, 8.0, -300], [0, 0, 0, 1.0]], np.float64
)


@pytest.fixture(scope="session")
def ct_files() -> Callable[..., list[bytes]]:
    """Return a function that writes slices as DICOM files: `ct_files(hu, affine, Keyword=value)`.

    `hu` is (slices, rows, columns) in any direction, `affine` from (column, row, slice, 1) to LPS.
    None removes an element; a function of the slice's number gives one for each slice.
    """
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
    from pydicom.valuerep import format_number_as_ds

    def one(pixels: NDArray[np.uint16], elements: Mapping[str, object]) -> bytes:
        ds = Dataset()
        ds.SOPClassUID, ds.SOPInstanceUID = CTImageStorage, "1.2.3.4.5"
        ds.Modality, ds.ImageType = "CT", ["ORIGINAL", "PRIMARY", "AXIAL"]
        ds.SeriesInstanceUID, ds.StudyInstanceUID = "1.2.3.4", "1.2.3"
        ds.FrameOfReferenceUID, ds.PatientID = "1.2.3.9", "someone"
        ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = -1100, 1, "HU"
        ds.Rows, ds.Columns = pixels.shape
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
        ds.PixelData = pixels.astype("<u2").tobytes()
        ds["PixelData"].VR = "OW"
        for name, value in elements.items():
            setattr(ds, name, value)
            if value is None:
                del ds[name]
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        stream = io.BytesIO()
        ds.save_as(stream, enforce_file_format=True)
        return stream.getvalue()

    def said(several: Iterable[float]) -> list[str]:
        return [format_number_as_ds(float(each)) for each in several]

    def written(
        hu: NDArray[np.int16], affine: NDArray[np.float64] = LPS_AFFINE, **elements: object
    ) -> list[bytes]:
        steps = np.linalg.norm(affine[:3, :3], axis=0)
        units = affine[:3, :3] / steps
        files = []
        for k, pixels in enumerate(hu):
            own = {
                "ImagePositionPatient": said((affine @ (0, 0, k, 1))[:3]),
                "ImageOrientationPatient": said([*units[:, 0], *units[:, 1]]),
                "PixelSpacing": said([steps[1], steps[0]]),
                "InstanceNumber": k + 1,
                "SliceThickness": said(steps[2:])[0],
                **{name: each(k) if callable(each) else each for name, each in elements.items()},
            }
            files.append(one((pixels + 1100).astype(np.uint16), own))
        return files

    return written


PATTERN_RECIPE = """
name = "small"
version = "1.0.0"
seed = 1
intended_use = "Tests."
[network]
hidden = 4
[training]
epochs = 1
batches_per_epoch = 1
batch = 7
learning_rate = 0.01
"""


@pytest.fixture
def pattern_bundle(tmp_path: Path) -> Callable[..., Path]:
    """Return what makes a bundle of breathing patterns that favors one class whatever it sees."""
    import torch

    from thoracle.inference.bundle import NETWORK
    from thoracle.inference.description import write_description
    from thoracle.respiration.types import CLASSES
    from thoracle.train.breathing.graph import write_pattern_onnx
    from thoracle.train.breathing.network import PatternNetwork
    from thoracle.train.breathing.packing import pattern_description
    from thoracle.train.breathing.recipe import parse_pattern_recipe
    from thoracle.train.export import Parity

    def make(
        favorite: str, *, bias: float = 8.0, abstain_below: float = 0.5, name: str = "small"
    ) -> Path:
        recipe = parse_pattern_recipe(PATTERN_RECIPE)
        torch.manual_seed(0)
        network = PatternNetwork(recipe.network).eval()
        with torch.no_grad():
            network.head.weight *= 0.01
            network.head.bias.zero_()
            network.head.bias[CLASSES.index(favorite)] = bias
        folder = tmp_path / name
        folder.mkdir()
        write_pattern_onnx(network, folder / NETWORK)
        parity = Parity(films=1, logit_difference=0.0, map_difference=0.0)
        calibration = {"temperature": 2.0, "abstain_below": abstain_below}
        write_description(folder, pattern_description(recipe, parity, calibration))
        return folder

    return make


TOY_WEIGHTS = {"ldh": 0.9, "hs_crp": 0.6, "lymphocyte_percent": -0.8, "spo2": -0.5, "glucose": 0.1}


class ToyRisks:
    """A model of charts that one can work out on paper: last values, standardized and weighted."""

    def __init__(self, scaling: "Scaling") -> None:
        self.scaling = scaling

    def predict(self, charts: "Sequence[Chart]", landmarks: "Sequence[Landmark]") -> "Risks":
        """Tell four risks from one logit, each half a unit above the one before."""
        from thoracle.prognosis.features import DAYS
        from thoracle.prognosis.landmarks import DAY_H, known_at
        from thoracle.prognosis.types import Risks
        from thoracle.prognosis.variables import VARIABLES

        parts = np.zeros((len(landmarks), DAYS, len(VARIABLES)))
        ages = np.zeros(len(landmarks))
        for row, landmark in enumerate(landmarks):
            known = known_at(charts[landmark.chart], landmark.index_h)
            ages[row] = np.nan_to_num((known.age_years - 60) / 20)
            for number, place in enumerate(self.scaling.places.tolist()):
                own = np.flatnonzero(known.variables == place)
                day = (
                    int((landmark.index_h - known.times_h[own[-1]]) // DAY_H) if own.size else DAYS
                )
                if day < DAYS:
                    shown = self.scaling.scale(known.values[own[-1:]], np.array([number]))
                    weight = TOY_WEIGHTS[VARIABLES[place].name]
                    parts[row, day, place] = weight * shown[0]
        logits = (parts.sum(axis=(1, 2)) + ages)[:, None] + np.array([-2.5, -2.0, -1.5, -1.0])
        risks, low, high = (1 / (1 + np.exp(-logits - off)) for off in (0.0, -0.4, 0.4))
        days = np.abs(parts).sum(axis=2) + 1e-9
        return Risks(
            risks=risks,
            low=low,
            high=high,
            day_attention=days / days.sum(axis=1, keepdims=True),
            contributions=parts,
        )


class ToyForecasts:
    """Tells that all stays as it is, of variables that were measured."""

    def predict(self, charts: "Sequence[Chart]", landmarks: "Sequence[Landmark]") -> Any:
        """Tell the last value, a tenth less and more in one day, a fifth in three."""
        from thoracle.prognosis.variables import VARIABLES

        quantiles = np.full((len(landmarks), 2, len(VARIABLES), 3), np.nan)
        for row, landmark in enumerate(landmarks):
            chart = charts[landmark.chart]
            for place, value in zip(chart.variables.tolist(), chart.values.tolist(), strict=True):
                quantiles[row, :, place] = value * np.array([[0.9, 1.0, 1.1], [0.8, 1.0, 1.2]])
        return SimpleNamespace(quantiles=quantiles)


@pytest.fixture(scope="session")
def chart_reader() -> "ChartReader":
    """Return what reads charts without a network: four laboratory values and the saturation."""
    from thoracle.prognosis.analyze import ChartReader
    from thoracle.prognosis.features import Scaling
    from thoracle.prognosis.learned import Learned, Seen
    from thoracle.prognosis.variables import place_of

    scaling = Scaling(
        places=np.array([place_of(name) for name in TOY_WEIGHTS], np.int64),
        is_log=np.array([True, True, False, False, True]),
        floor=np.array([10.0, 0.1, 0.0, 0.0, 0.3]),
        mean=np.array([np.log(300.0), np.log(40.0), 15.0, 94.0, np.log(7.0)]),
        sd=np.array([0.5, 1.2, 9.0, 4.0, 0.4]),
    )
    far = 5.0 * np.ones(len(TOY_WEIGHTS))
    seen = Seen(
        low=scaling.unscale(-far), high=scaling.unscale(far), patients_share=np.ones(len(far))
    )
    return ChartReader(
        model=ToyRisks(scaling),
        learned=Learned.of(scaling, seen),
        event="death",
        forecaster=ToyForecasts(),
    )


@pytest.fixture
def sick_chart() -> "Chart":
    """Return a synthetic chart of three days, in which one gets worse, and one value after them."""
    from thoracle.prognosis.types import Chart, Outcome
    from thoracle.prognosis.variables import place_of

    rows = (
        (2.0, "ldh", 280.0),
        (2.0, "lymphocyte_percent", 18.0),
        (5.0, "temperature", 38.4),
        (26.0, "hs_crp", 60.0),
        (30.0, "ldh", 410.0),
        (50.0, "lymphocyte_percent", 7.0),
        (50.0, "spo2", 89.0),
        (51.0, "ldh", 620.0),
        (90.0, "ldh", 900.0),
    )
    return Chart(
        patient="synthetic-1",
        age_years=71.0,
        sex="M",
        admitted_at="2020-02-01T08:00:00",
        times_h=np.array([time_h for time_h, _, _ in rows]),
        variables=np.array([place_of(name) for _, name, _ in rows], np.int64),
        values=np.array([value for _, _, value in rows]),
        outcome=Outcome(event="death", time_h=120.0),
    )
