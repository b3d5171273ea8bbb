"""One child, and children that misbehave."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from thoracle.core.errors import ImageError
from thoracle.imaging import child as module
from thoracle.imaging.child import ChildLimits, DecoderChild
from thoracle.imaging.lost_child import ChildLostError
from thoracle.imaging.scan_wire import SLICE, VOLUME
from thoracle.imaging.wire import UNPACK

LIMITS = ChildLimits(memory_mb=1024, cpu_s=5, pixels_max=100_000)


@pytest.fixture
def child() -> Iterator[DecoderChild]:
    one = DecoderChild(LIMITS)
    yield one
    one.close()


Impostor = Callable[[str], DecoderChild]


@pytest.fixture
def impostor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Impostor]:
    """Start a script in the worker's place: what a taken-over child could say."""
    started: list[DecoderChild] = []

    def start(body: str) -> DecoderChild:
        script = tmp_path / "impostor.py"
        script.write_text(
            f"#!{sys.executable}\n"
            "import json, os, signal, struct, sys, time\n"
            "def say(kind, payload=b''):\n"
            "    os.write(1, struct.pack('>cQ', kind, len(payload)) + payload)\n" + body
        )
        script.chmod(0o700)
        with monkeypatch.context() as patch:
            patch.setattr("thoracle.imaging.child.sys.executable", str(script))
            started.append(DecoderChild(LIMITS))
        return started[-1]

    yield start
    for child in started:
        child.close()


def test_a_film_is_decoded_as_in_this_process(
    child: DecoderChild, grey8: NDArray[np.uint8], save: Callable[..., bytes]
) -> None:
    child.send(save(grey8, "PNG"))
    decoded = child.receive()
    np.testing.assert_array_equal(decoded.samples, grey8)
    assert decoded.facts.format == "PNG"
    assert child.files_served == 1


def test_a_refusal_comes_back_and_the_child_lives_on(
    child: DecoderChild, grey8: NDArray[np.uint8], save: Callable[..., bytes]
) -> None:
    child.send(b"%PDF")
    with pytest.raises(ImageError, match="PDF") as error:
        child.receive()
    assert error.value.code == "image-unknown-format"
    child.send(save(grey8, "PNG"))
    assert child.receive().samples.shape == grey8.shape


def test_the_child_has_no_environment_no_open_files_and_one_thread(child: DecoderChild) -> None:
    child.warm()
    process = psutil.Process(child.pid)
    assert set(process.environ()) <= {
        "LC_ALL",
        "OPENBLAS_NUM_THREADS",
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "LD_LIBRARY_PATH",
    }
    assert process.num_threads() == 1
    assert process.cwd() == "/"
    opened = Path(f"/proc/{child.pid}/fd").iterdir()
    targets = [str(each.readlink()) for each in opened]
    assert all(target == "/dev/null" or target.startswith("pipe:") for target in targets)
    assert process.rlimit(psutil.RLIMIT_AS) == (2**30, 2**30)
    assert process.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)


def test_a_library_path_is_the_one_variable_that_is_passed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/lib")
    monkeypatch.setenv("SECRET", "x")
    assert module._environment()["LD_LIBRARY_PATH"] == "/opt/lib"
    assert "SECRET" not in module._environment()
    monkeypatch.delenv("LD_LIBRARY_PATH")
    assert "LD_LIBRARY_PATH" not in module._environment()


def test_starting_does_not_wait_for_the_child() -> None:
    begin_s = time.monotonic()
    one = DecoderChild(LIMITS, preload=True)
    took_s = time.monotonic() - begin_s
    assert one.is_running
    one.close()
    one.close()
    assert took_s < 0.2
    assert not one.is_running


def test_a_child_killed_while_idle_has_not_started_with_the_file(child: DecoderChild) -> None:
    child.warm()
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(ChildLostError, match="SIGKILL") as lost:
        child.send(b"x" * 10_000_000)
    assert not lost.value.has_started
    assert not lost.value.is_late


def test_a_child_that_does_not_start_is_lost(impostor: Impostor) -> None:
    with pytest.raises(ChildLostError, match="exit 3"):
        impostor("sys.exit(3)").send(b"x")


STARTED = 'say(b"R"); sys.stdin.buffer.read(10); say(b"S")\n'


@pytest.mark.parametrize(
    ("body", "how", "is_late"),
    [
        ("time.sleep(60)", "no answer", True),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV", False),
        ("os.kill(os.getpid(), signal.SIGXCPU)", "SIGXCPU|no answer", True),
        ("os.kill(os.getpid(), signal.SIGPROF)", "SIGPROF|no answer", True),
        ('say(b"P", bytes(9))', "found a frame b.P. of 9 bytes", False),
        ('say(b"E", bytes(99999))', "of 99999 bytes", False),
        ('say(b"E", b"{}")', "without a code", False),
        ('say(b"H", b"{}")', "header of other fields", False),
    ],
)
def test_a_child_that_misbehaves_is_lost_and_the_file_is_to_blame(
    body: str, how: str, is_late: bool, impostor: Impostor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "wall_allowed_s", lambda *_, **__: 5.0 if not is_late else 0.3)
    one = impostor(STARTED + body)
    one.send(b"x")
    with pytest.raises(ChildLostError, match=how) as lost:
        one.receive()
    assert lost.value.has_started
    assert lost.value.is_late is is_late


