"""Open a CT scan that anybody sent: a folder or a ZIP archive of DICOM slices, or a NIfTI file."""

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from thoracle.core.errors import ImageError
from thoracle.core.results import Reason
from thoracle.imaging.archive import is_archive
from thoracle.imaging.ct_slice import CtSlice
from thoracle.imaging.faults import UnreadableFileError
from thoracle.imaging.sandbox import DecoderPool, Member
from thoracle.imaging.scan import CtScan
from thoracle.imaging.series import assemble
from thoracle.imaging.sniff import HEAD_BYTES, kind_of
from thoracle.imaging.trust import ScanRefusedError, Trust
from thoracle.imaging.volume_scan import scan_of_volume

__all__ = ["ScanRefusedError", "Trust", "open_scan"]

FILES_MAX: Final = 4000
_GZIP: Final = b"\x1f\x8b"
_NIFTI: Final = "NIfTI"
_NOT_SLICES: Final = ("dicomdir", "thumbs.db", "desktop.ini", "__macosx")
# A structured report or a colored picture beside a series is no missing slice.
_NO_PICTURES: Final = ("image-dicom-no-pixels", "scan-color")


def open_scan(
    path: Path, trust: Trust, pool: DecoderPool, *, series_uid: str | None = None
) -> CtScan:
    """Open one scan.

    Parameters
    ----------
    path
        A folder with DICOM files (at any depth), a ZIP archive of them, or .nii or .nii.gz, also in
        a ZIP archive. What it is, is told by its bytes.
    trust
        What a user takes responsibility for.
    pool
        Decodes the files; none is opened in this process.
    series_uid
        Which Series Instance UID (0020,000E), or its beginning, where there are several.

    Returns
    -------
    CtScan
        In the patient's axes (LPS), in HU. What cannot be trusted is a ScanRefusedError, whose
        `reasons` say all that was found; a file that cannot be read is an ImageError.
    """
    if path.is_dir():
        members = [Member(name=str(one.relative_to(path)), path=one) for one in _files(path)]
        return _of_members(members, trust, pool, series_uid)
    content = _content(path)
    if not is_archive(content):
        return _of_members([Member(name=path.name, path=path)], trust, pool, series_uid)
    with tempfile.TemporaryDirectory(prefix="thoracle-") as folder:
        unpacked = pool.unpack(content, Path(folder), files_max=FILES_MAX)
        del content  # it may be as large as the scan
        return _of_members(unpacked, trust, pool, series_uid)


def _of_members(
    members: Sequence[Member], trust: Trust, pool: DecoderPool, series_uid: str | None
) -> CtScan:
    kinds = [(one, _kind(one.path)) for one in members]
    slices = [one for one, kind in kinds if kind.casefold().find("dicom") >= 0]
    volumes = [one for one, kind in kinds if kind == _NIFTI]
    if len(volumes) == 1 and not slices:
        one = volumes[0]
        return scan_of_volume(pool.decode_volume(_content(one.path), name=one.name), trust)
    if not slices:
        raise _no_scan(kinds, len(volumes))
    others = len(members) - len(slices)
    decoded, pictures = _decoded(slices, pool)
    return assemble(decoded, trust, series_uid=series_uid, warnings=_left_out(others, pictures))


def _decoded(slices: Sequence[Member], pool: DecoderPool) -> tuple[list[CtSlice], int]:
    """Decode slices with all children of the pool; return how many files hold no slice.

    Raises
    ------
    ImageError
        No file holds a slice: what is wrong with the first.
    """
    with ThreadPoolExecutor(pool.workers) as threads:
        found = list(threads.map(lambda one: _slice_of(one, pool), slices))
    kept = [one for one in found if isinstance(one, CtSlice)]
    refused = [one for one in found if isinstance(one, ImageError)]
    if not kept and refused:
        raise ImageError(refused[0].text, code=refused[0].code)
    return kept, len(refused)


def _slice_of(member: Member, pool: DecoderPool) -> CtSlice | ImageError:
    try:
        return pool.decode_slice(_content(member.path), name=member.name)
    except ImageError as error:
        if error.code in _NO_PICTURES:
            return error
        raise ImageError(f"{member.name}: {error.text}", code=error.code) from error


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder that may be slices, by name.

    Raises
    ------
    ImageError
        scan-too-many.
    """
    found = [one for one in sorted(folder.rglob("*")) if one.is_file() and _may_be(one, folder)]
    if len(found) > FILES_MAX:
        raise ImageError(
            f"found {len(found)} files – expected at most {FILES_MAX}. Give the folder of one "
            "study.",
            code="scan-too-many",
        )
    yield from found


def _may_be(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    return not any(part.startswith(".") or part.lower() in _NOT_SLICES for part in parts)


def _kind(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError as fault:
        raise UnreadableFileError(path, fault) from fault
    # What is in a gzip file its reader says: nothing but NIfTI comes so.
    return _NIFTI if head.startswith(_GZIP) else kind_of(head)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise UnreadableFileError(path, fault) from fault


def _no_scan(kinds: Sequence[tuple[Member, str]], volumes: int) -> ImageError:
    if volumes:
        return ImageError(
            f"found {volumes} NIfTI volumes – expected one. Choose one.",
            code="scan-several-volumes",
        )
    first = f"{kinds[0][0].name}: {kinds[0][1]}" if kinds else "–"
    return ImageError(
        f"found no DICOM or NIfTI file ({first}) – expected one CT: a folder or ZIP archive of its "
        "DICOM slices, or one .nii or .nii.gz file. Choose one.",
        code="scan-none",
    )


def _left_out(others: int, pictures: int) -> tuple[Reason, ...]:
    told = []
    if others:
        text = f"Files that are not DICOM, left out: {others}."
        told.append(Reason(code="scan-other-files", text=text))
    if pictures:
        text = f"DICOM files without a grey picture, left out: {pictures}."
        told.append(Reason(code="scan-reports", text=text))
    return tuple(told)
