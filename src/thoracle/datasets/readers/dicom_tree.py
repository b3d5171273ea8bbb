"""A folder of DICOM files: patient, date, view, age and sex from the headers, no label."""

from pathlib import Path

from thoracle.core.errors import ManifestError
from thoracle.datasets.readers.dicom_files import read_dicom_film
from thoracle.datasets.readers.reading import DatedFilm, Reading, SkippedFileError, read_each
from thoracle.datasets.readers.source_files import kind_of_file


def read(folder: Path) -> Reading:
    """Read every chest radiograph and CT slice of a DICOM tree; paths are absolute.

    Files are told by their content. Headers only are read. The study offset counts from
    the patient's first study in the tree. Secondary captures are kept, since they may be films;
    other modalities, several frames and deflated files are left out and counted.

    Raises
    ------
    ManifestError
        The folder holds no DICOM radiograph.
    """
    source = folder.resolve().name

    def read_one(path: Path) -> DatedFilm:
        kind = kind_of_file(path)
        if kind != "DICOM":
            raise SkippedFileError(kind)
        return read_dicom_film(path, source=source)

    reading = read_each(sorted(path for path in folder.rglob("*") if path.is_file()), read_one)
    if not reading.films:
        raise ManifestError(
            f"found no DICOM radiograph in {folder} (skipped: {reading.skipped_text}) – expected "
            "files with modality CR, DX or CT, or secondary captures. Check the path; images in "
            "other formats go through --folder or --table."
        )
    return reading
