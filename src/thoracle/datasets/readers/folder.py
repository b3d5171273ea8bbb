"""A folder with one subfolder per class, each named for its label."""

import re
from collections.abc import Mapping
from pathlib import Path

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Film
from thoracle.datasets.labels import (
    ANY_PNEUMONIA,
    BACTERIAL,
    COVID_19,
    NORMAL,
    OPACITY,
    OTHER,
    UNKNOWN,
    VIRAL,
    Labels,
    label_text,
    parse_label,
)
from thoracle.datasets.readers import source_files

CLASS_NAMES: Mapping[str, Labels] = {
    "normal": NORMAL,
    "no finding": NORMAL,
    "healthy": NORMAL,
    "bacterial": BACTERIAL,
    "bacteria": BACTERIAL,
    "bacterial pneumonia": BACTERIAL,
    "viral": VIRAL,
    "virus": VIRAL,
    "viral pneumonia": VIRAL,
    "covid-19": COVID_19,
    "covid19": COVID_19,
    "covid": COVID_19,
    "other": OTHER,
    "pneumonia": ANY_PNEUMONIA,
    "lung opacity": OPACITY,
    "other lung opacity": OPACITY,
    "unknown": UNKNOWN,
    "unlabeled": UNKNOWN,
}


def read(folder: Path, *, patient_pattern: str | None) -> tuple[Film, ...]:
    r"""Read a folder per class; paths are absolute and the source is the folder's name.

    Parameters
    ----------
    folder
        Its subfolders carry class names such as normal, viral, COVID-19, or a label text.
    patient_pattern
        Regular expression whose first group, searched in the file's stem, names the
        patient, for instance "^(\\d+)_". None leaves patients unknown. A wrong pattern,
        and a subfolder whose name is no class, are a ManifestError.
    """
    pattern = _compiled(patient_pattern)
    source = folder.resolve().name
    return tuple(_film(path, folder, source, pattern) for path in source_files.image_files(folder))


def labels_of_class(name: str) -> Labels:
    """Turn a class folder's name into labels.

    Raises
    ------
    ManifestError
        The name is neither a known class nor a label text.
    """
    key = name.strip().lower().replace("_", " ")
    known = CLASS_NAMES.get(key)
    if known is not None:
        return known
    try:
        return parse_label(key)
    except ManifestError:
        raise ManifestError(
            f'Folder "{name}" is no known class; expected one of {", ".join(CLASS_NAMES)}. '
            'Rename it, or call it "unknown".',
            code="label-unknown",
        ) from None


def _film(path: Path, folder: Path, source: str, pattern: re.Pattern[str] | None) -> Film:
    relative = path.relative_to(folder)
    if len(relative.parts) < 2:
        raise ManifestError(
            f"{relative} lies beside the class folders; expected every image inside one. "
            "Move it into a folder named for its class."
        )
    match = pattern.search(path.stem) if pattern else None
    return Film(
        path=str(path),
        source=source,
        patient=f"{source}:{match[1]}" if match else None,
        label=label_text(labels_of_class(relative.parts[0])),
        label_origin=f"folder {relative.parts[0]}",
    )


def _compiled(patient_pattern: str | None) -> re.Pattern[str] | None:
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
