"""Recordings truncated, altered at seeded places, or made to harm, through one warm pool."""

import gzip
import io
import resource
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import edfio
import numpy as np
import psutil
import pytest
from PIL import Image

from thoracle.core.errors import ImageError
from thoracle.imaging.sandbox import DecoderPool

pytest.importorskip("wfdb", reason="the extra wfdb is not installed")

# CPU seconds of this process and of its children, whatever else runs on this machine.
SECONDS_MAX = 2.0
GROWTH_BYTES_MAX = 300e6
SEED = 6
TRUNCATED_AT = (0.02, 0.2, 0.5, 0.8, 0.97)
ALTERED = 40


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    """The pool of a server with the default settings."""
    with DecoderPool(workers=1, memory_mb=1536, cpu_s=10, pixels_max=64_000_000) as one:
        yield one


def cpu_s(pool: DecoderPool) -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    living = [psutil.Process(pid).cpu_times() for pid in pool.child_pids()]
    own = time.process_time() + ended.ru_utime + ended.ru_stime
    return own + sum(each.user + each.system for each in living)


def table() -> bytes:
    rows = [f"{one / 25:.2f},{np.sin(one / 9):.4f},{one % 7}" for one in range(400)]
    return "\n".join(["time_s,flow [L/s],x", *rows]).encode()


def edf(**options: Any) -> bytes:
    signal = edfio.EdfSignal(np.sin(np.arange(500) / 9.0), 25, label="Flow")
    stream = io.BytesIO()
    edfio.Edf([signal], **options).write(stream)
    return stream.getvalue()


def record(pack: Callable[..., bytes]) -> bytes:
    header = b"a 2 25 200\na.dat 212 100(5)/L 12 0 0 0 0 Flow\na.dat 212 1/x 12 0 0 0 0 X\n"
    return pack({"a.hea": header, "a.dat": bytes(range(200)) * 3}, 0)


def mutants(content: bytes) -> Iterator[bytes]:
    rng = np.random.default_rng(SEED)
    for share in TRUNCATED_AT:
        yield content[: max(1, int(share * len(content)))]
    for number in range(ALTERED):
        damaged = bytearray(content)
        # Half of the files are hit in their first bytes, where declarations stand.
        reach = len(content) if number % 2 else min(len(content), 600)
        for position in rng.integers(0, reach, size=1 + number % 8):
            # Digits for digits as often as any byte: what still parses goes deeper.
            damaged[position] = int(rng.choice([rng.integers(0, 256), rng.integers(48, 58)]))
        yield bytes(damaged)


@pytest.mark.parametrize("name", ["CSV", "CSV.gz", "EDF", "EDF+", "WFDB"])
def test_every_mutant_is_a_recording_or_one_error_in_time(
    name: str, pool: DecoderPool, pack: Callable[..., bytes]
) -> None:
    note = edfio.EdfAnnotation(1.0, None, "sigh")
    whole = {
        "CSV": table(),
        "CSV.gz": gzip.compress(table()),
        "EDF": edf(),
        "EDF+": edf(annotations=[note]).replace(b"EDF+C", b"EDF+D"),
        "WFDB": record(pack),
    }[name]
    good = pool.decode_recording(whole, name="good").reading
    for content in mutants(whole):
        begin_s = cpu_s(pool)
        try:
            found = pool.decode_recording(content, name="mutant").reading
        except ImageError as error:
            assert error.text.isprintable()  # noqa: PT017
            assert error.code.startswith(("recording-", "zip-"))  # noqa: PT017
            assert error.code != "recording-decoder-died"  # noqa: PT017
        else:
            assert found.channels
            assert not any(np.isinf(one.values).any() for one in found.channels)
        assert cpu_s(pool) - begin_s < SECONDS_MAX
    again = pool.decode_recording(whole, name="good").reading
    np.testing.assert_array_equal(again.channels[0].values, good.channels[0].values)


