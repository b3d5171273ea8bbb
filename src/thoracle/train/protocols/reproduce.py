"""The use case behind `thoracle reproduce`: draw, train and judge a protocol, again and again."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

from thoracle.core.errors import RecipeError
from thoracle.core.files import sha256_of_file, write_atomically
from thoracle.core.progress import Progress, Steps, no_progress
from thoracle.core.version import version
from thoracle.datasets.duplicates import DuplicatePair
from thoracle.datasets.manifest import Manifest
from thoracle.jobs.film_lungs import FindLungs
from thoracle.train.protocols.experiment import Experiment, run_experiment
from thoracle.train.protocols.make_up import MakeUp, candidates, draw
from thoracle.train.protocols.pretraining import corpus, own_weights
from thoracle.train.protocols.protocol import Arm, Protocol
from thoracle.train.protocols.whole_films import WholeFilms, whole_films

SETTINGS = "run.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """What a run leaves out of a protocol to take less time; 0 leaves a number as it is.

    `size` is the side of all films, in pixels; `epochs` of each step and `films_per_epoch` are
    upper bounds; `films` is the most of a class.
    """

    size: int = 0
    epochs: int = 0
    films_per_epoch: int = 0
    films: int = 0
    pretraining_epochs: int = 0


QUICK = Cuts(size=64, epochs=6, films_per_epoch=400, films=100, pretraining_epochs=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a reproduction reads and writes.

    `weights` is a folder with BACKBONE.safetensors, or one such file; `pictures` are folders with
    a subfolder for each kind of picture, to pretrain on. `find_lungs` hides lungs in the first
    repeat; without it that is left out.
    """

    run: Path
    cache: Path
    pictures: tuple[Path, ...] = ()
    weights: Path | None = None
    find_lungs: FindLungs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Films:
    """A manifest and its near-duplicates."""

    manifest: Manifest = field(repr=False)
    pairs: Sequence[DuplicatePair] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How often, how much, from which seed, and whether timm's published weights are asked for."""

    repeats: int
    seed: int
    cuts: Cuts = Cuts()
    pretrained: bool = False


def reproduce(
    protocol: Protocol,
    films: Films,
    plan: Plan,
    places: Places,
    *,
    on_progress: Progress = no_progress,
) -> None:
    """Run all arms of a protocol as often as asked; what is done is not done again.

    Parameters
    ----------
    protocol
        From `read_protocol`.
    films
        What the films are drawn from.
    plan
        Repeats, seed, cuts.
    places
        Folders. A run folder of other settings is a RecipeError.
    on_progress
        Told of each epoch of each arm, and of pretraining.
    """
    keep_settings(protocol, films, plan, places)
    files = {f.path: films.manifest.resolve(f) for f in candidates(protocol, films.manifest)}
    arms = [cut(arm, plan) for arm in protocol.arms]
    epochs = {arm.name: arm.epochs for arm in arms}
    told = {arm.name: Steps(on_progress, arm.name, plan.repeats * epochs[arm.name]) for arm in arms}
    shown = _by_size(files, arms, places)
    begin = partial(initial_weights, protocol, on_progress=on_progress)
    weights = {arm.name: begin(arm, films, plan, places) for arm in arms}
    for repeat, made in _draws(protocol, films, plan):
        for arm in arms:
            run_experiment(
                Experiment(
                    protocol=protocol,
                    arm=arm,
                    make_up=made,
                    films=shown[arm.size],
                    folder=folder_of(places.run, arm, repeat),
                    seed=plan.seed + repeat,
                    weights=weights[arm.name],
                    with_maps=repeat == 0,
                    find_lungs=places.find_lungs if repeat == 0 else None,
                    root=films.manifest.root,
                    on_epoch=told[arm.name].step,
                )
            )
            told[arm.name].reach((repeat + 1) * epochs[arm.name])


def _by_size(
    files: Mapping[str, Path], arms: Sequence[Arm], places: Places
) -> dict[int, WholeFilms]:
    """Return the films at each size that an arm sees: the same in all repeats."""
    sizes = sorted({arm.size for arm in arms})
    return {size: whole_films(files, size=size, cache=places.cache) for size in sizes}


