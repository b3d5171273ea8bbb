"""From a finished run to a network file that equals it, with the proof beside."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import BundleError
from thoracle.inference.bundle import NETWORK
from thoracle.inference.parity import LOGIT_TOLERANCE, MAP_TOLERANCE, PARITY, differences
from thoracle.inference.session import run_file
from thoracle.train.autoencoder import AnomalyNetwork
from thoracle.train.graph import EmbeddingNetwork, MapNetwork
from thoracle.train.networks import PooledClassifier
from thoracle.train.onnx_graph import write_onnx
from thoracle.train.recipe import Recipe

PARITY_FILMS = 4
MADE_UP_TRIES = 5
MADE_UP_SHARE = 0.1
"""Of the tolerances: what a kept film uses of them here, so that another machine has room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """How far ONNX Runtime and torch differ: on real films, and on those kept in the bundle."""

    films: int
    logit_difference: float
    map_difference: float


def exported_network(network: nn.Module, recipe: Recipe) -> tuple[nn.Module, tuple[str, ...]]:
    """Return the network with the outputs that a bundle of its task has, and their names.

    Raises
    ------
    BundleError
        A gate or classifier whose network has no pooled head.
    """
    if recipe.task in {"lungs", "severity"}:
        return network, ("logits",)
    if isinstance(network, AnomalyNetwork):
        return network.eval(), network.output_names
    if not isinstance(network, PooledClassifier):
        raise BundleError(f"found {type(network).__name__} – expected a pooled classifier.")
    if recipe.map_layers:
        mapped = MapNetwork(network, recipe.map_layers)
        return mapped.eval(), mapped.output_names
    return EmbeddingNetwork(network).eval(), ("logits", "embedding")


def export_network(network: nn.Module, recipe: Recipe, films: FloatArray, folder: Path) -> Parity:
    """Write network.onnx and parity.npz, and refuse a network that differs from torch.

    Parameters
    ----------
    network
        Trained, in evaluation mode.
    recipe
        What it was trained by.
    films : (n, 1, size, size) float32
        Real films in the network's range; only the largest difference on them is kept.
    folder
        The bundle's folder, which exists.

    Returns
    -------
    Parity
        The largest differences.

    Raises
    ------
    BundleError
        A logit differs by more than 1e-4, or a map by more than 1e-3 of its maximum.
    """
    plain = network.float().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    wrapped, names = exported_network(plain, recipe)
    path = folder / NETWORK
    write_onnx(
        wrapped, path, size=recipe.size, output_names=names, has_gradients=bool(recipe.map_layers)
    )
    parity = compare(wrapped, path, names, films)
    if parity.logit_difference > LOGIT_TOLERANCE or parity.map_difference > MAP_TOLERANCE:
        raise BundleError(
            f"found logits that differ by {parity.logit_difference:.1e} and maps by "
            f"{parity.map_difference:.1e} – expected at most {LOGIT_TOLERANCE:.0e} and "
            f"{MAP_TOLERANCE:.0e}. The exported network is not the trained one: do not ship it.",
            code="bundle-parity",
        )
    made = _calm_films(wrapped, path, names, recipe.size)
    kept: dict[str, Any] = {
        name.replace("/", "|"): value
        for name, value in zip(names, torch_outputs(wrapped, made), strict=True)
    }
    np.savez_compressed(folder / PARITY, films=made.astype(np.float16), **kept)
    return parity


def _calm_films(network: nn.Module, path: Path, names: Sequence[str], size: int) -> FloatArray:
    """Return made-up films whose maps rounding does not move.

    A film at the kink of a ReLU has another gradient after any rounding: it proves nothing of the
    network, and would refuse it on the next machine.

    Raises
    ------
    BundleError
        No draw is calm: the networks differ.
    """
    for seed in range(MADE_UP_TRIES):
        films = made_up_films(size, seed=seed)
        found = compare(network, path, names, films)
        if (
            found.logit_difference <= MADE_UP_SHARE * LOGIT_TOLERANCE
            and found.map_difference <= MADE_UP_SHARE * MAP_TOLERANCE
        ):
            return films
    raise BundleError(
        f"found maps that differ by {found.map_difference:.1e} on made-up films – expected at most "
        f"{MADE_UP_SHARE * MAP_TOLERANCE:.0e}. The exported network is not the trained one: do not "
        "ship it.",
        code="bundle-parity",
    )


def made_up_films(size: int, *, seed: int = 0) -> FloatArray:
    """Return smooth random pictures that show nobody, exactly representable in half precision."""
    rng = np.random.default_rng(seed)
    coarse = torch.from_numpy(rng.uniform(-1, 1, (PARITY_FILMS, 1, 12, 12)).astype(np.float32))
    smooth = nn.functional.interpolate(coarse, size=[size, size], mode="bicubic").clamp(-1, 1)
    return smooth.numpy().astype(np.float16).astype(np.float32)


def torch_outputs(network: nn.Module, films: FloatArray) -> tuple[FloatArray, ...]:
    """Return torch's outputs, film by film, reckoned in double precision.

    In single precision torch rounds too: at the kink of a ReLU its own map may be the one that is
    off, and a network would be refused for it.
    """
    exact = copy.deepcopy(network).double()
    rows: list[tuple[Tensor, ...]] = []
    for film in torch.from_numpy(films).double():
        values = exact(film[None].clone().requires_grad_(True))
        rows.append(values if isinstance(values, tuple) else (values,))
    return tuple(torch.cat(one).detach().float().numpy() for one in zip(*rows, strict=True))


def compare(network: nn.Module, path: Path, names: Sequence[str], films: FloatArray) -> Parity:
    """Return how far an ONNX file and the network it was made from differ.

    Parameters
    ----------
    network
        In evaluation mode.
    path
        The ONNX file.
    names
        Names of the outputs, in order; those with "/" are maps.
    films : (n, 1, size, size) float32
        In the network's range.

    Returns
    -------
    Parity
        Maps as a share of each map's own maximum.
    """
    expected = dict(zip(names, torch_outputs(network, films), strict=True))
    logits, maps = differences(expected, run_file(path, films))
    return Parity(films=len(films), logit_difference=logits, map_difference=maps or 0.0)


def keep_logits(
    network: nn.Module, folder: Path, made: FloatArray, real: Sequence[Parity]
) -> float:
    """Keep what a network without maps says of made-up input, for whoever verifies its bundle.

    Parameters
    ----------
    network
        The trained one, in evaluation mode.
    folder
        Of the bundle; the exported network lies in it.
    made : (n, …) float32
        Made-up input.
    real
        How far the exported network differs on real input.

    Returns
    -------
    float
        The largest difference of a logit, on made-up and real input.

    Raises
    ------
    BundleError
        It is above the tolerance.
    """
    kept = compare(network, folder / NETWORK, ("logits",), made)
    largest = max(one.logit_difference for one in (*real, kept))
    if largest > LOGIT_TOLERANCE:
        raise BundleError(
            f"found logits that differ by {largest:.1e} – expected at most {LOGIT_TOLERANCE:.0e}. "
            "The exported network is not the trained one: do not ship it.",
            code="bundle-parity",
        )
    with torch.no_grad():
        logits = network(torch.from_numpy(made)).numpy()
    np.savez_compressed(folder / PARITY, films=made.astype(np.float16), logits=logits)
    return largest
