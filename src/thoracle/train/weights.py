"""Weights from a safetensors file, or in one line why it gives none."""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from thoracle.core.errors import RecipeError


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return all tensors of a safetensors file by their names.

    Parameters
    ----------
    path
        Of a run, or from elsewhere.

    Raises
    ------
    RecipeError
        There is no such file, or it is of another kind or damaged.
    """
    if not path.is_file():
        raise RecipeError(
            f"found no file {path} – expected safetensors weights. Correct the path.",
            code="weights-missing",
        )
    try:
        weights: dict[str, Tensor] = load_file(path)
    except (SafetensorError, OSError) as error:
        detail = " ".join(str(error).split()).rstrip(".")
        raise RecipeError(
            f"found {path}, which cannot be read as safetensors ({detail}) – expected weights. "
            "Name such a file, or copy it again.",
            code="weights-unreadable",
        ) from error
    return weights
