"""Files for readers: the beginning of a picture, and headers of DICOM files."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

WriteDicom = Callable[..., Path]
Touch = Callable[..., None]


@pytest.fixture
def write_dicom() -> WriteDicom:
    """Return a function that writes a header without pixels."""

    def write(path: Path, *, syntax: str = ExplicitVRLittleEndian, **tags: object) -> Path:
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = syntax
        dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
        for name, value in tags.items():
            setattr(dataset, name, value)
        path.parent.mkdir(parents=True, exist_ok=True)
        dataset.save_as(path, enforce_file_format=True)
        return path

    return write


@pytest.fixture
def touch() -> Touch:
    """Return a function that writes files which begin as a JPEG does."""

    def write(*paths: Path, content: bytes = b"\xff\xd8\xff\xe0") -> None:
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    return write
