"""Films as arrays for training: made once by the serving code, kept on disk, read by index."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thoracle.core.arrays import ByteArray
from thoracle.imaging.faults import UnreadableFileError


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmArrays:
    """Films and masks as 8-bit squares on disk: (films, side, side) uint8 each."""

    films: ByteArray
    masks: ByteArray


def cached_arrays(
    files: Sequence[Path],
    make: Callable[[int], tuple[ByteArray, ByteArray]],
    *,
    side: int,
    folder: Path,
    kind: str,
    form: str,
) -> FilmArrays:
    """Make or reopen the arrays of a list of files.

    Parameters
    ----------
    files
        What the arrays are made of; their names and sizes are part of the cache's name.
    make
        From an index into `files` to film and mask, (side, side) uint8 each.
    side
        Side of the squares, in pixels.
    folder
        Where the cache lies.
    kind
        Name of the preprocessing.
    form
        The preprocessing in words, which change with it: old arrays are then not read.

    Returns
    -------
    FilmArrays
        Memory-mapped, read-only.
    """
    lines = [f"{kind} {side} {form}", *(f"{f} {_size_bytes(f)}" for f in files)]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    target = folder / f"{kind}-{side}-{digest}.npy"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        whole = np.lib.format.open_memmap(
            partial, mode="w+", dtype=np.uint8, shape=(len(files), 2, side, side)
        )

        def fill(index: int) -> None:
            whole[index, 0], whole[index, 1] = make(index)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(fill, range(len(files))))
        whole.flush()
        partial.replace(target)
    arrays = np.load(target, mmap_mode="r")
    return FilmArrays(films=arrays[:, 0], masks=arrays[:, 1])


def _size_bytes(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError as fault:
        raise UnreadableFileError(file, fault) from fault
