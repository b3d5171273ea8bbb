"""A pool of decoder children: untrusted bytes in, a radiograph or one clear error out."""

import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from thoracle.core.errors import ImageError
from thoracle.core.files import sha256_of
from thoracle.imaging.child import ChildLimits, DecoderChild
from thoracle.imaging.ct_slice import CtSlice, CtVolume
from thoracle.imaging.depth import DepthFrames, check_depth_size
from thoracle.imaging.depth_wire import DEPTH, announced_depth
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.lost_child import ChildLostError, explain_lost
from thoracle.imaging.members import Member, need_members, write_members
from thoracle.imaging.recording import RecordingFile, check_size
from thoracle.imaging.recording_faults import about_recording
from thoracle.imaging.recording_wire import RECORDING, pack_wanted
from thoracle.imaging.scan_wire import SLICE, VOLUME
from thoracle.imaging.sniff import sniff_format
from thoracle.imaging.types import Radiograph
from thoracle.imaging.wire import UNPACK

__all__ = ["DecoderPool", "Member"]

# A child is replaced now and then, so that no library's leak grows with the day.
_FILES_PER_CHILD = 200
_OUT_OF_MEMORY = ("image-memory", "recording-memory")

_Answer = TypeVar("_Answer")


class DecoderPool:
    """Decodes files from anybody in limited child processes; safe to use from many threads.

    Parameters
    ----------
    workers
        Children kept at most; each is started when it is first needed.
    memory_mb
        Address space of one child, in megabytes.
    cpu_s
        CPU time that one file may take, in seconds.
    pixels_max
        Most pixels that a picture may declare.

    Examples
    --------
    >>> with DecoderPool(workers=1, memory_mb=1024, cpu_s=10, pixels_max=1_000_000) as pool:
    ...     pool.decode(b"not a film")
    Traceback (most recent call last):
    ...
    thoracle.core.errors.ImageError: The file is text – expected PNG, JPEG, ...
    """

    def __init__(self, *, workers: int, memory_mb: int, cpu_s: int, pixels_max: int) -> None:
        self._limits = ChildLimits(memory_mb=memory_mb, cpu_s=cpu_s, pixels_max=pixels_max)
        self._file_limits = DecodeLimits(pixels_max=pixels_max)
        # Last in, first out: a folder read by one thread needs one child only.
        self._slots: queue.LifoQueue[DecoderChild | None] = queue.LifoQueue()
        for _ in range(workers):
            self._slots.put(None)
        self._workers = workers
        self._children: set[DecoderChild] = set()
        self._lock = threading.Lock()
        self._owner_pid = os.getpid()
        self._is_closed = False
        self._preload = False

    @classmethod
    def from_settings(cls, *, workers: int | None = None) -> "DecoderPool":
        """Make a pool with the limits of this installation's settings.

        Parameters
        ----------
        workers
            Children kept at most; None means the setting decode_workers.
        """
        from thoracle.core.settings import settings

        own = settings()
        return cls(
            workers=own.decode_workers if workers is None else workers,
            memory_mb=own.decode_memory_mb,
            cpu_s=own.decode_cpu_s,
            pixels_max=own.decode_pixels_max,
        )

    def __enter__(self) -> "DecoderPool":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def workers(self) -> int:
        """Children kept at most."""
        return self._workers

    @property
    def is_usable(self) -> bool:
        """Whether the pool is open and belongs to this process (not to the one that forked it)."""
        return not self._is_closed and self._owner_pid == os.getpid()

    def start(self) -> "DecoderPool":
        """Start the first child without waiting for it, and return the pool."""
        slot = self._slots.get()
        self._slots.put(slot if slot is not None else self._new_child())
        return self

    def warm_up(self) -> None:
        """Start every child, and wait until each has loaded the DICOM libraries.

        A server does this before it takes uploads, so that no upload waits for an import.
        """
        self._preload = True
        taken = [self._slots.get() for _ in range(self._workers)]
        children = [child if child is not None else self._new_child() for child in taken]
        for child in children:
            try:
                child.warm()
            except ChildLostError:
                self._replace(child)
            else:
                self._slots.put(child)

    def decode(self, content: bytes) -> Radiograph:
        """Decode one file.

        Parameters
        ----------
        content
            The whole file; anything at all.

        Returns
        -------
        Radiograph
            Bone bright, 0 to 1. A file that is not one readable film is an ImageError whose
            code says why, also when the child has died of it or ran out of time.
        """
        sniff_format(content)
        self._file_limits.check_file_size(len(content))

        def ask(child: DecoderChild) -> Radiograph:
            child.send(content)
            sha256 = sha256_of(content)  # While the child works.
            return child.receive().to_radiograph(sha256=sha256)

        return self._ask_any(ask, size_bytes=len(content))

    def decode_slice(self, content: bytes, *, name: str) -> CtSlice:
        """Decode one DICOM slice of a CT.

        Parameters
        ----------
        content
            The whole file; anything at all.
        name
            What the file is called, for errors.

        Returns
        -------
        CtSlice
            Modality values and the elements that place them; nothing is believed of it yet. A
            file that is not one grey DICOM picture is an ImageError whose code says why.
        """
        self._file_limits.check_file_size(len(content))

        def ask(child: DecoderChild) -> CtSlice:
            child.send(content, kind=SLICE)
            sha256 = sha256_of(content)
            header, values = child.receive_slice()
            return CtSlice(header=header, values=values, sha256=sha256, name=name)

        return self._ask_any(ask, size_bytes=len(content))

    def decode_volume(self, content: bytes, *, name: str) -> CtVolume:
        """Decode one NIfTI volume.

        Parameters
        ----------
        content
            A .nii or .nii.gz file; anything at all.
        name
            What the file is called, for errors.

        Returns
        -------
        CtVolume
            As the file holds it; nothing is believed of it yet. A file that is not one volume is an
            ImageError whose code says why.
        """
        self._file_limits.check_volume_size(len(content))

        def ask(child: DecoderChild) -> CtVolume:
            child.send(content, kind=VOLUME)
            sha256 = sha256_of(content)
            header, values = child.receive_volume()
            return CtVolume(header=header, values=values, sha256=sha256, name=name)

        return self._ask_any(ask, size_bytes=len(content))

    def decode_recording(
        self, content: bytes, *, name: str, channel: str | None = None
    ) -> RecordingFile:
        """Decode one recording of signals.

        Parameters
        ----------
        content
            CSV (also gzipped), EDF or EDF+, or a ZIP archive of a WFDB record; anything at all.
        name
            What the file is called, for errors.
        channel
            The only channel to read; None reads all.

        Returns
        -------
        RecordingFile
            As the file holds it; nothing is believed of it yet. A file that is not one readable
            recording is an ImageError whose code says why; a WFDB record where wfdb is not
            installed is a MissingExtraError.
        """
        check_size(len(content))

        def ask(child: DecoderChild) -> RecordingFile:
            child.send(content, kind=RECORDING, before=pack_wanted(channel))
            sha256 = sha256_of(content)
            return RecordingFile(reading=child.receive_recording(), sha256=sha256, name=name)

        return self._ask_signal(ask, size_bytes=len(content))

    def decode_depth(self, content: bytes, *, name: str) -> DepthFrames:
        """Decode one depth video.

        Parameters
        ----------
        content
            .npy, .npz, a TIFF of several pages, or a ZIP archive of frames; anything at all.
        name
            What the file is called, for errors.

        Returns
        -------
        DepthFrames
            As the file holds them, made smaller where they are many. A file that is no depth video
            is an ImageError whose code says why.
        """
        check_depth_size(len(content))

        def ask(child: DecoderChild) -> DepthFrames:
            child.send(content, kind=DEPTH)
            sha256 = sha256_of(content)
            header, depth_mm = child.receive_array(announced_depth)
            return DepthFrames(depth_mm=depth_mm, step=header.step, sha256=sha256, name=name)

        return self._ask_signal(ask, size_bytes=len(content))

    def unpack(self, content: bytes, folder: Path, *, files_max: int) -> tuple[Member, ...]:
        """Unpack a ZIP archive of films.

        Parameters
        ----------
        content
            The whole archive.
        folder
            Where the files go, under numbers; the caller's own, empty, and removed by the caller.
        files_max
            How many files it may hold.

        Returns
        -------
        tuple of Member
            In the archive's order. An archive that is damaged, locked, too large or empty is
            refused as a whole, and the code says why.
        """
        bytes_max = self._file_limits.unpacked_bytes_max(len(content))

        def ask(child: DecoderChild) -> tuple[Member, ...]:
            child.send(content, kind=UNPACK)
            received = child.receive_members(bytes_max=bytes_max)
            return write_members(received, folder, files_max=files_max)

        return need_members(self._ask_any(ask, size_bytes=len(content)))

    def child_pids(self) -> tuple[int, ...]:
        """Return the process ids of the children that run now."""
        with self._lock:
            return tuple(child.pid for child in self._children if child.is_running)

    def close(self) -> None:
        """End all children; files being decoded are lost. Repeating it does no harm."""
        if self._owner_pid != os.getpid():
            return  # A forked process must not end its parent's children.
        with self._lock:
            self._is_closed = True
            children = tuple(self._children)
            self._children.clear()
        for child in children:
            child.close()

    def _ask_signal(self, ask: Callable[[DecoderChild], _Answer], *, size_bytes: int) -> _Answer:
        try:
            return self._ask_any(ask, size_bytes=size_bytes)
        except ImageError as error:
            told = about_recording(error, size_bytes=size_bytes, cpu_s=self._limits.cpu_s)
            raise told from error

    def _ask_any(self, ask: Callable[[DecoderChild], _Answer], *, size_bytes: int) -> _Answer:
        """Ask a child; ask another one if it died while it was idle, which is no file's fault."""
        try:
            return self._ask(self._take(), ask)
        except ChildLostError as lost:
            if lost.has_started:
                error = explain_lost(lost, size_bytes=size_bytes, cpu_s=self._limits.cpu_s)
                raise error from lost
        try:
            return self._ask(self._take(), ask)
        except ChildLostError as lost:
            error = explain_lost(lost, size_bytes=size_bytes, cpu_s=self._limits.cpu_s)
            raise error from lost

    def _ask(self, child: DecoderChild, ask: Callable[[DecoderChild], _Answer]) -> _Answer:
        is_out_of_memory = False
        try:
            return ask(child)
        except ImageError as refusal:
            # After running out of memory a library may be in any state.
            is_out_of_memory = refusal.code in _OUT_OF_MEMORY
            raise
        finally:
            is_worn = child.files_served >= _FILES_PER_CHILD
            if child.is_answering or is_worn or is_out_of_memory:
                self._replace(child)
            else:
                self._slots.put(child)

    def _take(self) -> DecoderChild:
        child = self._slots.get()
        if child is not None and child.is_running:
            return child
        if child is not None:
            self._forget(child)
        try:
            return self._new_child()
        except OSError as fault:
            self._slots.put(None)
            how = fault.strerror or type(fault).__name__
            raise ChildLostError(has_started=False, is_late=False, how=how) from fault
        except ImageError:
            self._slots.put(None)
            raise

    def _replace(self, child: DecoderChild) -> None:
        """Put a fresh child, starting in the background, in the place of a spent one."""
        self._forget(child)
        try:
            self._slots.put(self._new_child())
        except (OSError, ImageError):
            self._slots.put(None)

    def _forget(self, child: DecoderChild) -> None:
        with self._lock:
            self._children.discard(child)
        child.close()

    def _new_child(self) -> DecoderChild:
        with self._lock:
            if not self.is_usable:
                raise ImageError(
                    "The decoder is closed – expected an open one. Start the command again.",
                    code="image-decoder-unavailable",
                )
            child = DecoderChild(self._limits, preload=self._preload)
            self._children.add(child)
            return child
