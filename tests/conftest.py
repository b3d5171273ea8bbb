"""What every test gets: a home folder of its own, fresh settings, and the real data where it is."""

import io
import os
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from numpy.typing import NDArray

from thoracle.core.settings import settings

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
