"""`thoracle train` and `thoracle export`: from a recipe to a run, from a run to a bundle."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.core.errors import ManifestError, SplitError

if TYPE_CHECKING:
    from thoracle.train.tables import TrainingData

MANIFEST, SPLIT = Path("manifest.csv"), Path("split.csv")
ManifestOption = Annotated[Path, typer.Option(help="Manifest from `thoracle data build`.")]
SplitOption = Annotated[Path, typer.Option(help="Split from `thoracle data split`.")]
CollectionsOption = Annotated[
    Path | None, typer.Option(help="Folder above the gate recipe's collections.")
]
CacheOption = Annotated[
    Path, typer.Option(callback=folder_to_write, help="Folder for arrays made from the films.")
]


def train(
    recipe: Annotated[Path, typer.Argument(help="Recipe, a TOML file.")],
    *,
    manifest: ManifestOption = MANIFEST,
    split: SplitOption = SPLIT,
    run: Annotated[
        Path | None,
        typer.Option(
            callback=folder_to_write,
            help="Folder of the run; an interrupted one goes on. By default runs/ and the "
            "recipe's name.",
        ),
    ] = None,
    collections: CollectionsOption = None,
    lungs: Annotated[str, typer.Option(help="Lung bundle that cuts the films.")] = "lungs",
    cache: CacheOption = Path("runs/cache"),
) -> None:
    """Train a network from a recipe (needs the extra `train`).

    Writes checkpoints, learning curves (CSV and plot) and weights into the run's folder.
    """
    need_torch()
    from thoracle.train.curves import plot_curves
    from thoracle.train.recipe import read_recipe
    from thoracle.train.start import TrainingPlaces
    from thoracle.train.start import train as run_recipe

    plan = read_recipe(recipe)
    data = _training_data(manifest, split, cache)
    folder = run or Path("runs") / recipe.stem
    places = TrainingPlaces(run=folder, collections=collections, lungs=lungs)
    run_recipe(plan, data, places)
    if plan.stages:  # a severity run has none: only its head is learned
        plot_curves(folder)
    typer.echo(f"Trained: {folder}. Next: thoracle export {folder}, with the same options")


def export(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    *,
    manifest: ManifestOption = MANIFEST,
    split: SplitOption = SPLIT,
    out: Annotated[
        Path | None,
        typer.Option(
            callback=folder_to_write,
            help="Folder of the new bundle. By default bundles/ and the run's name.",
        ),
    ] = None,
    collections: CollectionsOption = None,
    lungs: Annotated[str, typer.Option(help="Lung bundle that cuts the films.")] = "lungs",
    cache: CacheOption = Path("runs/cache"),
) -> None:
    """Turn a finished run into a calibrated bundle that equals it (needs the extra `train`)."""
    need_torch()
    from thoracle.core.files import sha256_of_file
    from thoracle.train.packing import pack
    from thoracle.train.start import TrainingPlaces

    data = _training_data(manifest, split, cache)
    digests = {
        "manifest_digest": data.manifest.digest,
        "split_sha256": sha256_of_file(split),
        "films_in_manifest": str(len(data.manifest.films)),
    }
    places = TrainingPlaces(run=run, collections=collections, lungs=lungs)
    folder = out or Path("bundles") / run.resolve().name
    parity = pack(run, data, places, folder, digests=digests)
    typer.echo(
        f"Exported {folder}: on {parity.films} real films ONNX Runtime and torch differ by at most "
        f"{parity.logit_difference:.1e} in a logit and {parity.map_difference:.1e} of a map's "
        "maximum."
    )


def _training_data(manifest: Path, split: Path, cache: Path) -> "TrainingData":
    from thoracle.datasets.manifest import read_manifest
    from thoracle.datasets.split import duplicates_beside, read_checked_split
    from thoracle.train.tables import TrainingData

    _need_files(manifest, split, duplicates_beside(split))
    films = read_manifest(manifest)
    checked = read_checked_split(split, films)
    return TrainingData(
        manifest=films,
        splits=checked.by_path(),
        cache=cache,
        groups={row.path: row.group for row in checked.rows},
    )


def _need_files(manifest: Path, split: Path, duplicates: Path) -> None:
    """Say which file is missing, and what makes it.

    Raises
    ------
    ManifestError
        There is no manifest.
    SplitError
        There is no split, or no list of near-duplicates beside it.
    """
    if not manifest.is_file():
        raise ManifestError(
            f"found no file {manifest} – expected a manifest. Make one with `thoracle data build`, "
            "or name yours with --manifest.",
            code="manifest-missing",
        )
    if not split.is_file():
        raise SplitError(
            f"found no file {split} – expected a split of {manifest}. Make one with `thoracle data "
            "split`, or name yours with --split.",
            code="split-missing",
        )
    if not duplicates.is_file():
        raise SplitError(
            f"found no file {duplicates} – expected the near-duplicates beside the split. Make the "
            "split again with `thoracle data split`: the same seed gives the same split.",
            code="split-missing",
        )


def need_torch() -> None:
    """Stop early where the extra `train` is missing.

    Raises
    ------
    MissingExtraError
        One of its packages is not installed.
    """
    from importlib.util import find_spec

    from thoracle.core.errors import MissingExtraError
    from thoracle.core.extras import how_to_install

    missing = [name for name in ("torch", "lightning", "timm") if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"found no {missing[0]} – expected the extra `train` for this command. "
            f"Run: {how_to_install('train')}"
        )
