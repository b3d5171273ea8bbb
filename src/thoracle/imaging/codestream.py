"""What a JPEG, JPEG-LS or JPEG 2000 codestream itself declares, read without decoding it."""

import struct
from dataclasses import dataclass

# Start-of-frame markers: ITU-T T.81 table B.1, and SOF55 of ITU-T T.87 (JPEG-LS).
_FRAME_MARKERS = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xF7})
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # Markers without a length.
_START_OF_SCAN = 0xDA

_J2K_SIZE = b"\xff\x4f\xff\x51"  # SOC followed by SIZ: ITU-T T.800 A.4.1, A.5.1.
_J2K_SEARCH_BYTES = 2**20  # A JP2 wrapper or a stray comment may stand before it.


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredPicture:
    """Size and depth as the codestream declares them."""

    rows: int
    columns: int
    samples: int
    bits: int


def read_jpeg_declaration(codestream: bytes) -> DeclaredPicture | None:
    """Return what the first frame header of a JPEG or JPEG-LS codestream declares.

    Parameters
    ----------
    codestream
        From SOI on.

    Returns
    -------
    DeclaredPicture or None
        None where there is no frame header before the first scan.

    References
    ----------
    ITU-T T.81 B.2.2; ITU-T T.87 C.2.2.
    """
    position = 2
    while position + 4 <= len(codestream):
        if codestream[position] != 0xFF:
            return None
        marker = codestream[position + 1]
        if marker == 0xFF:  # Fill bytes may stand before any marker.
            position += 1
            continue
        if marker in _ALONE:
            position += 2
            continue
        if marker in _FRAME_MARKERS:
            return _frame_header(codestream, position + 4)
        if marker == _START_OF_SCAN:
            return None
        position += 2 + max(int.from_bytes(codestream[position + 2 : position + 4], "big"), 2)
    return None


def _frame_header(codestream: bytes, position: int) -> DeclaredPicture | None:
    if position + 6 > len(codestream):
        return None
    bits, rows, columns, samples = struct.unpack_from(">BHHB", codestream, position)
    return DeclaredPicture(rows=rows, columns=columns, samples=samples, bits=bits)


def read_j2k_declaration(codestream: bytes) -> DeclaredPicture | None:
    """Return what the SIZ segment of a JPEG 2000 codestream declares.

    Parameters
    ----------
    codestream
        A codestream, bare or in a JP2 file.

    Returns
    -------
    DeclaredPicture or None
        None where there is no SIZ segment near the beginning.

    References
    ----------
    ITU-T T.800 A.5.1.
    """
    start = codestream.find(_J2K_SIZE, 0, _J2K_SEARCH_BYTES)
    if start < 0 or start + 45 > len(codestream):
        return None
    right, bottom, left, top = struct.unpack_from(">4I", codestream, start + 8)
    samples, depth = struct.unpack_from(">HB", codestream, start + 40)
    return DeclaredPicture(
        rows=bottom - top, columns=right - left, samples=samples, bits=(depth & 0x7F) + 1
    )
