"""WFDB records, written by wfdb itself: formats, missing samples, rates, and headers that lie."""

import builtins
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from thoracle.core.errors import ImageError
from thoracle.imaging.recording_wfdb import load_library, read_header, read_wfdb

wfdb: Any = pytest.importorskip("wfdb", reason="the extra wfdb is not installed")

Pack = Callable[..., bytes]


@pytest.fixture
def signals() -> NDArray[np.float64]:
    time_s = np.arange(501) / 125
    values = np.stack([np.sin(time_s), 4 * np.cos(3 * time_s) + 2], axis=1)
    values[100:120, 0] = np.nan
    return values


@pytest.fixture
def record(tmp_path: Path, signals: NDArray[np.float64]) -> Callable[..., dict[str, bytes]]:
    """Return a function that writes a record and returns its files."""

    def write(kind: str = "16", **options: Any) -> dict[str, bytes]:
        about = {"units": ["pm", "mV"], "sig_name": ["RESP", "II"], "p_signal": signals}
        about |= {"fs": 125, "fmt": [kind] * 2, "write_dir": str(tmp_path), **options}
        wfdb.wrsamp("rec", **about)
        return {name: (tmp_path / name).read_bytes() for name in ("rec.hea", "rec.dat")}

    return write


def refused(content: bytes, **options: Any) -> ImageError:
    with pytest.raises(ImageError) as error:
        read_wfdb(content, **options)
    assert error.value.text.isprintable()
    return error.value


@pytest.mark.parametrize("kind", ["16", "24", "32", "80", "212"])
def test_each_storage_format_gives_what_the_library_reads_from_disk(
    kind: str, record: Callable[..., dict[str, bytes]], pack: Pack, tmp_path: Path
) -> None:
    reading = read_wfdb(pack(record(kind)))
    expected = wfdb.rdrecord(str(tmp_path / "rec")).p_signal
    for one, channel in enumerate(reading.channels):
        np.testing.assert_array_equal(channel.values, expected[:, one])
        assert channel.rate_hz == 125.0
    assert [one.unit for one in reading.channels] == ["pm", "mV"]
    assert np.isnan(reading.channels[0].values).sum() == 20
    assert reading.format == "WFDB"


def test_physical_values_are_digital_ones_less_the_baseline_over_the_gain(pack: Pack) -> None:
    header = b"a 1 10 3\n# a remark\na.dat 16 50(100)/L 16 0 0 0 0 Flow\n"
    samples = np.array([100, 150, -32768], "<i2")
    (flow,) = read_wfdb(pack({"a.hea": header, "a.dat": samples.tobytes()})).channels
    np.testing.assert_array_equal(flow.values, [0.0, 1.0, np.nan])  # signal(5): the least is none
    assert (flow.name, flow.unit, flow.rate_hz) == ("Flow", "L", 10.0)


@pytest.mark.parametrize(("gain", "unit"), [("", ""), ("0", ""), ("200", "mV"), ("1e2/Pa", "Pa")])
def test_a_channel_without_a_gain_has_no_unit(gain: str, unit: str, pack: Pack) -> None:
    header = f"a 1 10 2\na.dat 16 {gain}\n".encode()
    (channel,) = read_wfdb(pack({"a.hea": header, "a.dat": b"\1\0\2\0"})).channels
    assert channel.unit == unit


def test_a_header_without_a_rate_gives_none_though_the_standard_assumes_250(pack: Pack) -> None:
    (channel,) = read_wfdb(pack({"a.hea": b"a 1\na.dat 16\n", "a.dat": b"\1\0\2\0"})).channels
    assert channel.rate_hz is None
    assert channel.values.size == 2


def test_signals_of_several_rates_in_one_frame_keep_theirs(pack: Pack) -> None:
    header = b"a 2 10 2\na.dat 16x3 1 16 0 0 0 0 Fast\na.dat 16 1 16 0 0 0 0 Slow\n"
    samples = np.array([1, 2, 3, 10, 4, 5, 6, 20], "<i2").tobytes()
    fast, slow = read_wfdb(pack({"a.hea": header, "a.dat": samples})).channels
    np.testing.assert_array_equal(fast.values, [1, 2, 3, 4, 5, 6])
    np.testing.assert_array_equal(slow.values, [10, 20])
    assert (fast.rate_hz, slow.rate_hz) == (30.0, 10.0)


def test_one_channel_is_read_from_one_of_two_files(pack: Pack) -> None:
    header = b"a 2 10 2\na.dat 16 1 16 0 0 0 0 A\nb.dat 16 1 16 0 0 0 0 B\n"
    files = {"a.hea": header, "a.dat": b"\1\0\2\0", "b.dat": b"\3\0\4\0"}
    (only,) = read_wfdb(pack(files), wanted="b").channels
    np.testing.assert_array_equal(only.values, [3, 4])
    assert refused(pack(files), wanted="C").code == "recording-no-channel"


def test_the_header_s_own_name_does_not_matter(pack: Pack) -> None:
    files = {"folder/renamed.hea": b"a 1 10 1\na.dat 16\n", "folder/a.dat": b"\1\0"}
    assert read_wfdb(pack(files)).channels[0].values.size == 1


