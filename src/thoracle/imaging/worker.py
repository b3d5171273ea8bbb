"""The decoder's child process: limits itself, reads files from a pipe, answers with samples.

Started by `thoracle.imaging.child` as `python -I -m thoracle.imaging.worker LIMITS`, a fresh
interpreter without the parent's memory, environment or open files.
"""

import contextlib
import json
import math
import os
import resource
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from thoracle.core.errors import ImageError
from thoracle.imaging import wire
from thoracle.imaging.archive import FORMAT, archive_members
from thoracle.imaging.decode import decode_samples
from thoracle.imaging.depth_wire import DEPTH, pack_depth_header
from thoracle.imaging.faults import as_image_error
from thoracle.imaging.limits import DecodeLimits, cpu_allowed_s
from thoracle.imaging.recording_faults import as_recording_error
from thoracle.imaging.recording_read import format_of, prepare_for, read_recording
from thoracle.imaging.recording_wire import RECORDING, pack_reading, unpack_wanted
from thoracle.imaging.scan_wire import SLICE, VOLUME, pack_scan_header
from thoracle.imaging.types import Decoded

_OPEN_FILES_MAX = 64  # Importing a library opens a few at a time.


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """What one child may use; `preload` imports the DICOM libraries before the first request."""

    memory_mb: int
    cpu_s: int
    pixels_max: int
    preload: bool = False


def main() -> None:
    """Serve files from standard input until it closes; the limits are JSON in argument 1."""
    limits = WorkerLimits(**json.loads(sys.argv[1]))
    # Libraries print; what they print must not reach the pipe to the parent.
    answers = os.dup(1)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    restrict(limits)
    warnings.simplefilter("ignore")
    with open(0, "rb") as source, open(answers, "wb") as sink:  # noqa: PTH123 (descriptors)
        serve(source, sink, limits=limits)


def restrict(limits: WorkerLimits) -> None:
    """Limit this process's address space, open files and written files, and its core dump."""
    address_space = limits.memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES_MAX, _OPEN_FILES_MAX))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.dont_write_bytecode = True  # It could not.


def serve(source: BinaryIO, sink: BinaryIO, *, limits: WorkerLimits) -> None:
    """Answer requests until the parent closes its end.

    Parameters
    ----------
    source
        Frames from the parent.
    sink
        Frames to the parent.
    limits
        What one file may use.
    """
    _send(sink, wire.READY)
    if limits.preload:
        load_dicom_libraries()
    while len(head := source.read(wire.HEAD_BYTES)) == wire.HEAD_BYTES:
        kind, length = wire.unpack_head(head)
        if kind == wire.WARM:
            load_dicom_libraries()
            _send(sink, wire.STARTED)
        elif kind in _ANSWERS:
            _ANSWERS[kind](source.read(length), sink, limits)
        else:
            _answer(source.read(length), sink, limits=limits)


def load_dicom_libraries() -> None:
    """Import what DICOM needs, so that no file's time is spent on it."""
    import gdcm  # noqa: F401
    import jpeg_ls  # noqa: F401

    import thoracle.imaging.dicom  # noqa: F401