def _draws(protocol: Protocol, films: Films, plan: Plan) -> Iterator[tuple[int, MakeUp]]:
    for repeat in range(plan.repeats):
        made = draw(
            protocol,
            films.manifest,
            films.pairs,
            seed=plan.seed + repeat,
            most=plan.cuts.films,
        )
        yield repeat, made


def folder_of(run: Path, arm: Arm, repeat: int) -> Path:
    """Return where one arm of one repeat lies."""
    name = "".join(one if one.isalnum() else "-" for one in arm.name.lower())
    return run / f"repeat-{repeat:02d}" / name


def cut(arm: Arm, plan: Plan) -> Arm:
    """Return an arm as a plan runs it.

    Parameters
    ----------
    arm
        As the paper had it.
    plan
        Its cuts, and whether published weights are asked for.
    """
    cuts = plan.cuts
    steps = tuple(
        replace(
            step,
            epochs=min(step.epochs, cuts.epochs) if cuts.epochs and not arm.frozen else step.epochs,
            films_per_epoch=cuts.films_per_epoch or step.films_per_epoch,
        )
        for step in arm.steps
    )
    takes_published = plan.pretrained and arm.initial == "own"
    return replace(
        arm,
        size=min(arm.size, cuts.size or arm.size),
        steps=steps,
        network=replace(arm.network, pretrained=True) if takes_published else arm.network,
    )


def initial_weights(
    protocol: Protocol,
    arm: Arm,
    films: Films,
    plan: Plan,
    places: Places,
    *,
    on_progress: Progress = no_progress,
) -> Path | None:
    """Return the weights that an arm's backbone begins with, None for fresh or timm's own.

    Pretrained here where the arm asks for it, other pictures are given, and neither published
    nor given weights are there.

    Parameters
    ----------
    protocol, arm, films, plan, places
        Of the run.
    on_progress
        Told of pretraining.
    """
    if arm.initial != "own" or arm.network.pretrained:
        return None
    name = arm.network.backbone
    if places.weights is not None:
        is_folder = places.weights.is_dir()
        return places.weights / f"{name}.safetensors" if is_folder else places.weights
    if not places.pictures:
        return None
    return own_weights(
        arm.network,
        corpus(places.pictures, films.manifest, protocol.pretraining_sources),
        places.cache / "pretrained",
        epochs=plan.cuts.pretraining_epochs,
        on_progress=on_progress,
    )


def keep_settings(protocol: Protocol, films: Films, plan: Plan, places: Places) -> None:
    """Keep what a run is made of in its folder, or check it against what is there.

    Raises
    ------
    RecipeError
        The run in the folder was made with other settings, films, pictures or weights.
    """
    wanted = {
        "protocol": protocol.name,
        "protocol_digest": protocol.digest,
        "manifest_digest": films.manifest.digest,
        "near_duplicates": _pairs_digest(films.pairs),
        "seed": plan.seed,
        "cuts": asdict(plan.cuts),
        "pretrained": plan.pretrained,
        "weights": _weights_digest(places.weights),
        "pictures": corpus(places.pictures, films.manifest, ()).digest if places.pictures else "",
        "hides_lungs": places.find_lungs is not None,
    }
    path = places.run / SETTINGS
    if not path.exists():
        made = wanted | {"software_version": version()}
        write_atomically(path, json.dumps(made, indent=1).encode())
        return
    kept = json.loads(path.read_text(encoding="utf-8"))
    for name, value in wanted.items():
        if kept.get(name) != value:
            raise RecipeError(
                f"found a run in {places.run} with another {name} – expected {value!r}. Give "
                "another folder with --run, or the settings as they were.",
                code="run-input",
            )


def _pairs_digest(pairs: Sequence[DuplicatePair]) -> str:
    lines = sorted(f"{one.a}\t{one.b}" for one in pairs)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _weights_digest(weights: Path | None) -> str:
    """Return a digest over names and contents of given weights; "" without any."""
    if weights is None:
        return ""
    files = sorted(weights.glob("*.safetensors")) if weights.is_dir() else [weights]
    lines = [f"{file.name}\t{sha256_of_file(file)}" for file in files]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