def test_pixels_of_another_length_than_announced_are_not_taken(impostor: Impostor) -> None:
    header = (
        'say(b"H", json.dumps({"rows": 2, "columns": 2, "sample_type": "uint8", "peak": 255, '
        '"facts": {"format": "PNG", "bits": 8, "pixel_spacing_mm": None}}).encode())\n'
    )
    one = impostor(STARTED + header + 'say(b"P", bytes(5))')
    one.send(b"x")
    with pytest.raises(ChildLostError, match="of 5 bytes instead of pixels"):
        one.receive()


def test_a_wrong_greeting_is_not_taken(impostor: Impostor) -> None:
    with pytest.raises(ChildLostError, match="instead of b'R'"):
        impostor('say(b"Q")\ntime.sleep(9)').send(b"x")


NAMED = 'say(b"N", b"a.png")\n'


@pytest.mark.parametrize(
    ("body", "how"),
    [
        ('say(b"C", b"x")', "found a frame b.C. of 1 bytes"),
        (NAMED + 'say(b"Z")', "found a frame b.Z. instead of a file"),
        ('say(b"N", bytes(3))\nsay(b"C", b"x")', "printable name"),
        (NAMED + "sys.exit(4)", "exit 4"),
    ],
)
def test_members_that_break_the_protocol_lose_the_child(
    body: str, how: str, impostor: Impostor
) -> None:
    one = impostor(STARTED + body)
    one.send(b"x", kind=UNPACK)
    with pytest.raises(ChildLostError, match=how):
        list(one.receive_members(bytes_max=100))


def test_members_beyond_the_limit_are_not_read(impostor: Impostor) -> None:
    one = impostor(STARTED + (NAMED + 'say(b"C", bytes(60))\n') * 2 + "time.sleep(60)")
    one.send(b"x", kind=UNPACK)
    members = one.receive_members(bytes_max=100)
    assert next(members) == ("a.png", bytes(60))
    with pytest.raises(ImageError, match="unpacks to more") as error:
        next(members)
    assert error.value.code == "zip-too-large"
    assert one.is_answering


def test_a_slice_and_a_volume_come_as_they_were_written(
    child: DecoderChild, ct_files: Callable[..., list[bytes]]
) -> None:
    import nibabel

    hu = np.arange(-30, 0, dtype=np.int16).reshape(1, 5, 6)
    child.send(ct_files(hu)[0], kind=SLICE)
    header, values = child.receive_slice()
    assert header.modality == "CT"
    np.testing.assert_array_equal(values, hu[0])
    image = nibabel.Nifti1Image(hu.T, np.eye(4))  # type: ignore[no-untyped-call]
    child.send(image.to_bytes(), kind=VOLUME)
    said, volume = child.receive_volume()
    assert (said.slices, said.rows, said.columns) == (1, 5, 6)
    np.testing.assert_array_equal(volume, hu)
    child.send(b"nothing", kind=VOLUME)
    with pytest.raises(ImageError, match="not NIfTI"):
        child.receive_volume()
    child.send(b"nothing", kind=SLICE)
    with pytest.raises(ImageError):
        child.receive_slice()
    assert not child.is_answering


VOLUME_HEADER = (
    'say(b"H", json.dumps({"slices": 2, "rows": 1, "columns": 2, "spacing_mm": [1, 1, 1], '
    '"unit": "mm", "sform": None, "qform": None, "sform_code": 0, "qform_code": 0, '
    '"sample_type": "int16"}).encode())\n'
)


@pytest.mark.parametrize(
    "body", ['say(b"P", bytes(10))', 'say(b"P", b"")', 'say(b"Z")', 'say(b"H", b"{}")']
)
def test_voxels_that_were_not_announced_are_not_taken(body: str, impostor: Impostor) -> None:
    one = impostor(STARTED + VOLUME_HEADER + 'say(b"P", bytes(4))\n' + body)
    one.send(b"x", kind=VOLUME)
    with pytest.raises(ChildLostError, match="found a frame") as lost:
        one.receive_volume()
    assert lost.value.has_started


def test_an_error_in_place_of_voxels_ends_the_volume(impostor: Impostor) -> None:
    error = 'say(b"E", json.dumps({"code": "image-truncated", "text": "torn"}).encode())'
    one = impostor(STARTED + VOLUME_HEADER + 'say(b"P", bytes(4))\n' + error)
    one.send(b"x", kind=VOLUME)
    with pytest.raises(ImageError, match="torn"):
        one.receive_volume()
