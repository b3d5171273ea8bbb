"""Tables of samples: separators, decimals, names, time, missing cells, and what is refused."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from thoracle.core.errors import ImageError
from thoracle.imaging import recording_csv
from thoracle.imaging.recording_csv import read_csv


def refused(content: bytes) -> ImageError:
    with pytest.raises(ImageError) as error:
        read_csv(content)
    assert error.value.text.isprintable()
    return error.value


def test_a_column_of_numbers_without_a_name_is_one_channel_without_a_rate() -> None:
    (channel,) = read_csv(b"0.5\n-1e3\n+2.\n.25").channels
    np.testing.assert_array_equal(channel.values, [0.5, -1000.0, 2.0, 0.25])
    assert (channel.name, channel.unit, channel.rate_hz) == ("column 1", "", None)


def test_a_column_called_time_is_no_channel() -> None:
    reading = read_csv(b"Time [s], RESP ,SpO2 (%)\n0,1,97\n0.008,2,98\n")
    assert [(one.name, one.unit) for one in reading.channels] == [("RESP", ""), ("SpO2", "%")]
    assert reading.time is not None
    assert (reading.time.name, reading.time.unit) == ("Time", "s")
    np.testing.assert_array_equal(reading.time.values, [0.0, 0.008])
    np.testing.assert_array_equal(reading.channels[0].values, [1.0, 2.0])


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        *(("time_s", "s"), ("t_ms", "ms"), ("seconds", "s"), ("Timestamp", ""), ("time(us)", "us")),
        *(("t", ""), ("Elapsed Time [min]", "min")),
    ],
)
def test_a_time_column_s_unit_is_read_from_its_name(name: str, unit: str) -> None:
    time = read_csv(f"{name};flow\n0;1\n1;2\n".encode()).time
    assert time is not None
    assert time.unit == unit


def test_a_time_column_alone_is_a_channel_and_so_is_time_by_another_name() -> None:
    assert read_csv(b"time\n1\n2\n").time is None
    assert read_csv(b"uptime,a\n1\n2\n".replace(b"1", b"1,1").replace(b"2", b"2,2")).time is None


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_read_off(separator: str, end: str) -> None:
    rows = ["a" + separator + "b", "1.5" + separator + "2", "3" + separator + "-4.25", ""]
    reading = read_csv(end.join(rows).encode())
    np.testing.assert_array_equal(reading.channels[0].values, [1.5, 3.0])
    np.testing.assert_array_equal(reading.channels[1].values, [2.0, -4.25])


def test_decimal_commas_are_read_between_semicolons_and_tabs() -> None:
    for separator in (b";", b"\t"):
        content = b"t_s;flow, L/s\n0,00;1,5\n0,04;-2,25\n".replace(b";", separator)
        reading = read_csv(content)
        np.testing.assert_array_equal(reading.channels[0].values, [1.5, -2.25])
        assert reading.channels[0].name == "flow, L/s"
        assert reading.time is not None
        np.testing.assert_array_equal(reading.time.values, [0.0, 0.04])
    (alone,) = read_csv(b"\n".join([b"a;", b"0,5;", b"0,25;"])).channels
    np.testing.assert_array_equal(alone.values, [0.5, 0.25])


@pytest.mark.parametrize(
    "content",
    [
        b"a;b\n1,5;2.5\n",
        b"1.000,5;2\n2;3\n2.5,1;0\n",
        b"0,5\n0,05\n",
        b"12,5\n12,05\n",
        b"-1,00\n-1,5\n",
    ],
)
def test_decimals_that_could_be_read_in_two_ways_are_refused(content: bytes) -> None:
    assert refused(content).code == "recording-decimals"


def test_a_decimal_comma_between_commas_shows_in_the_number_of_cells() -> None:
    error = refused(b"resp\n0,5\n0,6\n")
    assert (error.code, "semicolons" in error.text) == ("recording-columns", True)


def test_missing_cells_are_nan_and_others_that_are_no_number_are_refused_by_place() -> None:
    reading = read_csv(b"a,b\n1,\nNaN,2\nnull, 3 \n n/a,NA\n")
    np.testing.assert_array_equal(reading.channels[0].values, [1.0, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(reading.channels[1].values, [np.nan, 2.0, 3.0, np.nan])
    error = refused(b"a,b\n1,2\n3,x7\n")
    assert "'x7' in row 3, column 2" in error.text
    assert refused(b"t_s,b\n12:00:01,2\n12:00:02,3\n").code == "recording-cell"


@pytest.mark.parametrize("cell", [b"1_0", b"0x10", b"1e", b"--1", b"1 2", b"=1+1", b"True"])
def test_what_only_looks_like_a_number_is_refused(cell: bytes) -> None:
    assert refused(b"a,b\n1,2\n3," + cell + b"\n").code == "recording-cell"


@pytest.mark.parametrize("cell", [b"inf", b"1e999", b"-Infinity"])
def test_a_number_that_is_not_finite_is_refused(cell: bytes) -> None:
    assert refused(b"a,b\n1,2\n3," + cell + b"\n").code in {"recording-corrupt", "recording-cell"}


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"# only a remark\n", b"a,b\n", b"a,b", b",\n,\n", b"time,\n1,\n"]
)
def test_a_table_without_samples_is_refused(content: bytes) -> None:
    assert refused(content).code in {"recording-empty", "recording-cell"}


def test_remarks_quotes_a_byte_order_mark_and_a_trailing_separator_do_no_harm() -> None:
    reading = read_csv('\ufeff# device 7\n"t_s","flow [L/s]",\n"0","1",\n# x\n1,"2",\n'.encode())
    (flow,) = reading.channels
    np.testing.assert_array_equal(flow.values, [1.0, 2.0])
    assert (flow.name, flow.unit) == ("flow", "L/s")


def test_names_in_other_encodings_are_read() -> None:
    assert read_csv("débit\n1\n2\n".encode("latin-1")).channels[0].name == "débit"
    assert read_csv("débit\n1\n2\n".encode("utf-16")).channels[0].name == "débit"
    assert refused(b"a\n1\n\0\n").code == "recording-corrupt"


def test_rows_of_other_lengths_are_refused_with_their_number() -> None:
    assert "3 cells in row 3" in refused(b"a,b\n1,2\n3,4,5\n").text
    assert refused(b"1,2\n3\n").code == "recording-columns"


def test_one_channel_is_handed_over_with_the_time() -> None:
    content = b"time_s,a,b\n0,1,2\n1,3,4\n"
    reading = read_csv(content, wanted="B")
    assert [one.name for one in reading.channels] == ["b"]
    assert reading.time is not None
    with pytest.raises(ImageError, match="found no channel time_s"):
        read_csv(content, wanted="time_s")


def test_too_many_columns_and_cells_are_refused_before_they_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert refused(b",".join([b"1"] * 65_535)).code == "recording-channels"
    monkeypatch.setattr("thoracle.imaging.recording.SAMPLES_MAX", 9)
    read_csv(b"1,2,3\n" * 3)
    assert refused(b"1,2,3\n" * 4).code == "recording-too-long"


def test_gzip_is_unpacked_also_in_several_parts() -> None:
    packed = gzip.compress(b"a\n1\n") + gzip.compress(b"2\n")
    np.testing.assert_array_equal(read_csv(packed).channels[0].values, [1.0, 2.0])


def test_gzip_that_is_cut_short_or_unpacks_too_far_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packed = gzip.compress(b"a\n" + b"1\n" * 5000)
    assert refused(packed[:-9]).code == "recording-truncated"
    monkeypatch.setattr(recording_csv, "_ALWAYS_ALLOWED", 0)
    monkeypatch.setattr(recording_csv, "_INFLATION_MAX", 2)
    error = refused(packed)
    assert error.code == "recording-inflated"
    assert str(2 * len(packed)) in error.text


@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(1, 6), st.integers(1, 4)),
        elements=st.floats(allow_infinity=False, width=64),
    ),
    st.sampled_from([",", ";", "\t"]),
)
def test_what_numpy_writes_is_read_to_the_last_bit(
    table: np.ndarray[tuple[int, int], np.dtype[np.float64]], separator: str
) -> None:
    rows = [separator.join(repr(float(cell)) for cell in row) for row in table]
    names = separator.join(f"c{one}" for one in range(table.shape[1]))
    reading = read_csv("\n".join([names, *rows]).encode())
    found = np.stack([one.values for one in reading.channels], axis=1)
    np.testing.assert_array_equal(found, table)
