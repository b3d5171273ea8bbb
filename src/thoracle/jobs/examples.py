"""Use cases around synthetic films: draw some, fit the model, prove that nobody is in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from thoracle.core.errors import ThoracleError
from thoracle.core.files import write_atomically
from thoracle.datasets import film_writing
from thoracle.datasets.duplicates import DuplicatePair
from thoracle.datasets.film import Film
from thoracle.datasets.film_alignment import OutlinedFilm, align_films, choose_films, outline_film
from thoracle.datasets.film_fit import fit_model
from thoracle.datasets.film_model import FilmModel, shipped_model
from thoracle.datasets.film_privacy import Nearness, measure_nearness
from thoracle.datasets.film_render import FilmRequest, SyntheticFilm, draw_film
from thoracle.datasets.labels import FINDINGS, NO_FINDING
from thoracle.datasets.lung_forms import compare_form
from thoracle.datasets.manifest import Manifest, refuse_synthetic_films
from thoracle.jobs.film_lungs import FindLungs, lung_form_of, lungs_of

FILMS_PER_FINDING = 300
"""Most films of one finding in a model; more made no visible difference and cost minutes."""
FIT_SEED = 0
_MOST_FILMS = 10_000  # of one command: a typing error should not fill a disk

Step = Callable[[str], None]


class ExamplesError(ThoracleError):
    """Synthetic films cannot be made as asked."""

    code = "examples"


class Format(StrEnum):
    """Which files to write of each film."""

    PNG = "png"
    DICOM = "dicom"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamplesRequest:
    """Which films to make: `finding` None takes all findings in turn; `size` in pixels."""

    count: int
    seed: int
    size: int
    finding: str | None = None
    format: Format = Format.PNG
    with_opacity: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmChoice:
    """Which films of a manifest stand in the model, or are compared with its films.

    `one_each` takes one film of each patient; without it, an audit compares with all of them.
    """

    manifest: Manifest
    pairs: tuple[DuplicatePair, ...] = ()
    per_finding: int = FILMS_PER_FINDING
    seed: int = FIT_SEED
    one_each: bool = True


def make_examples(
    request: ExamplesRequest, folder: Path, *, model: FilmModel | None = None
) -> tuple[Path, ...]:
    """Draw synthetic films and write them, each with a JSON file of what it shows.

    Parameters
    ----------
    request
        Count, seed, size, finding and format. With an opacity and no finding, films without a
        finding are drawn, so that the opacity is the only one.
    folder
        Made if needed; files of the same names are overwritten.
    model
        The shipped one by default.

    Returns
    -------
    tuple of Path
        Every file written.

    Raises
    ------
    ExamplesError
        The count is not positive, or far too high.
    """
    if not 1 <= request.count <= _MOST_FILMS:
        raise ExamplesError(
            f"{request.count} films were asked for, expected 1 to {_MOST_FILMS}. Ask for fewer."
        )
    model = model or shipped_model()
    written: list[Path] = []
    for number in range(request.count):
        film = draw_film(
            model,
            FilmRequest(
                finding=_finding_of(request, model, number),
                seed=request.seed,
                number=number,
                size=request.size,
                with_opacity=request.with_opacity,
            ),
        )
        name = f"synthetic-{request.seed}-{number:03d}"
        for suffix, content in _files(film, name, request.format).items():
            path = folder / f"{name}{suffix}"
            write_atomically(path, content)
            written.append(path)
    return tuple(written)


def fit_film_model(choice: FilmChoice, *, find_lungs: FindLungs, on_step: Step) -> FilmModel:
    """Fit the film model to the adults of a manifest.

    Parameters
    ----------
    choice
        Manifest, its near-duplicates, and how many films to take.
    find_lungs
        For films without a human mask.
    on_step
        Told of each stage.

    A synthetic film among those chosen is an ImageError: nothing is learned from them.
    """
    chosen_films = _chosen(choice)
    refuse_synthetic_films(choice.manifest.select(film for film, _ in chosen_films))
    on_step("lungs")
    outlined = [
        film
        for chosen, group in chosen_films
        if (film := _outlined(chosen, group, choice.manifest, find_lungs)) is not None
    ]
    on_step(f"alignment of {len(outlined)} films")
    aligned = align_films(outlined, FINDINGS)
    return fit_model(aligned, FINDINGS, seed=choice.seed, on_step=on_step)


def audit_examples(
    choice: FilmChoice, *, count: int, find_lungs: FindLungs, model: FilmModel | None = None
) -> tuple[Nearness, ...]:
    """Measure how near synthetic films come to the films that the model was fitted to.

    Parameters
    ----------
    choice
        As it was for the fit.
    count
        How many synthetic films to draw, all findings in turn.
    find_lungs
        For films without a human mask.
    model
        The shipped one by default.
    """
    model = model or shipped_model()
    forms, groups = [], []
    for film, group in _chosen(choice):
        form = lung_form_of(film, choice.manifest, find_lungs)
        if form is not None:
            forms.append(form)
            groups.append(group)
    drawn = []
    for number in range(count):
        finding = model.findings[number % len(model.findings)]
        request = FilmRequest(finding=finding, seed=choice.seed, number=number, size=256)
        nobody = draw_film(model, request)
        drawn.append(compare_form(nobody.pixels, nobody.lungs))
    return measure_nearness(np.array(drawn), np.array(forms), groups)


def _finding_of(request: ExamplesRequest, model: FilmModel, number: int) -> str:
    if request.finding is not None:
        return request.finding
    return NO_FINDING if request.with_opacity else model.findings[number % len(model.findings)]


def _files(film: SyntheticFilm, name: str, wanted: Format) -> dict[str, bytes]:
    files = {".json": film_writing.film_json(film, name=name)}
    if wanted in {Format.PNG, Format.BOTH}:
        files[".png"] = film_writing.film_png(film)
    if wanted in {Format.DICOM, Format.BOTH}:
        files[".dcm"] = film_writing.film_dicom(film)
    if film.opacity_mask is not None:
        files["-opacity.png"] = film_writing.mask_png(film, film.opacity_mask)
    return files


def _chosen(choice: FilmChoice) -> Sequence[tuple[Film, str]]:
    return choose_films(
        choice.manifest,
        choice.pairs,
        per_finding=choice.per_finding,
        seed=choice.seed,
        one_each=choice.one_each,
    )


def _outlined(
    film: Film, group: str, manifest: Manifest, find_lungs: FindLungs
) -> OutlinedFilm | None:
    pixels, lungs = lungs_of(film, manifest, find_lungs)
    return outline_film(pixels, lungs, finding=film.finding or "", group=group)
