"""One decoder child, seen from the parent: start it, send a file, receive samples in time."""

import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from numpy.typing import NDArray

from thoracle.core.errors import ImageError
from thoracle.imaging import recording_wire, scan_wire, wire
from thoracle.imaging.ct_slice import SliceHeader, Values, VolumeHeader
from thoracle.imaging.limits import wall_allowed_s
from thoracle.imaging.lost_child import ChildLostError
from thoracle.imaging.recording import Reading
from thoracle.imaging.types import Decoded

# A fresh interpreter with NumPy and Pillow is ready in under half a second; a machine that
# needs longer than this for it cannot serve.
_START_S = 30.0
# Handing over finished samples takes 0.1 s for 64 megapixels; it has its own time so that a
# film decoded just in time is not lost.
_HAND_OVER_S = 2.0
_END_S = 5.0

_PIPE_BYTES = 2**20
_Header = TypeVar("_Header")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildLimits:
    """What one child may use: the settings that begin with `decode_`."""

    memory_mb: int
    cpu_s: int
    pixels_max: int


class DecoderChild:
    """A child process that decodes one file at a time; not thread-safe, the pool takes care.

    Starting returns at once; the first request waits until the child is ready.

    Parameters
    ----------
    limits
        What it may use.
    preload
        Import the DICOM libraries before the first request comes.
    """

    def __init__(self, limits: ChildLimits, *, preload: bool = False) -> None:
        self._limits = limits
        self._is_ready = False
        self._has_started = False
        self._size_bytes = 0
        self.files_served = 0
        self.is_answering = False  # until the whole answer is read, the next cannot be asked for
        said = {
            "memory_mb": limits.memory_mb,
            "cpu_s": limits.cpu_s,
            "pixels_max": limits.pixels_max,
            "preload": preload,
        }
        self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
            [sys.executable, "-I", "-m", "thoracle.imaging.worker", json.dumps(said)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env=_environment(),
            start_new_session=True,  # Ctrl-C in the terminal is the parent's to answer.
        )
        self._to_child = _pipe(self._process.stdin)
        self._from_child = _pipe(self._process.stdout)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def warm(self) -> None:
        """Wait until the child is ready and has loaded the DICOM libraries.

        A child that ends or stalls meanwhile is a ChildLostError.
        """
        self._request(wire.WARM, b"")
        with self._losses():
            self._await(wire.STARTED, deadline_s=time.monotonic() + _START_S)

    def send(self, content: bytes, *, kind: bytes = wire.DECODE, before: bytes = b"") -> None:
        """Hand a file over; the child begins at once.

        Parameters
        ----------
        content
            The whole file. A child that ends or stalls meanwhile is a ChildLostError.
        kind
            DECODE for a film, UNPACK for an archive, SLICE or VOLUME for a part of a CT, RECORDING.
        before
            What the request says before the file.
        """
        self._size_bytes = len(content)
        self.files_served += 1
        self.is_answering = True
        self._request(kind, content, before=before)

    def receive(self) -> Decoded:
        """Wait for the samples of the file that was sent.

        Returns
        -------
        Decoded
            Checked: size within the limits, every fact of its type. A file that the child
            refuses is an ImageError; a child that ends or stalls is a ChildLostError.

        Raises
        ------
        ImageError
            The child says what is wrong with the file.
        """
        answer = self._answer()
        self.is_answering = False
        if isinstance(answer, ImageError):
            raise ImageError(answer.text, code=answer.code)
        return answer

    def receive_slice(self) -> tuple[SliceHeader, Values]:
        """Wait for the slice that was sent.

        Returns
        -------
        header, values : (rows, columns) int16 or float32
            Checked in type and size. A file that the child refuses is an ImageError; a child that
            ends or stalls is a ChildLostError.
        """

        def announced(payload: bytes) -> tuple[SliceHeader, Values]:
            header, kind = scan_wire.unpack_slice_header(
                payload, pixels_max=self._limits.pixels_max
            )
            return header, scan_wire.empty_values((header.rows, header.columns), kind)

        return self.receive_array(announced)

    def receive_volume(self) -> tuple[VolumeHeader, Values]:
        """Wait for the volume that was sent.

        Returns
        -------
        header, values : (slices, rows, columns) int16 or float32
            As `receive_slice`.
        """

        def announced(payload: bytes) -> tuple[VolumeHeader, Values]:
            header, kind = scan_wire.unpack_volume_header(payload)
            shape = (header.slices, header.rows, header.columns)
            return header, scan_wire.empty_values(shape, kind)

        return self.receive_array(announced)

    def receive_array(
        self, announced: Callable[[bytes], tuple[_Header, NDArray[Any]]]
    ) -> tuple[_Header, NDArray[Any]]:
        """Wait for a header, and fill the array that `announced` makes for it."""
        with self._losses():
            deadline_s = self._begin()
            header, values = announced(self._read_header(deadline_s=deadline_s))
            self._read_pixels(values, deadline_s=deadline_s + _HAND_OVER_S)
        self.is_answering = False
        return header, values

    def receive_recording(self) -> Reading:
        """Wait for the recording that was sent, checked in type, range and size."""
        with self._losses():
            by_s = self._begin() + _HAND_OVER_S
            reading = recording_wire.receive_reading(
                lambda: self._read_header(deadline_s=by_s),
                lambda values: self._read_pixels(values, deadline_s=by_s),
            )
        self.is_answering = False
        return reading

    def receive_members(self, *, bytes_max: int) -> Iterator[tuple[str, bytes]]:
        """Wait for the files of the archive that was sent, one after the other.

        Parameters
        ----------
        bytes_max
            How much all of them together may have.

        Yields
        ------
        name, content
            Checked in length only. A child that ends or stalls is a ChildLostError; who stops
            before the last must end the child, whose pipe still holds the rest.

        Raises
        ------
        ImageError
            The child says what is wrong with the archive, or it unpacks to too much.
        """
        with self._losses():
            deadline_s = self._begin()
            while (head := self._read_head(deadline_s=deadline_s)) != (wire.END, 0):
                payload = self._read_words(head, wire.NAME, deadline_s=deadline_s)
                self._refuse_error(head, payload)
                length = self._read_content_head(deadline_s=deadline_s)
                bytes_max -= length
                if bytes_max < 0:
                    raise ImageError(
                        "The ZIP archive unpacks to more than is allowed – expected films whose "
                        "sum is within the limits. Send it in several parts.",
                        code="zip-too-large",
                    )
                yield wire.unpack_name(payload), self._read(length, deadline_s=deadline_s)
            self.is_answering = False

    def close(self) -> None:
        """End the process and close its pipes; repeating it does no harm."""
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=_END_S)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def _answer(self) -> Decoded | ImageError:
        with self._losses():
            deadline_s = self._begin()
            head = self._read_head(deadline_s=deadline_s)
            payload = self._read_words(head, wire.HEADER, deadline_s=deadline_s)
            if head[0] == wire.HEADER:
                header = wire.unpack_header(payload, pixels_max=self._limits.pixels_max)
                return self._read_samples(header, deadline_s=deadline_s + _HAND_OVER_S)
            return wire.unpack_error(payload)

    def _begin(self) -> float:
        """Wait until the child has begun with the file; return when it must have answered."""
        self._await(wire.STARTED, deadline_s=time.monotonic() + _START_S)
        self._has_started = True
        return time.monotonic() + wall_allowed_s(self._size_bytes, cpu_s=self._limits.cpu_s)

    def _request(self, kind: bytes, payload: bytes, *, before: bytes = b"") -> None:
        self._has_started = False
        with self._losses():
            if not self._is_ready:
                self._await(wire.READY, deadline_s=time.monotonic() + _START_S)
                self._is_ready = True
            deadline_s = time.monotonic() + _START_S
            head = wire.pack_head(kind, len(before) + len(payload))
            self._write(head + before, deadline_s=deadline_s)
            self._write(payload, deadline_s=deadline_s)

    @contextlib.contextmanager
    def _losses(self) -> Generator[None]:
        try:
            yield
        except (TimeoutError, EOFError, OSError, wire.WireError) as fault:
            raise self._lost(fault) from fault

    def _lost(self, fault: Exception) -> ChildLostError:
        if isinstance(fault, TimeoutError):
            return ChildLostError(has_started=self._has_started, is_late=True, how="no answer")
        if isinstance(fault, wire.WireError):
            return ChildLostError(has_started=self._has_started, is_late=False, how=str(fault))
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=_END_S)
        ended = self._process.returncode
        is_late = ended in (-signal.SIGPROF, -signal.SIGXCPU)
        how = signal.Signals(-ended).name if ended is not None and ended < 0 else f"exit {ended}"
        return ChildLostError(has_started=self._has_started, is_late=is_late, how=how)

    def _read_samples(self, header: wire.SamplesHeader, *, deadline_s: float) -> Decoded:
        samples = wire.empty_samples(header)
        kind, length = self._read_head(deadline_s=deadline_s)
        if kind != wire.PIXELS or length != samples.nbytes:
            raise wire.WireError(f"found a frame {kind!r} of {length} bytes instead of pixels")
        self._read_into(samples.data.cast("B"), deadline_s=deadline_s)
        return Decoded(samples=samples, peak=header.peak, facts=header.facts)

    def _read_header(self, *, deadline_s: float) -> bytes:
        head = self._read_head(deadline_s=deadline_s)
        payload = self._read_words(head, wire.HEADER, deadline_s=deadline_s)
        self._refuse_error(head, payload)
        return payload

    def _read_pixels(self, values: NDArray[Any], *, deadline_s: float) -> None:
        """Fill an array from as many PIXELS frames as it takes; an ERROR may stand for any."""
        rest = values.data.cast("B")
        while rest:
            kind, length = self._read_head(deadline_s=deadline_s)
            if kind == wire.PIXELS and 0 < length <= len(rest):
                self._read_into(rest[:length], deadline_s=deadline_s)
                rest = rest[length:]
                continue
            payload = self._read_words((kind, length), wire.ERROR, deadline_s=deadline_s)
            self._refuse_error((kind, length), payload)

    def _refuse_error(self, head: tuple[bytes, int], payload: bytes) -> None:
        """Raise what the child says is wrong with the file.

        Raises
        ------
        ImageError
            With the child's words.
        """
        if head[0] == wire.ERROR:
            error = wire.unpack_error(payload)
            self.is_answering = False
            raise ImageError(error.text, code=error.code)

    def _read_words(self, head: tuple[bytes, int], kind: bytes, *, deadline_s: float) -> bytes:
        found, length = head
        if found not in (wire.ERROR, kind) or length > wire.JSON_BYTES_MAX:
            raise wire.WireError(f"found a frame {found!r} of {length} bytes")
        return self._read(length, deadline_s=deadline_s)

    def _read_content_head(self, *, deadline_s: float) -> int:
        kind, length = self._read_head(deadline_s=deadline_s)
        if kind != wire.CONTENT:
            raise wire.WireError(f"found a frame {kind!r} instead of a file")
        return length

    def _await(self, kind: bytes, *, deadline_s: float) -> None:
        found = self._read_head(deadline_s=deadline_s)
        if found != (kind, 0):
            raise wire.WireError(f"found a frame {found!r} instead of {kind!r}")

    def _read_head(self, *, deadline_s: float) -> tuple[bytes, int]:
        return wire.unpack_head(self._read(wire.HEAD_BYTES, deadline_s=deadline_s))

    def _read(self, length: int, *, deadline_s: float) -> bytes:
        buffer = bytearray(length)
        self._read_into(memoryview(buffer), deadline_s=deadline_s)
        return bytes(buffer)

    def _read_into(self, buffer: memoryview, *, deadline_s: float) -> None:
        position = 0
        while position < len(buffer):
            _wait_for(self._from_child, select.POLLIN, deadline_s=deadline_s)
            got = os.readv(self._from_child, [buffer[position:]])
            if got == 0:
                raise EOFError
            position += got

    def _write(self, payload: bytes, *, deadline_s: float) -> None:
        rest = memoryview(payload)
        while rest:
            _wait_for(self._to_child, select.POLLOUT, deadline_s=deadline_s)
            rest = rest[os.write(self._to_child, rest) :]


def _wait_for(descriptor: int, event: int, *, deadline_s: float) -> None:
    poller = select.poll()
    poller.register(descriptor, event)
    left_ms = max(0.0, deadline_s - time.monotonic()) * 1000.0
    if not poller.poll(left_ms):
        raise TimeoutError


def _environment() -> dict[str, str]:
    """Return what the child sees: no secret, no user, one thread for linear algebra."""
    environment = {
        "LC_ALL": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
    # An interpreter built with a shared library may need this to start at all.
    if "LD_LIBRARY_PATH" in os.environ:
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    return environment


def _pipe(stream: object) -> int:
    """Return a pipe's descriptor, not blocking and as wide as the system allows."""
    descriptor: int = stream.fileno()  # type: ignore[attr-defined]
    os.set_blocking(descriptor, False)
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return descriptor
