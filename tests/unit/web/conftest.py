"""A web app around a fake analyzer: what it answers depends on the bytes it gets."""

import io
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray
from tests.unit.ct.courses import course

from thoracle.core.errors import BundleError, ImageError
from thoracle.core.files import sha256_of
from thoracle.core.results import (
    Analysis,
    BundleReference,
    ContributionMap,
    FileResult,
    Finding,
    GateDecision,
    GateKind,
    Provenance,
    Reason,
    Status,
)
from thoracle.ct.types import Segmentation
from thoracle.datasets.thorax import Thorax, scattered_lesions
from thoracle.datasets.thorax_phantom import Scanner, phantom
from thoracle.evaluation.confusion import BinaryCounts
from thoracle.imaging.recording import RecordingFile
from thoracle.imaging.recording_read import read_recording
from thoracle.imaging.sandbox import Member
from thoracle.imaging.types import Radiograph
from thoracle.inference.landscape import AGE_UNKNOWN, Landscape
from thoracle.inference.reference import EmbeddingReference
from thoracle.jobs.ct_comparisons import course_files
from thoracle.jobs.ct_files import ScanGrid, scan_document, volume_nifti
from thoracle.jobs.ct_jobs import mask_files
from thoracle.jobs.ct_tools import measures_of
from thoracle.jobs.landscape import Surroundings
from thoracle.jobs.measured import Measured
from thoracle.store.comparison_types import ComparedScan, NewComparison
from thoracle.store.results import ResultStore, open_store
from thoracle.store.scan_types import NewMask, NewScan
from thoracle.web.app import create_app
from thoracle.web.options import WebOptions

FILM_SHAPE = (96, 80)
LABELS = ("No finding", "Other lung opacity", "COVID-19")
MADE_BY = BundleReference(name="radiograph", version="1", digest="d" * 64)
_FRONTAL = GateKind.FRONTAL_CHEST
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeAnalyzed:
    result: FileResult
    radiograph: Radiograph | None
    analysis: Analysis | None


@dataclass
class FakeAnalyzer:
    """`broken` bytes fail, `rotated` and `knee` bytes are refused, the rest is analyzed.

    What follows `patient:` is the patient's number. All films are of children but those whose bytes
    begin with `adult`.
    """

    calls: list[tuple[str, bool, int]] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    folders: list[Path] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def analyze_bytes(
        self, content: bytes, *, file: str, override_gate: bool = False, turn_degrees: int = 0
    ) -> FakeAnalyzed:
        with self.lock:
            self.calls.append((file, override_gate, turn_degrees))
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        time.sleep(0.002)
        with self.lock:
            self.running -= 1
        if content == b"explode":
            raise RuntimeError("secret detail of the inside")
        if content == b"no bundle":
            raise BundleError("found no bundle – expected one. Install it.")
        if content.startswith(b"broken"):
            return _failed(content, file)
        kind = _kind(content) if turn_degrees == 0 else GateKind.FRONTAL_CHEST
        accepted = kind is GateKind.FRONTAL_CHEST
        return _judged(content, file, kind, overridden=override_gate and not accepted)

    def decode_recording(
        self, content: bytes, *, name: str, channel: str | None = None
    ) -> RecordingFile:
        reading = read_recording(content, wanted=channel)
        return RecordingFile(reading=reading, sha256=sha256_of(content), name=name)

    def unpack(self, content: bytes, folder: Path, *, files_max: int) -> tuple[Member, ...]:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if len(names) > files_max:
                raise ImageError("found too many – expected fewer. Send less.", code="zip-too-many")
            for place, name in enumerate(names):
                (folder / str(place)).write_bytes(archive.read(name))
        self.folders.append(folder)
        return tuple(Member(name=name, path=folder / str(i)) for i, name in enumerate(names))


def _kind(content: bytes) -> GateKind:
    kinds = {b"rotated": GateKind.ROTATED_CHEST, b"knee": GateKind.OTHER_RADIOGRAPH}
    # Only a second look sends PNG bytes: the kept pixels of a film that was refused.
    return kinds.get(content, GateKind.ROTATED_CHEST if content[1:4] == b"PNG" else _FRONTAL)


