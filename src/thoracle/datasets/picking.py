"""Copy chosen films of a manifest into a folder per class: how small teaching sets are built."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Film
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.labels import label_text, labels_of_words
from thoracle.datasets.manifest import Manifest
from thoracle.imaging.faults import UnreadableFileError


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which films: empty means any; lateral films and CT are left out unless `views` names them.

    `label` is a word for one class or a label text, as `labels_of_words` reads it.
    """

    label: str
    sources: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    films: int = 0
    one_per_patient: bool = False


def pick(manifest: Manifest, choice: Choice, *, seed: int) -> tuple[Film, ...]:
    """Draw films of one label.

    Parameters
    ----------
    manifest
        Where they are drawn from.
    choice
        Which; `films` is how many, 0 for all.
    seed
        Makes the draw repeat.

    Raises
    ------
    ManifestError
        Fewer films fit than are asked for, or none.
    """
    wanted = label_text(labels_of_words(choice.label))
    fitting = [film for film in manifest.films if film.label == wanted and _fits(film, choice)]
    order = np.random.default_rng(seed).permutation(len(fitting))
    drawn: list[Film] = []
    patients: set[str] = set()
    for index in order:
        film = fitting[index]
        who = film.patient or film.path
        if not (choice.one_per_patient and who in patients):
            drawn.append(film)
            patients.add(who)
    if len(drawn) < max(1, choice.films):
        raise ManifestError(
            f"found {len(drawn)} films with label {wanted!r} that fit – expected at least "
            f"{max(1, choice.films)}. The manifest has {_has(manifest, wanted)}. Ask for fewer, or "
            "name other labels, sources or views.",
            code="pick-too-few",
        )
    return tuple(drawn[: choice.films or None])


def copy_films(manifest: Manifest, films: Sequence[Film], out: Path) -> None:
    r"""Copy films into a new folder, each name beginning with folder and patient's number there.

    Parameters
    ----------
    manifest
        Of the films.
    films
        From `pick`. In a folder covid the patients are covid001, covid002 … in the order they
        come, so that `--patient-pattern "^(\D+\d+)_"` tells them.
    out
        Made whole or not at all.

    Raises
    ------
    ManifestError
        The folder holds something already.
    UnreadableFileError
        A film cannot be read.
    """
    if out.exists() and any(out.iterdir()):
        raise ManifestError(
            f"found files in {out} – expected a new or empty folder. Name another one with --out."
        )
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    numbers: dict[str, int] = {}
    for film in films:
        number = numbers.setdefault(film.patient or film.path, len(numbers) + 1)
        file = manifest.resolve(film)
        try:
            shutil.copyfile(file, partial / f"{out.name}{number:03d}_{file.name}")
        except OSError as fault:
            shutil.rmtree(partial, ignore_errors=True)
            raise UnreadableFileError(file, fault) from fault
    if out.exists():
        out.rmdir()
    partial.rename(out)


def _has(manifest: Manifest, label: str) -> str:
    """Tell the sources and views of a label's films; all labels where it has none."""
    own = [film for film in manifest.films if film.label == label]
    if not own:
        return f"labels {', '.join(sorted({one.label for one in manifest.films if one.label}))}"
    kinds = Counter((one.source, one.view or "view unknown") for one in own)
    return ", ".join(f"{count} of {source} {view}" for (source, view), count in kinds.most_common())


def _fits(film: Film, choice: Choice) -> bool:
    if choice.sources and film.source not in choice.sources:
        return False
    return film.view in choice.views if choice.views else is_frontal(film)