@pytest.mark.parametrize(
    "name",
    [
        *("/etc/passwd", "../a.dat", "..", "~", "~a", "a/b.dat", "a\\b.dat", "C:a.dat", ".a"),
        *("gs://record/a.dat", "zip::a", "file:a", "a.b.c", "ä.dat", "a*.dat", "s3://x/y.dat"),
    ],
)
def test_a_file_outside_of_the_record_is_never_asked_for(
    name: str, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_args: object, **_options: object) -> None:
        raise AssertionError("the library saw the name")

    monkeypatch.setattr(wfdb, "rdheader", never)
    header = f"a 1 10 1\n{name} 16\n".encode()
    assert refused(pack({"a.hea": header, "a.dat": b"\1\0"})).code == "recording-name"


def test_a_file_that_is_not_in_the_archive_is_refused_by_its_name(pack: Pack) -> None:
    error = refused(pack({"a.hea": b"a 1 10 1\nb.dat 16\n", "a.dat": b"\1\0"}))
    assert (error.code, "b.dat" in error.text) == ("recording-no-file", True)


def test_there_must_be_one_header(pack: Pack) -> None:
    assert refused(pack({"a.dat": b"\1\0"})).code == "recording-headers"
    error = refused(pack({"a.hea": b"a 0", "an.hea": b"an 0"}))
    assert "2 WFDB headers (.hea) in the ZIP archive (a.hea, an.hea)" in error.text
    both = {"x/a.hea": b"a 0", "y/a.hea": b"a 0"}
    assert refused(pack(both)).code == "recording-corrupt"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (b"", "recording-corrupt"),
        (b"# nothing\n", "recording-corrupt"),
        (b"a", "recording-corrupt"),
        (b"a b c\n", "recording-corrupt"),
        (b"a/3 1 10 9\na_1 3\n", "recording-segments"),
        (b"a 65535 10 1\na.dat 16\n", "recording-channels"),
        (b"a 0 10 1\n", "recording-channels"),
        (b"a 2 10 1\na.dat 16\n", "recording-corrupt"),
        (b"a 1 10 1\na.dat 16\na.dat 16\n", "recording-corrupt"),
        (b"a 1 10 1\na.dat\n", "recording-corrupt"),
        (b"a 1 1.2.3 1\na.dat 16\n", "recording-corrupt"),
        (b"a 1 10 1\na.dat 516\n", "recording-storage"),
        (b"a 1 10 1\na.dat x\n", "recording-storage"),
        (b"a 1 10 1\na.dat 0\n", "recording-storage"),
        (b"a 1 0 1\na.dat 16\n", "recording-rate"),
        (b"a 1 1e9 1\na.dat 16\n", "recording-corrupt"),
        (b"a 1 999999 1\na.dat 16\n", "recording-rate"),
        (b"a 1 .0000001 1\na.dat 16\n", "recording-too-long"),
        (b"a 1 10 999999999\na.dat 16\n", "recording-truncated"),
        (b"a 1 10 2\na.dat 16\n", "recording-truncated"),
        (b"a 1 10 1\na.dat 16+4\n", "recording-truncated"),
        (b"a 1 10 1\na.dat 16:999999999\n", "recording-too-long"),
        (b"a 1 10 1\na.dat 16x999999\n", "recording-truncated"),
        (b"a 1 10\na.dat 16+9\n", "recording-corrupt"),
        (b"a 2 10 1\na.dat 16\na.dat 80\n", "recording-corrupt"),
        (b"#" * 70_000, "recording-corrupt"),
    ],
)
def test_a_header_that_lies_is_refused(header: bytes, code: str, pack: Pack) -> None:
    error = refused(pack({"a.hea": header, "a.dat": b"\1\0"}))
    assert (error.code, error.text) == (code, error.text)


def test_a_rate_of_nothing_is_not_taken_for_a_rate() -> None:
    assert read_header(b"a 1 0 1\na.dat 16\n").rate_hz == 0.0
    assert read_header(b"a 1\na.dat 16\n").rate_hz is None
    assert read_header(b"a 1 12.5/100(-3) 7 0:0:0\na.dat 16\n").rate_hz == 12.5


def test_an_archive_that_unpacks_too_far_is_refused(
    pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thoracle.imaging.recording_wfdb.FILE_BYTES_MAX", 1000)
    content = pack({"a.hea": b"a 1 10 1\na.dat 16\n", "a.dat": bytes(1001)})
    assert refused(content).code == "recording-inflated"


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def without(name: str, *rest: Any, **options: Any) -> Any:
        if name == "wfdb":
            raise ImportError(name)
        return imported(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImageError, match=r"'thoracle\[wfdb\]'") as error:
        load_library()
    assert error.value.code == "missing-extra"


def test_the_library_finds_nothing_of_a_record_afterwards(
    record: Callable[..., dict[str, bytes]], pack: Pack
) -> None:
    read_wfdb(pack(record()))
    with pytest.raises(FileNotFoundError):
        wfdb.rdheader("gs://record/rec")
