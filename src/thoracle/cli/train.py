"""`thoracle train` and `thoracle export`: from a recipe to a run, from a run to a bundle."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from thoracle.train.tables import TrainingData

ManifestOption = Annotated[Path, typer.Option(help="Manifest from `thoracle data build`.")]
SplitOption = Annotated[Path, typer.Option(help="Split from `thoracle data split`.")]
CollectionsOption = Annotated[
    Path | None, typer.Option(help="Folder above the gate recipe's collections.")
]
CacheOption = Annotated[Path, typer.Option(help="Folder for arrays made from the films.")]


def train(
    recipe: Annotated[Path, typer.Argument(help="Recipe, a TOML file.")],
    *,
    manifest: ManifestOption,
    split: SplitOption,
    run: Annotated[Path, typer.Option(help="Folder of the run; an interrupted one goes on.")],
    collections: CollectionsOption = None,
    lungs: Annotated[str, typer.Option(help="Lung bundle that cuts the films.")] = "lungs",
    cache: CacheOption = Path("runs/cache"),
) -> None:
    """Train a network from a recipe (needs the extra `train`).

    Writes checkpoints, learning curves (CSV and plot) and weights into the run's folder.
    """
    _need_torch()
    from thoracle.train.curves import plot_curves
    from thoracle.train.recipe import read_recipe
    from thoracle.train.start import TrainingPlaces
    from thoracle.train.start import train as run_recipe

    data = _training_data(manifest, split, cache)
    places = TrainingPlaces(run=run, collections=collections, lungs=lungs)
    run_recipe(read_recipe(recipe), data, places)
    plot_curves(run)
    typer.echo(f"Trained: {run}. Next: thoracle export {run} --manifest … --split … --out DIR")


def export(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    *,
    manifest: ManifestOption,
    split: SplitOption,
    out: Annotated[Path, typer.Option(help="Folder of the new bundle.")],
    collections: CollectionsOption = None,
    lungs: Annotated[str, typer.Option(help="Lung bundle that cuts the films.")] = "lungs",
    cache: CacheOption = Path("runs/cache"),
) -> None:
    """Turn a finished run into a calibrated bundle that equals it (needs the extra `train`)."""
    _need_torch()
    from thoracle.core.files import sha256_of_file
    from thoracle.train.packing import pack
    from thoracle.train.start import TrainingPlaces

    data = _training_data(manifest, split, cache)
    digests = {
        "manifest_digest": data.manifest.digest,
        "split_sha256": sha256_of_file(split),
        "films": str(len(data.manifest.films)),
    }
    places = TrainingPlaces(run=run, collections=collections, lungs=lungs)
    parity = pack(run, data, places, out, digests=digests)
    typer.echo(
        f"Exported {out}: on {parity.films} real films ONNX Runtime and torch differ by at most "
        f"{parity.logit_difference:.1e} in a logit and {parity.map_difference:.1e} of a map's "
        "maximum."
    )


def _training_data(manifest: Path, split: Path, cache: Path) -> "TrainingData":
    from thoracle.datasets.duplicates import read_pairs
    from thoracle.datasets.manifest import read_manifest
    from thoracle.datasets.split import check_split, read_split
    from thoracle.train.tables import TrainingData

    films, divided = read_manifest(manifest), read_split(split)
    pairs = read_pairs(split.with_suffix(".duplicates.csv"), manifest_digest=films.digest)
    check_split(films, divided, pairs)
    return TrainingData(manifest=films, splits=divided.by_path(), cache=cache)


def _need_torch() -> None:
    from importlib.util import find_spec

    from thoracle.core.errors import MissingExtraError

    missing = [name for name in ("torch", "lightning", "timm") if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"found no {missing[0]} – expected the extra `train` for this command. "
            'Install it with: pip install "thoracle[train]"'
        )
