"""DICOM Pixel Data to stored values: one named decoder for each transfer syntax."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels import apply_color_lut, get_decoder
from pydicom.pixels.utils import get_expected_length
from pydicom.uid import UID

from thoracle.imaging import dicom_header as syntaxes
from thoracle.imaging.codestream import read_j2k_declaration, read_jpeg_declaration
from thoracle.imaging.faults import CorruptImageError, TruncatedImageError

# Which library reads what, in the versions that we pin: the fastest that gives the same
# numbers as the others on the samples of tests/oracle/imaging.
_PLUGINS = {
    syntaxes.RLE: "pydicom",
    syntaxes.JPEG_BASELINE: "pillow",
    syntaxes.JPEG_EXTENDED: "pillow",  # 8 bits; 12 bits go to GDCM directly.
    **dict.fromkeys(syntaxes.JPEG_LOSSLESS, "gdcm"),
    **dict.fromkeys(syntaxes.JPEG_LS, "pyjpegls"),
    **dict.fromkeys(syntaxes.JPEG_2000, "gdcm"),
}

_RLE_HEADER_BYTES = 64  # DICOM PS3.5 G.5.
_RLE_RATIO_MAX = 64  # Two bytes stand for at most 128: DICOM PS3.5 G.3.1.


def read_stored(header: Dataset) -> NDArray[Any]:
    """Decode Pixel Data.

    Parameters
    ----------
    header
        A data set that `dicom_header.check_header` has passed.

    Returns
    -------
    (rows, columns) int16, uint16, int8 or uint8, or (rows, columns, 3) uint8 or uint16
        Stored values; palette and YBR color as RGB. Encoded pixels that are too short, or that
        declare another size than the header, are an ImageError.
    """
    syntax = str(header.file_meta.TransferSyntaxUID)
    if syntax in syntaxes.NATIVE:
        _check_native_length(header)
    else:
        encoded = get_frame(header.PixelData, 0, number_of_frames=1)
        _check_encoded(header, encoded, syntax=syntax)
        if syntax == syntaxes.JPEG_EXTENDED and header.BitsStored > 8:
            return _decode_extended_12_bit(header, encoded)
    stored: NDArray[Any]
    stored, _ = get_decoder(UID(syntax)).as_array(
        header, index=0, decoding_plugin=_PLUGINS.get(syntax, ""), allow_excess_frames=False
    )
    if header.PhotometricInterpretation == "PALETTE COLOR":
        return _palette_to_rgb(stored, header)
    return stored


def _palette_to_rgb(stored: NDArray[Any], header: Dataset) -> NDArray[Any]:
    """Look colors up; entries of 16 bits may hold 8-bit colors."""
    rgb: NDArray[Any] = apply_color_lut(stored, header)[..., :3]
    if rgb.dtype == np.uint16 and rgb.max() < 256:
        return rgb.astype(np.uint8)
    return rgb


def _check_native_length(header: Dataset) -> None:
    expected = get_expected_length(header, unit="bytes")
    if len(header.PixelData) < expected:
        raise TruncatedImageError(
            "DICOM", f"Pixel Data (7FE0,0010) has {len(header.PixelData)} of {expected} bytes"
        )


def _check_encoded(header: Dataset, encoded: bytes, *, syntax: str) -> None:
    if syntax == syntaxes.RLE:
        _check_rle(header, encoded)
        return
    read = read_j2k_declaration if syntax in syntaxes.JPEG_2000 else read_jpeg_declaration
    declared = read(encoded)
    if declared is None:
        raise CorruptImageError("DICOM", f"its Pixel Data is no {UID(syntax).name} codestream")
    inside = (declared.rows, declared.columns, declared.samples)
    outside = (header.Rows, header.Columns, header.SamplesPerPixel)
    if inside != outside or not 1 <= declared.bits <= 16:
        raise CorruptImageError(
            "DICOM",
            "its header declares {} × {} × {}, but its codestream {} × {} × {}".format(
                *outside, *inside
            )
            + f" of {declared.bits} bits",
        )


# What the header claims is compared with what the segments could hold, before it is allocated.
def _check_rle(header: Dataset, encoded: bytes) -> None:
    pixels = header.Rows * header.Columns
    segments = header.SamplesPerPixel * header.BitsAllocated // 8
    if int.from_bytes(encoded[:4], "little") != segments:
        raise CorruptImageError("DICOM", f"its RLE header does not hold {segments} segments")
    held = len(encoded) - _RLE_HEADER_BYTES
    if held * _RLE_RATIO_MAX < pixels * segments:
        raise TruncatedImageError(
            "DICOM", f"{max(held, 0)} bytes of RLE cannot hold {pixels * segments} bytes of pixels"
        )
    starts = np.frombuffer(encoded[4 : 4 + 4 * segments], "<u4").astype(np.int64)
    lengths = np.diff(np.append(starts, len(encoded)))
    if starts[0] < _RLE_HEADER_BYTES or lengths.min() < 0 or lengths.max() > 2 * pixels + 256:
        raise CorruptImageError("DICOM", "its RLE segments overlap or are longer than the picture")


# JPEG process 4 with GDCM: it reads 12 bits, which pydicom's plug-in for it refuses to try.
def _decode_extended_12_bit(header: Dataset, encoded: bytes) -> NDArray[Any]:
    import gdcm

    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(encoded)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((header.Columns, header.Rows, 1))
    image.SetDataElement(element)
    kind = gdcm.PhotometricInterpretation.GetPIType(header.PhotometricInterpretation)
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(kind))
    syntax = gdcm.TransferSyntax.GetTSType(syntaxes.JPEG_EXTENDED)
    image.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    bits = header.BitsStored
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, bits, bits - 1, header.PixelRepresentation))
    # GDCM hands bytes over as text with surrogate escapes.
    decoded = image.GetBuffer().encode("utf-8", "surrogateescape")
    stored_type = np.int16 if header.PixelRepresentation else np.uint16
    stored = np.frombuffer(decoded, stored_type)
    if header.SamplesPerPixel != 1 or stored.size != header.Rows * header.Columns:
        raise CorruptImageError("DICOM", f"its 12-bit JPEG decodes to {len(decoded)} bytes")
    return stored.reshape(header.Rows, header.Columns)
