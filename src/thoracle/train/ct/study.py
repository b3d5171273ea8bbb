"""All trainings of one recipe: everybody, leave-one-patient-out, and on fewer patients."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from thoracle.datasets.ct_cases import CtCase, read_case
from thoracle.train.ct.crops import training_scan
from thoracle.train.ct.fit import CtRun, fit, run_without
from thoracle.train.ct.packing import pack_ct
from thoracle.train.ct.recipe import CtRecipe
from thoracle.train.export import Parity

BUNDLE: Final = "bundle"
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyParts:
    """Which trainings a study has.

    `everybody` is the bundle that ships, of all patients; `one_out` one training per patient,
    without them; `fewer` the learning curve: one training per patient and number of others.
    """

    everybody: bool = True
    one_out: bool = True
    fewer: bool = False


def study(
    recipe: CtRecipe, cases: Sequence[CtCase], folder: Path, *, parts: StudyParts, told: Told
) -> tuple[Path, ...]:
    """Train and export every part that is not done yet; a stopped study goes on where it was.

    Parameters
    ----------
    recipe
        What to train.
    cases
        All labeled scans.
    folder
        Each training has a folder of its own in it.
    parts
        Which.
    told
        Told of each training that begins.

    Returns
    -------
    tuple of Path
        The bundles, in order.
    """
    bundles = []
    for run in planned(recipe, cases, folder, parts=parts):
        told(f"{run.folder.name}: learns from {', '.join(run.patients)}")
        fit_and_pack(run)
        bundles.append(run.folder / BUNDLE)
    return tuple(bundles)


def planned(
    recipe: CtRecipe, cases: Sequence[CtCase], folder: Path, *, parts: StudyParts
) -> Iterator[CtRun]:
    """Yield the trainings of a study.

    Parameters
    ----------
    recipe, cases, folder, parts
        As for `study`.

    Yields
    ------
    CtRun
        The held-out patients first, then everybody, then the learning curve.
    """
    patients = sorted({one.patient for one in cases})
    if parts.one_out:
        for name in patients:
            place = folder / f"without-{name}"
            yield run_without(recipe, cases, left_out=[name], folder=place)
    if parts.everybody:
        yield run_without(recipe, cases, left_out=[], folder=folder / "all")
    for count in range(len(patients) - 2, 0, -1) if parts.fewer else ():
        for name in patients:
            learned = learned_from(patients, name, count)
            others = sorted(set(patients) - set(learned))
            place = folder / f"without-{name}-of-{count}"
            yield run_without(recipe, cases, left_out=others, folder=place)


def learned_from(patients: Sequence[str], held_out: str, count: int) -> tuple[str, ...]:
    """Return the patients that follow the one held out, so that each is learned from as often.

    Parameters
    ----------
    patients
        All, in a fixed order that is taken as a ring.
    held_out
        Who is judged.
    count
        How many to learn from, fewer than there are.

    Returns
    -------
    tuple of str
        A smaller set is part of a larger one.
    """
    at = patients.index(held_out)
    return tuple(patients[(at + one) % len(patients)] for one in range(1, count + 1))


def fit_and_pack(run: CtRun, *, told: Mapping[str, str] = MappingProxyType({})) -> Parity | None:
    """Train one part and export it beside its run.

    Parameters
    ----------
    run
        From `planned` or `run_without`.
    told
        What else the bundle says of its training.

    Returns
    -------
    Parity
        How far ONNX Runtime and torch differ; None where the bundle was there already.
    """
    fit(run)
    bundle = run.folder / BUNDLE
    if bundle.exists():
        return None
    slices, rows, columns = run.recipe.spacing_mm
    scans = tuple(
        training_scan(read_case(one), spacing_mm=(slices, rows, columns)) for one in run.cases
    )
    return pack_ct(run.folder, scans, bundle, told=told)
