"""A second look keeps who asked and why; what it judges is tested with `test_results`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.results import FileResult, Status
from thoracle.imaging.encode import png_bytes
from thoracle.imaging.types import Radiograph
from thoracle.jobs.analyze import AnalyzedFile
from thoracle.jobs.results import PIXELS_NAME
from thoracle.jobs.second_look import SecondLook, second_look
from thoracle.store.results import ResultStore, open_store
from thoracle.store.types import NewResult

NOW = datetime(2026, 3, 1, tzinfo=UTC)
REFUSED = FileResult(file="a.dcm", sha256="a" * 64, status=Status.REFUSED)


class Echo:
    def analyze_bytes(self, *_: object, **__: object) -> AnalyzedFile:
        pixels = np.zeros((4, 4), np.float32)
        film = Radiograph(pixels=pixels, sha256="b" * 64, format="PNG", bits=8)
        result = FileResult(file="a.dcm", sha256="b" * 64, status=Status.ANALYZED)
        return AnalyzedFile(result=result, radiograph=film)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    with open_store(tmp_path, database_url=None) as opened:
        yield opened


def test_who_asked_and_why_is_kept_and_the_rest_carried_over(store: ResultStore) -> None:
    batch = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    first = store.save(
        NewResult(
            result=REFUSED,
            format="DICOM",
            patient="p-1",
            batch_id=batch,
            pictures={PIXELS_NAME: png_bytes(np.zeros((4, 4), np.uint8))},
        ),
        now=NOW,
    )
    look = SecondLook(override_gate=True, owner="ana", override_reason="It is a chest.")
    kept = store.load(second_look(Echo(), store, first, look=look, now=NOW)).summary
    assert (kept.owner, kept.override_reason) == ("ana", "It is a chest.")
    assert (kept.patient, kept.batch_id, kept.parent_id) == ("p-1", batch, first)
    assert kept.format == "DICOM"
    assert kept.sha256 == REFUSED.sha256