def depth(pack: Callable[..., bytes], name: str) -> bytes:
    video = np.random.default_rng(SEED).integers(900, 1200, (6, 16, 20)).astype(np.uint16)
    frames = [Image.fromarray(one) for one in video]
    stream = io.BytesIO()
    if name == "TIFF":
        frames[0].save(stream, "TIFF", save_all=True, append_images=frames[1:])
    if name in {"NPY", "NPZ"}:
        (np.save if name == "NPY" else np.savez)(stream, video)
    if name != "ZIP":
        return stream.getvalue()
    pictures = {}
    for number, frame in enumerate(frames):
        one = io.BytesIO()
        frame.save(one, "PNG")
        pictures[f"{number}.png"] = one.getvalue()
    return pack(pictures, 0)


@pytest.mark.parametrize("name", ["NPY", "NPZ", "TIFF", "ZIP"])
def test_every_mutant_of_a_depth_video_is_one_or_an_error_in_time(
    name: str, pool: DecoderPool, pack: Callable[..., bytes]
) -> None:
    whole = depth(pack, name)
    assert pool.decode_depth(whole, name="good").depth_mm.shape == (6, 16, 20)
    for content in mutants(whole):
        begin_s = cpu_s(pool)
        try:
            found = pool.decode_depth(content, name="mutant")
        except ImageError as error:
            assert error.text.isprintable()  # noqa: PT017
            assert error.code.startswith(("depth-", "recording-", "zip-", "image-"))  # noqa: PT017
            assert error.code != "recording-decoder-died"  # noqa: PT017
        else:
            assert not np.isinf(found.depth_mm).any()
        assert cpu_s(pool) - begin_s < SECONDS_MAX
    assert pool.decode_depth(whole, name="good").depth_mm.shape == (6, 16, 20)


def packed(head: bytes, again: bytes, size: int) -> bytes:
    squeezer = zlib.compressobj(1, wbits=31)
    parts = [squeezer.compress(head)]
    parts += [squeezer.compress(again) for _ in range(size // len(again))]
    return b"".join([*parts, squeezer.flush()])


def zip_bomb(pack: Callable[..., bytes]) -> bytes:
    return pack({"a.hea": b"a 1 25\na.dat 16\n", **{f"{one}.dat": bytes(10**8) for one in "abc"}})


BOMBS: dict[str, Callable[[Callable[..., bytes]], bytes]] = {
    "gzip of 300 MB of rows": lambda _: packed(b"a\n", b"1\n" * 500_000, 300 * 10**6),
    "gzip of 300 MB without an end of line": lambda _: packed(b"a,b\n", b"1" * 10**6, 3 * 10**8),
    "gzip in gzip": lambda _: gzip.compress(gzip.compress(table())),
    "a row of a million cells": lambda _: b"1," * 10**6 + b"1\n",
    "a cell of ten million digits": lambda _: b"a\n" + b"9" * 10**7,
    "a name of ten million signs": lambda _: b"a" * 10**7 + b"\n1\n",
    "ten million quotes": lambda _: b'"' * 10**7,
    "EDF of 9999 signals": lambda _: edf()[:252] + b"9999" + edf()[256:],
    "ZIP of 300 MB": zip_bomb,
    "a frame of a million samples": lambda pack: pack(
        {"a.hea": b"a 1 25 1\na.dat 16x999999:99999999\n", "a.dat": bytes(2 * 10**6)}
    ),
    "a WFDB header of many digits": lambda pack: pack(
        {"a.hea": b"a 1 25 " + b"9" * 6000 + b"\na.dat 16\n", "a.dat": b"\1\0"}
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_recording_made_to_harm_is_one_error_in_time(
    name: str, pool: DecoderPool, pack: Callable[..., bytes]
) -> None:
    bomb = BOMBS[name](pack)
    pool.decode_recording(table(), name="good")
    pool.decode_recording(record(pack), name="good")  # wfdb is imported
    before_bytes, begin_s = psutil.Process().memory_info().rss, cpu_s(pool)
    try:
        found = pool.decode_recording(bomb, name="bomb")
    except ImageError as error:
        assert error.code.startswith(("recording-", "zip-"))  # noqa: PT017
    else:  # a long name or number is no harm
        assert sum(one.values.size for one in found.reading.channels) <= 1
    assert cpu_s(pool) - begin_s < SECONDS_MAX
    assert psutil.Process().memory_info().rss - before_bytes < GROWTH_BYTES_MAX
    assert pool.decode_recording(table(), name="good").reading.channels[0].values.size == 400