@contextlib.contextmanager
def limited_cpu(allowed_s: float) -> Iterator[None]:
    """Let this process use so many seconds of CPU inside the block, or be killed by the kernel.

    The profiling timer counts to the millisecond and kills with SIGPROF, since nobody handles
    that; RLIMIT_CPU counts whole seconds and stands behind it.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(time.process_time() + allowed_s) + 1
    if hard == resource.RLIM_INFINITY or soft <= hard:
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
    signal.setitimer(signal.ITIMER_PROF, allowed_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)


def _answer(content: bytes, sink: BinaryIO, *, limits: WorkerLimits) -> None:
    if content[128:132] == b"DICM":
        load_dicom_libraries()
    _send(sink, wire.STARTED)
    with limited_cpu(cpu_allowed_s(len(content), cpu_s=limits.cpu_s)):
        decoded = _decode(content, limits)
    if isinstance(decoded, ImageError):
        _send(sink, wire.ERROR, wire.pack_error(decoded))
        return
    _send(sink, wire.HEADER, wire.pack_header(decoded))
    pixels = np.ascontiguousarray(decoded.samples).data.cast("B")
    _send(sink, wire.PIXELS, pixels)


def _answer_archive(content: bytes, sink: BinaryIO, limits: WorkerLimits) -> None:
    _send(sink, wire.STARTED)
    own = DecodeLimits(pixels_max=limits.pixels_max)
    with limited_cpu(cpu_allowed_s(len(content), cpu_s=limits.cpu_s)):
        try:
            for name, member in archive_members(content, limits=own):
                _send(sink, wire.NAME, name.encode("utf-8", "replace"))
                _send(sink, wire.CONTENT, member)
        except Exception as fault:  # noqa: BLE001  The edge: one file must not end the service.
            _send(sink, wire.ERROR, wire.pack_error(as_image_error(fault, format_name=FORMAT)))
        else:
            _send(sink, wire.END)


def _answer_slice(content: bytes, sink: BinaryIO, limits: WorkerLimits) -> None:
    load_dicom_libraries()
    from thoracle.imaging.dicom_slice import read_slice

    _send(sink, wire.STARTED)
    own = DecodeLimits(pixels_max=limits.pixels_max)
    with limited_cpu(cpu_allowed_s(len(content), cpu_s=limits.cpu_s)):
        try:
            header, values = read_slice(content, limits=own)
            said = pack_scan_header(header, sample_type=values.dtype.name)
        except Exception as fault:  # noqa: BLE001  The edge: one file must not end the service.
            _send(sink, wire.ERROR, wire.pack_error(as_image_error(fault, format_name="DICOM")))
            return
    _send(sink, wire.HEADER, said)
    _send(sink, wire.PIXELS, np.ascontiguousarray(values).data.cast("B"))


def _answer_volume(content: bytes, sink: BinaryIO, limits: WorkerLimits) -> None:
    import nibabel  # noqa: F401  (before the clock starts)

    from thoracle.imaging.nifti_scan import FORMAT as NIFTI
    from thoracle.imaging.nifti_scan import read_nifti

    _send(sink, wire.STARTED)
    own = DecodeLimits(pixels_max=limits.pixels_max)
    with limited_cpu(cpu_allowed_s(len(content), cpu_s=limits.cpu_s)):
        try:
            header, sample_type, pieces = read_nifti(content, limits=own)
            _send(sink, wire.HEADER, pack_scan_header(header, sample_type=sample_type))
            for piece in pieces:
                _send(sink, wire.PIXELS, piece.data.cast("B"))
        except Exception as fault:  # noqa: BLE001  The edge: one file must not end the service.
            _send(sink, wire.ERROR, wire.pack_error(as_image_error(fault, format_name=NIFTI)))


def _answer_recording(payload: bytes, sink: BinaryIO, limits: WorkerLimits) -> None:
    wanted, content = unpack_wanted(payload)
    del payload  # it may be as large as the recording
    kind = "recording"
    try:
        kind = format_of(content)
        prepare_for(kind)
    except ImageError as refusal:
        _send(sink, wire.STARTED)
        _send(sink, wire.ERROR, wire.pack_error(refusal))
        return
    _send(sink, wire.STARTED)
    with limited_cpu(cpu_allowed_s(len(content), cpu_s=limits.cpu_s)):
        try:
            for header, values in pack_reading(read_recording(content, wanted=wanted)):
                _send(sink, wire.HEADER, header)
                if values is not None and values.size:
                    _send(sink, wire.PIXELS, values.data.cast("B"))
        except Exception as fault:  # noqa: BLE001  The edge: one file must not end the service.
            error = as_recording_error(fault, format_name=kind)
            _send(sink, wire.ERROR, wire.pack_error(error))


def _answer_depth(content: bytes, sink: BinaryIO, limits: WorkerLimits) -> None:
    from thoracle.imaging.depth_read import read_depth

    _send(sink, wire.STARTED)
    with limited_cpu(cpu_allowed_s(len(content), cpu_s=limits.cpu_s)):
        try:
            header, frames = read_depth(content)
            _send(sink, wire.HEADER, pack_depth_header(header))
            for frame in frames:
                _send(sink, wire.PIXELS, frame.data.cast("B"))
        except Exception as fault:  # noqa: BLE001  The edge: one file must not end the service.
            error = as_recording_error(fault, format_name="depth video's")
            _send(sink, wire.ERROR, wire.pack_error(error))


def _decode(content: bytes, limits: WorkerLimits) -> Decoded | ImageError:
    try:
        return decode_samples(content, limits=DecodeLimits(pixels_max=limits.pixels_max))
    except ImageError as error:
        return error
    except Exception as fault:  # noqa: BLE001  The edge: one file must not end the service.
        return as_image_error(fault, format_name="picture")


def _send(sink: BinaryIO, kind: bytes, payload: bytes | memoryview = b"") -> None:
    sink.write(wire.pack_head(kind, len(payload)))
    sink.write(payload)
    sink.flush()


_ANSWERS = {
    wire.UNPACK: _answer_archive,
    SLICE: _answer_slice,
    VOLUME: _answer_volume,
    RECORDING: _answer_recording,
    DEPTH: _answer_depth,
}

if __name__ == "__main__":
    main()
