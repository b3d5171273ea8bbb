"""Bytes to a radiograph in this process: for the decoder's child, and for trusted files."""

from pathlib import Path

from thoracle.core.errors import ImageError
from thoracle.core.files import sha256_of
from thoracle.imaging.faults import (
    DECODER_FAULTS,
    SyntheticFilmError,
    UnreadableFileError,
    as_image_error,
)
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.raster import read_notes, read_raster
from thoracle.imaging.sniff import HEAD_BYTES, sniff_format
from thoracle.imaging.synthetic import bears_mark
from thoracle.imaging.types import Decoded, Radiograph

__all__ = [
    "DecodeLimits",
    "decode",
    "decode_samples",
    "decode_trusted_file",
    "decode_trusted_film",
    "is_synthetic_file",
    "refuse_synthetic",
]

_NO_FILM: tuple[type[Exception], ...] = (ImageError, *DECODER_FAULTS)


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

    Raises
    ------
    UnreadableFileError
        The file is missing or cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise UnreadableFileError(path, fault) from fault
    return decode(content, limits=DecodeLimits.from_settings())


def decode_trusted_film(path: Path) -> Radiograph:
    """Decode one film that a network learns from or is judged by: a patient's, never a synthetic.

    Parameters
    ----------
    path
        Of a format in `sniff.FORMATS`.

    Returns
    -------
    Radiograph
        As `decode`; a file that cannot be read or decoded is an ImageError.

    Raises
    ------
    SyntheticFilmError
        The film bears the mark of `thoracle examples make`.
    """
    film = decode_trusted_file(path)
    if film.is_synthetic:
        raise SyntheticFilmError(path)
    return film


def is_synthetic_file(path: Path) -> bool:
    """Say whether a local file bears the mark of a synthetic film, without decoding its pixels.

    Anything that cannot be read is not a synthetic film: its reader will say what is wrong.

    Parameters
    ----------
    path
        Of any format.
    """
    limits = DecodeLimits.from_settings()
    try:
        with path.open("rb") as stream:
            format_name = sniff_format(stream.read(HEAD_BYTES))
            stream.seek(0)
            if format_name != "DICOM":
                return bears_mark(read_notes(stream, format_name=format_name, limits=limits))
            from thoracle.imaging.dicom_header import is_marked, read_header

            limits.check_file_size(path.stat().st_size)
            return is_marked(read_header(stream.read(), limits=limits))
    except _NO_FILM:
        return False


def refuse_synthetic(path: Path) -> None:
    """Refuse a synthetic film where patients' films are listed, trained on or evaluated.

    Parameters
    ----------
    path
        Of any format.

    Raises
    ------
    SyntheticFilmError
        The file bears the mark of `thoracle examples make`.
    """
    if is_synthetic_file(path):
        raise SyntheticFilmError(path)


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
