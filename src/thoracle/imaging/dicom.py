"""A DICOM film to bone-bright grey: header, stored values, modality values, display."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.imaging.dicom_header import GREY_KINDS, check_header, numbers, read_facts, read_header
from thoracle.imaging.dicom_pixels import read_stored
from thoracle.imaging.faults import CorruptImageError
from thoracle.imaging.grey import color_share, to_grey
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.types import Decoded, FilmFacts
from thoracle.imaging.windows import (
    LookupTable,
    VoiFunction,
    Window,
    apply_modality_lut,
    apply_range,
    apply_rescale,
    apply_voi_lut,
    apply_window,
    invert,
)


def read_dicom(content: bytes, *, limits: DecodeLimits) -> Decoded:
    """Decode one DICOM film.

    Parameters
    ----------
    content
        A DICOM Part 10 file.
    limits
        What the file may declare.

    Returns
    -------
    Decoded
        Grey films as float32 display values, also those outside the window; color as the luma of
        its samples. A file that is
        not one readable film is an ImageError, or a fault of `DECODER_FAULTS`.

    Raises
    ------
    CorruptImageError
        An element's length does not fit its type.
    """
    try:
        return _decoded(content, limits=limits)
    except BytesLengthException as fault:
        raise CorruptImageError(
            "DICOM", "the length of an element does not fit its type"
        ) from fault


def modality_values(header: Dataset, stored: NDArray[Any]) -> FloatArray:
    """Apply Modality LUT Sequence (0028,3000), else Rescale Slope and Intercept.

    Parameters
    ----------
    header
        The film's data set.
    stored : (rows, columns) integers
        Stored values.

    Returns
    -------
    (rows, columns) float32
        Modality values; the stored values where the header has neither.
    """
    table = _table(header, "ModalityLUTSequence", may_be_negative=_is_signed(header))
    if table is not None:
        return apply_modality_lut(stored, table=table)
    slope, intercept = numbers(header, "RescaleSlope"), numbers(header, "RescaleIntercept")
    if not slope and not intercept:
        return stored.astype(np.float32)
    return apply_rescale(stored, slope=(slope or (1.0,))[0], intercept=(intercept or (0.0,))[0])


def display_values(header: Dataset, values: FloatArray, padding: BoolArray | None) -> FloatArray:
    """Apply VOI LUT Sequence (0028,3010), else the first window, else the range of the values.

    Parameters
    ----------
    header
        The film's data set.
    values : (rows, columns) float32
        Modality values.
    padding : (rows, columns) bool or None
        Pixels that are not part of the film.

    Returns
    -------
    (rows, columns) float32
        Display grey before polarity: 0 to 1, and beyond where values lie outside a linear window.
    """
    # The table's first input is signed as soon as modality values can be (C.11.2.1.1).
    table = _table(header, "VOILUTSequence", may_be_negative=bool(values.min() < 0))
    if table is not None:
        return apply_voi_lut(values, table=table)
    window = _window(header)
    if window is not None:
        return apply_window(values, window=window, is_clipped=False)
    film = values if padding is None else values[~padding]
    if film.size == 0:
        return np.zeros(values.shape, np.float32)
    return apply_range(values, low=float(film.min()), high=float(film.max()))


def find_padding(header: Dataset, stored: NDArray[Any]) -> BoolArray | None:
    """Return which pixels lie from Pixel Padding Value (0028,0120) to its Range Limit (,0121).

    Parameters
    ----------
    header
        The picture's data set.
    stored : (rows, columns) integers
        Stored values.

    Returns
    -------
    (rows, columns) bool or None
        None where the header marks none, or none is there.
    """
    value = numbers(header, "PixelPaddingValue")
    if not value:
        return None
    limit = numbers(header, "PixelPaddingRangeLimit") or value
    signed = _is_signed(header)
    ends = sorted(_as_signed(int(each[0])) if signed else int(each[0]) for each in (value, limit))
    padding = (stored >= ends[0]) & (stored <= ends[1])
    return padding if padding.any() else None


def is_inverted(header: Dataset) -> bool:
    """Return whether low values are bright, said by either of two elements, and undone once.

    References
    ----------
    DICOM PS3.3 C.7.6.3.1.2 (MONOCHROME1), C.11.6.1.2 (Presentation LUT Shape INVERSE). In DX,
    INVERSE accompanies MONOCHROME1 (C.8.11.3.1.2): the two say the same thing.
    """
    return bool(
        header.PhotometricInterpretation == "MONOCHROME1"
        or header.get("PresentationLUTShape") == "INVERSE"
    )


def _decoded(content: bytes, *, limits: DecodeLimits) -> Decoded:
    header = read_header(content, limits=limits)
    check_header(header, limits=limits)
    facts = read_facts(header)
    stored = read_stored(header)
    if header.PhotometricInterpretation in GREY_KINDS:
        return Decoded(samples=_display(header, stored), peak=1.0, facts=facts)
    return _from_color(header, stored, facts)


def _display(header: Dataset, stored: NDArray[Any]) -> FloatArray:
    padding = find_padding(header, stored)
    display = display_values(header, modality_values(header, stored), padding)
    if is_inverted(header):
        display = invert(display)
    if padding is not None:
        display[padding] = min(0.0, float(display.min()))
    return display


def _from_color(header: Dataset, rgb: NDArray[Any], facts: FilmFacts) -> Decoded:
    share = color_share(rgb)
    is_palette = header.PhotometricInterpretation == "PALETTE COLOR"
    bits = 8 * rgb.dtype.itemsize if is_palette else facts.bits
    with_color = replace(facts, is_color=share > 0, color_share=share)
    return Decoded(samples=to_grey(rgb), peak=float(2**bits - 1), facts=with_color)


def _window(header: Dataset) -> Window | None:
    # The first window counts: DICOM lets a file offer several and prefers none.
    center, width = numbers(header, "WindowCenter"), numbers(header, "WindowWidth")
    if not center or not width:
        return None
    name = str(header.get("VOILUTFunction") or VoiFunction.LINEAR)
    if name not in set(VoiFunction):
        raise CorruptImageError("DICOM", f"VOI LUT Function (0028,1056) is {name[:20]}")
    return Window(center=center[0], width=width[0], function=VoiFunction(name))


def _table(header: Dataset, keyword: str, *, may_be_negative: bool) -> LookupTable | None:
    items = header.get(keyword)
    if not items:
        return None
    item = items[0]
    count, first, bits = (int(each) for each in item.LUTDescriptor)
    data = item.LUTData
    entries = _entries(data, big_endian=not header.original_encoding[1], count=count or 2**16)
    if not 8 <= bits <= 16 or len(entries) != (count or 2**16):
        raise CorruptImageError(
            "DICOM", f"{keyword} holds {len(entries)} entries of {bits} bits, not {count}"
        )
    # A descriptor of 0 entries stands for 65536 (C.11.1.1.1).
    return LookupTable(
        entries=entries, first=_as_signed(first) if may_be_negative else first, bits=bits
    )


def _entries(data: Any, *, big_endian: bool, count: int) -> NDArray[np.uint16]:
    """Return LUT Data as numbers, whether pydicom found words (US) or bytes (OW)."""
    if not isinstance(data, bytes):
        return np.atleast_1d(np.asarray(data, np.int64)).astype(np.uint16)
    if len(data) in (count, count + 1):  # Eight-bit entries, padded to an even length.
        return np.frombuffer(data, np.uint8)[:count].astype(np.uint16)
    words = data[: len(data) // 2 * 2]
    return np.frombuffer(words, ">u2" if big_endian else "<u2").astype(np.uint16)


def _is_signed(header: Dataset) -> bool:
    return bool(header.get("PixelRepresentation", 0) == 1)


def _as_signed(word: int) -> int:
    """Read a 16-bit number as two's complement, where the file's VR left it open (US or SS)."""
    return word - 2**16 if word >= 2**15 else word
