"""A folder with one subfolder per class, each named for its label."""

import re
from dataclasses import replace
from pathlib import Path

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Film
from thoracle.datasets.labels import WORDS, Labels, label_text, labels_of_words
from thoracle.datasets.readers.dicom_files import read_dicom_film
from thoracle.datasets.readers.reading import DatedFilm, Reading, SkippedFileError, read_each
from thoracle.datasets.readers.source_files import is_skipped, kind_of_file
from thoracle.imaging.sniff import FORMATS


def read(folder: Path, *, patient_pattern: str | None) -> Reading:
    r"""Read a folder per class; paths are absolute and the source is the folder's name.

    Files are told by their content, so that DICOM and names without an ending count too; what
    is no film is left out and counted. Of DICOM files, the header says patient, age, sex and view.

    Parameters
    ----------
    folder
        Its subfolders carry class names such as normal, viral, COVID-19, or a label text.
    patient_pattern
        Regular expression whose first group, searched in the file's stem, names the
        patient, for instance "^(\\d+)_". None leaves patients unknown, but for DICOM. A wrong
        pattern is a ManifestError.

    Raises
    ------
    ManifestError
        There is no film, one lies beside the subfolders, or a subfolder's name is no class.
    """
    pattern = compiled_pattern(patient_pattern)
    paths = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not is_skipped(path.relative_to(folder))
    )
    reading = read_each(paths, lambda path: _film(path, folder, pattern))
    if not reading.films:
        raise ManifestError(
            f"found no film in {folder} (skipped: {reading.skipped_text}) – expected a subfolder "
            f"for each class, with {', '.join(FORMATS)} files. Check the path."
        )
    return reading


def labels_of_class(name: str) -> Labels:
    """Turn a class folder's name into labels.

    Raises
    ------
    ManifestError
        The name is neither a known class nor a label text.
    """
    try:
        return labels_of_words(name)
    except ManifestError:
        raise ManifestError(
            f'Folder "{name}" is no known class; expected one of {", ".join(WORDS)}. '
            'Rename it, or call it "unknown".',
            code="label-unknown",
        ) from None


def _film(path: Path, folder: Path, pattern: re.Pattern[str] | None) -> DatedFilm:
    source = folder.resolve().name
    kind = kind_of_file(path)
    if kind not in FORMATS:
        raise SkippedFileError(kind)
    if kind == "DICOM":
        dated = read_dicom_film(path, source=source)
    else:
        dated = DatedFilm(film=Film(path=str(path), source=source))
    relative = path.relative_to(folder)
    if len(relative.parts) < 2:
        raise ManifestError(
            f"{relative} lies beside the class folders; expected every image inside one. "
            "Move it into a folder named for its class."
        )
    match = pattern.search(path.stem) if pattern else None
    film = replace(
        dated.film,
        patient=f"{source}:{match[1]}" if match else dated.film.patient,
        label=label_text(labels_of_class(relative.parts[0])),
        label_origin=f"folder {relative.parts[0]}",
    )
    return replace(dated, film=film)


def compiled_pattern(patient_pattern: str | None) -> re.Pattern[str] | None:
    """Compile what names a patient in a file's stem; None stays None.

    Raises
    ------
    ManifestError
        It is no regular expression, or has no group.
    """
    if patient_pattern is None:
        return None
    try:
        pattern = re.compile(patient_pattern)
    except re.error as error:
        raise ManifestError(
            f'Patient pattern "{patient_pattern}" is no regular expression ({error}); expected '
            r'for instance "^(\d+)_". Correct it.'
        ) from None
    if pattern.groups < 1:
        raise ManifestError(
            f'Patient pattern "{patient_pattern}" has no group; expected the patient in '
            r'parentheses, for instance "^(\d+)_". Add them.'
        )
    return pattern
