"""CT files made to harm: each dies cheaply with one clear error, and the next one is opened."""

import functools
import gzip
import resource
import struct
import time
import zlib
from collections.abc import Callable, Iterator

import nibabel
import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from thoracle.core.errors import ImageError
from thoracle.imaging.sandbox import DecoderPool

# CPU seconds of this process and of its children, whatever else runs on this machine.
SECONDS_MAX = 2.0
GROWTH_BYTES_MAX = 300e6
SEED = 7


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    """The pool of a server with the default settings."""
    with DecoderPool(workers=1, memory_mb=1536, cpu_s=10, pixels_max=64_000_000) as one:
        one.warm_up()
        yield one


def cpu_s(pool: DecoderPool) -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    living = [psutil.Process(pid).cpu_times() for pid in pool.child_pids()]
    own = time.process_time() + ended.ru_utime + ended.ru_stime
    return own + sum(each.user + each.system for each in living)


def volume(shape: tuple[int, ...] = (4, 5, 6)) -> bytes:
    values = np.arange(np.prod(shape), dtype=np.int16).reshape(shape)
    return bytes(nibabel.Nifti1Image(values, np.eye(4)).to_bytes())  # type: ignore[no-untyped-call]


def declared(*sides: int, kind: int = 4) -> bytes:
    """Return the header of a volume of another size and type than it holds."""
    content = bytearray(volume())
    content[40:48] = struct.pack("<4h", 3, *sides)
    content[70:72] = struct.pack("<h", kind)
    return bytes(content)


@functools.cache
def packed_zeros(head: bytes, size: int) -> bytes:
    squeezer = zlib.compressobj(1, wbits=31)
    parts = [squeezer.compress(head)]
    parts += [squeezer.compress(bytes(10**7)) for _ in range(size // 10**7)]
    return b"".join([*parts, squeezer.flush()])


BOMBS: dict[str, Callable[[], bytes]] = {
    "a header that claims the most voxels of 8 bytes": lambda: declared(700, 700, 800, kind=64),
    "a header that claims 10^13 voxels": lambda: declared(30000, 30000, 30000),
    "gzip of 210 MB of zeros behind an honest head": lambda: packed_zeros(
        declared(500, 500, 800), 210 * 10**6
    ),
    "gzip in gzip": lambda: gzip.compress(gzip.compress(volume())),
    "gzip cut short": lambda: gzip.compress(volume((50, 60, 70)))[:-40],
    "voxels that begin behind the end": lambda: bytes(
        volume()[:108] + struct.pack("<f", 1.6e7) + volume()[112:]
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_volume_made_to_harm_is_one_error_in_time(name: str, pool: DecoderPool) -> None:
    bomb = BOMBS[name]()
    pool.decode_volume(volume(), name="good")
    before_bytes, begin_s = psutil.Process().memory_info().rss, cpu_s(pool)
    with pytest.raises(ImageError) as error:
        pool.decode_volume(bomb, name="bomb")
    assert cpu_s(pool) - begin_s < SECONDS_MAX
    assert psutil.Process().memory_info().rss - before_bytes < GROWTH_BYTES_MAX
    assert error.value.code.startswith(("image-", "volume-"))
    good = pool.decode_volume(volume(), name="good")
    assert good.values.shape == (6, 5, 4)


def test_what_follows_a_volume_costs_nothing(pool: DecoderPool) -> None:
    bomb = packed_zeros(volume(), 210 * 10**6)
    begin_s = cpu_s(pool)
    assert pool.decode_volume(bomb, name="bomb").values.shape == (6, 5, 4)
    assert cpu_s(pool) - begin_s < SECONDS_MAX


def mutants(content: bytes, reach: int, count: int) -> Iterator[bytes]:
    rng = np.random.default_rng(SEED)
    for number in range(count):
        damaged = bytearray(content)
        for position in rng.integers(0, min(reach, len(content)), size=1 + number % 8):
            damaged[position] = int(rng.integers(0, 256))
        yield bytes(damaged)


def test_every_mutant_of_a_volume_is_a_volume_or_one_error(pool: DecoderPool) -> None:
    for content in mutants(volume(), 352, 60):
        for each in (content, gzip.compress(content)):
            try:
                found = pool.decode_volume(each, name="mutant")
            except ImageError as error:
                assert error.text.isprintable()  # noqa: PT017
                assert error.code != "image-decoder-died"  # noqa: PT017
            else:
                assert found.values.ndim == 3


def test_every_mutant_of_a_slice_is_a_slice_or_one_error(
    pool: DecoderPool,
    thorax: Callable[..., NDArray[np.int16]],
    ct_files: Callable[..., list[bytes]],
) -> None:
    (content,) = ct_files(thorax()[5:6])
    for mutant in mutants(content, 900, 200):
        try:
            found = pool.decode_slice(mutant, name="mutant")
        except ImageError as error:
            assert error.text.isprintable()  # noqa: PT017
            assert error.code != "image-decoder-died"  # noqa: PT017
        else:
            assert found.values.shape == (found.header.rows, found.header.columns)
