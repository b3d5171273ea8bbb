"""A folder with a subfolder per class, whatever the classes, as a protocol of its own."""

import re
from dataclasses import dataclass
from pathlib import Path

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.readers.folder import compiled_pattern
from thoracle.datasets.readers.source_files import is_skipped, kind_of_file
from thoracle.imaging.sniff import FORMATS
from thoracle.train.protocols.protocol import Arm, ClassMakeUp, Origin, Protocol, Shares

TUNE_SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFolder:
    """Films of a folder, each labeled with the name of its subfolder."""

    name: str
    manifest: Manifest
    classes: tuple[str, ...]


def read_class_folder(folder: Path, *, patient_pattern: str | None) -> ClassFolder:
    r"""Read a folder whose subfolders are named for their classes, which may be any.

    Files are told by their content; what is no film is left out.

    Parameters
    ----------
    folder
        At least two subfolders with films.
    patient_pattern
        Regular expression whose first group, searched in a file's stem, names the patient, for
        instance "^([a-z]+\d+)_"; None makes each film a patient of its own. A wrong one is a
        ManifestError.

    Raises
    ------
    ManifestError
        There are fewer than two classes with films, or the pattern finds no patient at all.
    """
    pattern = compiled_pattern(patient_pattern)
    files = (path for path in sorted(folder.rglob("*")) if _may_be_film(path, folder))
    films = [_film(path, folder, pattern) for path in files if kind_of_file(path) in FORMATS]
    classes = tuple(sorted({film.label for film in films}))
    if len(classes) < 2:
        raise ManifestError(
            f"found {len(classes)} subfolders with films in {folder} – expected one for each of at "
            "least two classes. Check the path."
        )
    if pattern is not None and not any(film.patient for film in films):
        raise ManifestError(
            f"found no patient in {len(films)} of {len(films)} file names with the pattern "
            f"{pattern.pattern!r}, for instance {Path(films[0].path).stem} – expected its first "
            "group to name one. Correct --patient-pattern.",
            code="patient-pattern",
        )
    manifest = Manifest(films=tuple(films), root=folder.resolve())
    return ClassFolder(name=folder.resolve().name, manifest=manifest, classes=classes)


def protocol_of_folder(read: ClassFolder, arm: Arm, *, test_share: float) -> Protocol:
    """Return the protocol that trains an arm on a folder's classes.

    Parameters
    ----------
    read
        From `read_class_folder`.
    arm
        Network and steps.
    test_share
        Share of films that judge; `TUNE_SHARE` shows how learning goes.
    """
    classes = tuple(
        ClassMakeUp(
            name=name,
            published="",
            origins=(Origin(sources=(read.name,), labels=(name,)),),
        )
        for name in read.classes
    )
    train = 1.0 - test_share - TUNE_SHARE
    return Protocol(
        name=read.name,
        title=f"{arm.name} on {read.name}",
        reference="A folder of one's own",
        shares=Shares(train=train, tune=TUNE_SHARE, test=test_share),
        classes=classes,
        arms=(arm,),
        published=(),
        differences=(),
    )


def _may_be_film(path: Path, folder: Path) -> bool:
    relative = path.relative_to(folder)
    return len(relative.parts) > 1 and path.is_file() and not is_skipped(relative)


def _film(path: Path, folder: Path, pattern: re.Pattern[str] | None) -> Film:
    relative = path.relative_to(folder)
    source = folder.resolve().name
    match = pattern.search(path.stem) if pattern else None
    return Film(
        path=str(relative),
        source=source,
        patient=f"{source}:{match[1]}" if match else None,
        label=relative.parts[0],
        label_origin=f"folder {relative.parts[0]}",
    )