def _failed(content: bytes, file: str) -> FakeAnalyzed:
    error = Reason(code="image", text="found a torn file – expected a whole one. Send it again.")
    return FakeAnalyzed(
        result=FileResult(file=file, sha256=sha256_of(content), status=Status.FAILED, error=error),
        radiograph=None,
        analysis=None,
    )


def _judged(content: bytes, file: str, kind: GateKind, *, overridden: bool) -> FakeAnalyzed:
    rows, columns = FILM_SHAPE
    pixels = np.linspace(0, 1, rows * columns, dtype=np.float32).reshape(rows, columns)
    gate = GateDecision(
        accepted=kind is _FRONTAL,
        kind=kind,
        probability=0.97,
        rotation_degrees=90 if kind is GateKind.ROTATED_CHEST else 0,
        reasons=() if kind is _FRONTAL else (Reason(code=f"gate-{kind}", text=f"It is {kind}."),),
    )
    judged = gate.accepted or overridden
    findings = _findings() if judged else ()
    maps = _maps(rows, columns) if judged else ()
    mask = np.zeros((rows, columns), bool)
    mask[20:70, 10:70] = True
    analysis = Analysis(
        gate=gate,
        findings=findings,
        maps=maps,
        lung_mask=mask if judged else None,
        embedding=np.array([48, 50, 52, 54], np.float32) if judged else None,
    )
    sha256 = sha256_of(content)
    result = FileResult(
        file=file,
        sha256=sha256,
        status=Status.ANALYZED if judged else Status.REFUSED,
        gate=gate,
        findings=findings,
        maps=maps,
        warnings=()
        if content.startswith(b"adult")
        else (Reason(code="under-18", text="The patient is under 18."),),
        provenance=Provenance(
            sha256=sha256,
            software_version="0.1.0",
            bundles=(MADE_BY,),
            runtime="fake",
            precision="fp32",
            gate_overridden=overridden,
        ),
    )
    patient = content[8:].decode() if content.startswith(b"patient:") else None
    radiograph = Radiograph(pixels=pixels, sha256=sha256, format="PNG", bits=8, patient_id=patient)
    return FakeAnalyzed(result=result, radiograph=radiograph, analysis=analysis)


def _findings() -> tuple[Finding, ...]:
    numbers = ((0.052, 0.4), (0.117, 0.35), (0.831, 0.31))
    return tuple(
        Finding(
            label=label,
            logit=float(np.log(probability)),
            probability=probability,
            threshold=threshold,
            is_positive=probability >= threshold,
        )
        for label, (probability, threshold) in zip(LABELS, numbers, strict=True)
    )


def _maps(rows: int, columns: int) -> tuple[ContributionMap, ...]:
    values = np.zeros((6, 5), np.float32)
    values[3, 1] = 2.0
    return tuple(
        ContributionMap(
            label=label,
            layer=layer,
            method="Grad-CAM",
            values=values,
            scale_max=2.0,
            box=(0, 0, rows, columns),
            lung_share=0.74,
        )
        for layer in ("features", "denseblock3")
        for label in LABELS
    )


