"""Own pretraining where ImageNet's weights are not at hand: tell kind and rotation of pictures."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import lightning
import numpy as np
from safetensors.torch import save_file

from thoracle.core.arrays import ByteArray, IntArray
from thoracle.core.errors import ImageError, RecipeError
from thoracle.core.files import write_atomically
from thoracle.core.progress import Progress, Steps, no_progress
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.manifest import Manifest
from thoracle.imaging.decode import decode_trusted_film
from thoracle.imaging.resample import resize, to_bytes
from thoracle.train.architectures.build import Architecture, build
from thoracle.train.architectures.parts import PartedNetwork
from thoracle.train.protocols.fit import Examples, Fit, fit, logits_of
from thoracle.train.protocols.protocol import Step
from thoracle.train.weights import read_weights

SIDE = 112
TURNS = 4
TUNE_EVERY = 10  # one picture in ten chooses the epoch.
PICTURES_PER_EPOCH = 2000
STEP = Step(
    name="kind and rotation",
    epochs=10,
    learning_rate=3e-4,
    batch=32,
    label_smoothing=0.1,
    patience=10,
    halve_every=4,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Pictures that no protocol judges: files by kind."""

    files: Mapping[str, tuple[Path, ...]] = field(repr=False)

    @property
    def count(self) -> int:
        """Number of pictures."""
        return sum(len(one) for one in self.files.values())

    @property
    def digest(self) -> str:
        """SHA-256 over names and sizes, 64 hex digits."""
        lines = [
            f"{kind}\t{file.name}\t{file.stat().st_size}"
            for kind, files in sorted(self.files.items())
            for file in files
        ]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def corpus(folders: Sequence[Path], manifest: Manifest, sources: Sequence[str]) -> Corpus:
    """Collect what is at hand to pretrain on.

    Parameters
    ----------
    folders
        Each with a subfolder per kind of picture.
    manifest, sources
        Frontal films of these sources are there too, each source and label a kind.

    Returns
    -------
    Corpus
        A folder without subfolders is a RecipeError.
    """
    found = [one for folder in folders for one in _pictures_by_kind(folder)]
    found += [
        (f"{film.source} {film.label}", manifest.resolve(film))
        for film in manifest.films
        if film.source in sources and film.label and is_frontal(film)
    ]
    files: dict[str, list[Path]] = {}
    for kind, file in found:
        files.setdefault(kind, []).append(file)
    return Corpus(files={kind: tuple(some) for kind, some in files.items() if len(some) >= TURNS})


def _pictures_by_kind(folder: Path) -> list[tuple[str, Path]]:
    """Return kind and file of a folder's pictures.

    Raises
    ------
    RecipeError
        It has no subfolder.
    """
    kinds = [one for one in sorted(folder.glob("*")) if one.is_dir()]
    if not kinds:
        raise RecipeError(
            f"found no subfolder in {folder} – expected one for each kind of picture. "
            "Correct --pictures."
        )
    return [
        (kind.name, file) for kind in kinds for file in sorted(kind.rglob("*")) if file.is_file()
    ]


def own_weights(
    architecture: Architecture,
    pictures: Corpus,
    folder: Path,
    *,
    epochs: int,
    on_progress: Progress = no_progress,
) -> Path:
    """Pretrain a backbone, or find that it has been.

    Parameters
    ----------
    architecture
        Only its backbone matters.
    pictures
        From `corpus`.
    folder
        Where weights are kept, a file for each backbone and corpus.
    epochs
        At most; 0 for all that `STEP` has.
    on_progress
        Told of each epoch.

    Returns
    -------
    Path
        Safetensors of the backbone; what it was trained on and how well stands beside as JSON.
    """
    epochs = min(epochs or STEP.epochs, STEP.epochs)
    name = architecture.backbone.replace("/", "-")
    target = folder / f"{name}-{pictures.digest[:8]}-{epochs}.safetensors"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    lightning.seed_everything(1, verbose=False)
    films, kinds = _pictures(pictures)
    classes = len(pictures.files) * TURNS
    network = build(Architecture(backbone=architecture.backbone), outputs=classes, size=SIDE)
    train, tune = _examples(films, kinds)
    plan = Fit(
        step=replace(STEP, epochs=epochs, films_per_epoch=min(len(films), PICTURES_PER_EPOCH)),
        classes=classes,
        times=(1.0,) * classes,
        seed=1,
        curve=target.with_suffix(".csv"),
        on_epoch=Steps(on_progress, f"pretraining {name}", epochs).step,
    )
    run = fit(network, train, tune, plan)
    said = {
        "kinds": {kind: int((kinds == index).sum()) for index, kind in enumerate(pictures.files)},
        "digest": pictures.digest,
        "side_px": SIDE,
        "epochs": run,
        "tune_accuracy": float((logits_of(network, tune).argmax(axis=1) == tune.targets).mean()),
    }
    write_atomically(target.with_suffix(".json"), json.dumps(said, indent=1).encode())
    partial = target.with_suffix(".partial")
    save_file({k: v.contiguous() for k, v in network.backbone.state_dict().items()}, partial)
    partial.replace(target)
    return target


def load_backbone(network: PartedNetwork, path: Path) -> None:
    """Load a backbone's weights, of `own_weights` or of timm's own safetensors.

    Raises
    ------
    RecipeError
        It does not fit the backbone.
    """
    given = read_weights(path)
    own = network.backbone.state_dict()
    for prefix in ("", "network.", "features."):
        fitting = {
            prefix + k: v
            for k, v in given.items()
            if prefix + k in own and own[prefix + k].shape == v.shape
        }
        if len(fitting) >= 0.9 * len(own):
            network.backbone.load_state_dict(own | fitting)
            return
    raise RecipeError(
        f"found in {path} too few tensors that fit – expected those of this backbone, as timm "
        "names them. Use weights of the same network."
    )


def _pictures(pictures: Corpus) -> tuple[ByteArray, IntArray]:
    films, kinds = [], []
    for index, files in enumerate(pictures.files.values()):
        for file in files:
            try:
                pixels = decode_trusted_film(file).pixels
            except ImageError:
                continue
            films.append(to_bytes(resize(pixels, rows=SIDE, columns=SIDE)))
            kinds.append(index)
    return np.stack(films), np.array(kinds, dtype=np.int64)


def _examples(films: ByteArray, kinds: IntArray) -> tuple[Examples, Examples]:
    """Return train and tune examples: each picture four times, a quarter turn on."""
    turned = np.concatenate([np.rot90(films, turn, axes=(1, 2)) for turn in range(TURNS)])
    targets = np.concatenate([kinds * TURNS + turn for turn in range(TURNS)])
    rows = np.arange(len(turned))
    is_tune = (rows % len(films)) % TUNE_EVERY == 0
    return tuple(  # type: ignore[return-value]
        Examples(inputs=turned, rows=rows[keep], targets=targets[keep])
        for keep in (~is_tune, is_tune)
    )
