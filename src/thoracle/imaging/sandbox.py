"""A pool of decoder children: untrusted bytes in, a radiograph or one clear error out."""

import os
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from thoracle.core.errors import ImageError
from thoracle.core.files import sha256_of
from thoracle.imaging.child import ChildLimits, ChildLostError, DecoderChild
from thoracle.imaging.ct_slice import CtSlice, CtVolume
from thoracle.imaging.limits import DecodeLimits, cpu_allowed_s
from thoracle.imaging.scan_wire import SLICE, VOLUME
from thoracle.imaging.sniff import sniff_format
from thoracle.imaging.types import Radiograph
from thoracle.imaging.wire import UNPACK

# A child is replaced now and then, so that no library's leak grows with the day.
_FILES_PER_CHILD = 200

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file of an archive: its own name, which may say anything, and where it lies now."""

    name: str
    path: Path


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
            At least one, in the archive's order.

        Raises
        ------
        ImageError
            zip-too-many, or zip-empty (no film in it); zip-no-room in the folder. An archive that
            is damaged, locked or too large is refused as a whole, and the code says why.
        """
        bytes_max = self._file_limits.unpacked_bytes_max(len(content))

        def ask(child: DecoderChild) -> tuple[Member, ...]:
            child.send(content, kind=UNPACK)
            members: list[Member] = []
            for name, member in child.receive_members(bytes_max=bytes_max):
                if len(members) == files_max:
                    raise ImageError(
                        f"The ZIP archive holds more than {files_max} files – expected at most "
                        "that. Send it in several parts.",
                        code="zip-too-many",
                    )
                path = folder / str(len(members))
                _write(path, member)
                members.append(Member(name=name, path=path))
            return tuple(members)

        members = self._ask_any(ask, size_bytes=len(content))
        if not members:
            raise ImageError(
                "The ZIP archive holds no file – expected at least one film. Pack it again.",
                code="zip-empty",
            )
        return members

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

    def _ask_any(self, ask: Callable[[DecoderChild], _Answer], *, size_bytes: int) -> _Answer:
        """Ask a child; ask another one if it died while it was idle, which is no file's fault."""
        try:
            return self._ask(self._take(), ask)
        except ChildLostError as lost:
            if lost.has_started:
                error = self._explain(lost, size_bytes=size_bytes)
                raise error from lost
        try:
            return self._ask(self._take(), ask)
        except ChildLostError as lost:
            error = self._explain(lost, size_bytes=size_bytes)
            raise error from lost

    def _ask(self, child: DecoderChild, ask: Callable[[DecoderChild], _Answer]) -> _Answer:
        is_out_of_memory = False
        try:
            return ask(child)
        except ImageError as refusal:
            # After running out of memory a library may be in any state.
            is_out_of_memory = refusal.code == "image-memory"
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

    def _explain(self, lost: ChildLostError, *, size_bytes: int) -> ImageError:
        if not lost.has_started:
            return ImageError(
                f"No decoder process could be started ({lost.how}) – expected one within half a "
                "minute. Raise the setting decode_memory_mb, or try again on an idle machine.",
                code="image-decoder-unavailable",
            )
        if lost.is_late:
            allowed_s = cpu_allowed_s(size_bytes, cpu_s=self._limits.cpu_s)
            return ImageError(
                f"The file took longer to decode than its size allows – expected {allowed_s:.1f} s "
                "of CPU time at most (setting decode_cpu_s). Export it uncompressed, or as PNG.",
                code="image-timeout",
            )
        return ImageError(
            f"The decoder stopped over this file ({lost.how}) – expected a readable film. "
            "The file is damaged: export or copy it again.",
            code="image-decoder-died",
        )


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as fault:
        raise ImageError(
            f"The ZIP archive cannot be unpacked here ({fault.strerror}) – expected room in the "
            "folder for temporary files. Make room, or send the films one by one.",
            code="zip-no-room",
        ) from fault
