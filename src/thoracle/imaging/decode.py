"""Bytes to a radiograph in this process: for the decoder's child, and for trusted files."""

from pathlib import Path

from thoracle.core.errors import ImageError
from thoracle.core.files import sha256_of
from thoracle.imaging.faults import DECODER_FAULTS, as_image_error
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.raster import read_raster
from thoracle.imaging.sniff import sniff_format
from thoracle.imaging.types import Decoded, Radiograph

__all__ = ["DecodeLimits", "decode", "decode_samples", "decode_trusted_file"]


def decode(content: bytes, *, limits: DecodeLimits) -> Radiograph:
    """Decode a file whose origin is trusted; uploads go through `sandbox.DecoderPool`.

    Parameters
    ----------
    content
        The whole file, of a format in `sniff.FORMATS`.
    limits
        What the file may declare.

    Returns
    -------
    Radiograph
        Bone bright, 0 to 1. A file that is not one readable film is an ImageError, whose code
        says why.
    """
    return decode_samples(content, limits=limits).to_radiograph(sha256=sha256_of(content))


def decode_trusted_file(path: Path) -> Radiograph:
    """Decode one file of a local collection, within the limits of the settings.

    Parameters
    ----------
    path
        Of a format in `sniff.FORMATS`.

    Returns
    -------
    Radiograph
        As `decode`.
    """
    return decode(path.read_bytes(), limits=DecodeLimits.from_settings())


def decode_samples(content: bytes, *, limits: DecodeLimits) -> Decoded:
    """Decode a file up to, but without, scaling its grey to 0…1.

    Parameters
    ----------
    content
        The whole file.
    limits
        What the file may declare.

    Returns
    -------
    Decoded
        Samples in the file's own depth, which are quicker to hand over than float32.

    Raises
    ------
    ImageError
        The file is not one readable film; its code says why.
    """
    format_name = sniff_format(content)
    limits.check_file_size(len(content))
    try:
        return _read(content, format_name=format_name, limits=limits)
    except ImageError:
        raise
    except DECODER_FAULTS as fault:
        error = as_image_error(fault, format_name=format_name)
        raise error from fault


def _read(content: bytes, *, format_name: str, limits: DecodeLimits) -> Decoded:
    if format_name == "DICOM":
        # Half a second of imports that a folder of PNG files does not need.
        from thoracle.imaging.dicom import read_dicom

        return read_dicom(content, limits=limits)
    if format_name == "TIFF":
        from thoracle.imaging.tiff import read_tiff

        return read_tiff(content, limits=limits)
    return read_raster(content, format_name=format_name, limits=limits)