def surrounded_by(points: NDArray[np.float32]) -> Surroundings:
    """Training films at some points, of the bundle that the fake analyzer says it is."""
    count = len(points)
    return Surroundings(
        made_by=MADE_BY,
        landscape=Landscape(
            points=points,
            spread_out=points[:, :3],
            finding=(np.arange(count) % 3).astype(np.uint8),
            source=(np.arange(count) >= count // 2).astype(np.uint8),
            age=np.resize(np.array([AGE_UNKNOWN, 3, 4], np.uint8), count),
            is_missed=np.arange(count) == 0,
            findings=LABELS,
            sources=("nih", "cohen"),
        ),
        reference=EmbeddingReference(
            mean=np.zeros(4, np.float32),
            whitening=np.eye(4, dtype=np.float32) * np.float32(0.5),
            distances=np.zeros(101, np.float32),
        ),
    )


def measured_covid() -> Measured:
    """What was measured of that bundle: sensitivity 90 %, specificity 80 %."""
    return Measured(
        name=MADE_BY.name,
        version=MADE_BY.version,
        digest=MADE_BY.digest,
        calibration="shipped",
        calibration_films=50,
        films=200,
        counts={"COVID-19": BinaryCounts(tp=90, fp=20, fn=10, tn=80)},
    )


def keep_ct(
    store: ResultStore, now: datetime, *, seed: int = 4, patient: str | None = "p-1"
) -> str:
    """Keep a synthetic scan with the mask and numbers that are true of it."""
    rng = np.random.default_rng(seed)
    thorax = Thorax(lesions=scattered_lesions(2, rng=rng))
    made = phantom(thorax, Scanner(spacing_mm=(16.0, 8.0, 8.0)))
    document = scan_document(made.scan)
    document["provenance"] = {
        "software_version": "0.1.0",
        "bundles": [{"name": "ct", "version": "1.0.0", "digest": "d" * 64}],
        "runtime": "fake",
        "precision": "fp32",
    }
    shifted = np.roll(made.segmentation.label_map, 1, axis=2)
    variants = [Segmentation(label_map=np.minimum(shifted, made.segmentation.label_map))]
    content, view = mask_files(made.segmentation.label_map, ScanGrid.of(document))
    new = NewScan(
        file=f"chest-{seed}.zip",
        sha256=made.scan.sha256,
        document=document,
        volume=volume_nifti(made.scan.hu, made.scan.affine),
        owner="ana",
        patient=patient,
    )
    measures = measures_of(made.scan, made.segmentation, variants)
    return store.scans.save(new, NewMask(content=content, view=view, measures=measures), now=now)


@pytest.fixture
def ct_scan(store: ResultStore) -> str:
    return keep_ct(store, START - timedelta(hours=1))


def keep_comparison(store: ResultStore, scan_ids: Sequence[str], now: datetime) -> str:
    """Keep what changed in the small chest, as if these scans were two dates of it."""
    document, files = course_files(course())
    masks = [store.scans.get(one).masks[0].id for one in scan_ids]
    new = NewComparison(
        scans=tuple(
            ComparedScan(scan_id=scan, mask_id=mask)
            for scan, mask in zip(scan_ids, masks, strict=True)
        ),
        document=document,
        files=files,
        owner="ana",
        patient="p-1",
    )
    return store.comparisons.save(new, now=now)


@pytest.fixture
def ct_pair(store: ResultStore, ct_scan: str) -> tuple[str, str]:
    return ct_scan, keep_ct(store, START - timedelta(minutes=30), seed=5)


@pytest.fixture
def ct_comparison(store: ResultStore, ct_pair: tuple[str, str]) -> str:
    return keep_comparison(store, ct_pair, START - timedelta(minutes=5))


@pytest.fixture
def measured() -> Measured:
    return measured_covid()


@pytest.fixture
def surroundings() -> Surroundings:
    return surrounded_by(np.arange(48).reshape(12, 4).astype(np.float32))


@pytest.fixture
def analyzer() -> FakeAnalyzer:
    return FakeAnalyzer()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    with open_store(tmp_path, database_url=None) as opened:
        yield opened


@pytest.fixture
def clock() -> Callable[[], datetime]:
    ticks = count()
    return lambda: START + timedelta(seconds=next(ticks))


@pytest.fixture
def options(clock: Callable[[], datetime]) -> WebOptions:
    return WebOptions(upload_limit_mb=1.0, loopback_only=True, files_max=5, now=clock)


@pytest.fixture
def client(analyzer: FakeAnalyzer, store: ResultStore, options: WebOptions) -> Iterator[TestClient]:
    app = create_app(analyzer, store, options=options)
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as opened:
        yield opened
