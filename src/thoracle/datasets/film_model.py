"""The statistical model of frontal chest films: what it holds, and its file."""

import io
import json
import zipfile
from dataclasses import dataclass, field, fields
from functools import lru_cache
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import ThoracleError
from thoracle.core.files import write_atomically
from thoracle.datasets.film_shape import POINTS
from thoracle.datasets.film_texture import BANDS, COARSE

SIZE = 256
"""Rows and columns of the model's frame, in pixels."""
TONES = 65
"""Points of a tone curve: the grey at 0, 1/64 ... 1 of a film's pixels, from dark to bright."""
FORMAT = 1


class FilmModelError(ThoracleError):
    """The film model is missing, altered, or cannot give what was asked for."""

    code = "film-model"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmModel:
    """Means and principal components over many films; no single film is in it.

    A film of the model is drawn as: outline = `outline_mean` + parts · `outline_parts`; ranked
    picture = `picture_means[finding]` + parts · `picture_parts` + texture of `texture_powers`;
    tone curve = `tone_mean` + parts · `tone_parts`. The weights of all parts together are a
    Gaussian per finding.

    Attributes
    ----------
    findings
        Names, in the order of the first axis below.
    films
        How many films each finding was learned from, one of each patient.
    outline_mean : (2 * POINTS + 1,) float32
        Rows and columns of the points in box coordinates, then the logarithm of the aspect.
    outline_parts : (outline parts, 2 * POINTS + 1) float32
        Scaled to the standard deviation over all films.
    picture_means : (findings, SIZE, SIZE) float32
        Share of the film's pixels that are darker, 0 to 1, on the mean outline.
    picture_parts : (picture parts, SIZE, SIZE) float32
        Scaled to the standard deviation over all films.
    tone_mean : (TONES,) float32, tone_parts : (tone parts, TONES) float32
        Grey, 0 to 1, rising.
    weight_means : (findings, parts) float32, weight_factors : (findings, parts, parts) float32
        Mean and Cholesky factor of the weights: outline, picture and tone parts in this order.
    texture_powers : (findings, BANDS, COARSE, COARSE) float32
        What the parts leave over, see `film_texture`.
    """

    findings: tuple[str, ...]
    films: tuple[int, ...]
    outline_mean: FloatArray = field(repr=False)
    outline_parts: FloatArray = field(repr=False)
    picture_means: FloatArray = field(repr=False)
    picture_parts: FloatArray = field(repr=False)
    tone_mean: FloatArray = field(repr=False)
    tone_parts: FloatArray = field(repr=False)
    weight_means: FloatArray = field(repr=False)
    weight_factors: FloatArray = field(repr=False)
    texture_powers: FloatArray = field(repr=False)

    def finding_index(self, finding: str) -> int:
        """Return the position of a finding.

        Raises
        ------
        FilmModelError
            The model does not know it.
        """
        if finding not in self.findings:
            raise FilmModelError(
                f'The film model knows no "{finding}"; expected one of '
                f"{', '.join(self.findings)}. Name one of these."
            )
        return self.findings.index(finding)


def shipped_path() -> Path:
    """Return where the model lies that comes with the package."""
    return Path(str(resources.files("thoracle.datasets") / "film_model.npz"))


@lru_cache(maxsize=1)
def shipped_model() -> FilmModel:
    """Return the model that comes with the package; it is read once."""
    return read_model(shipped_path())


def write_model(model: FilmModel, path: Path) -> None:
    """Write a model as a compressed NPZ of rounded numbers, a few megabytes.

    Pictures and their parts keep 8 bits each, everything else half precision.
    """
    arrays: dict[str, NDArray[np.generic]] = {}
    for name in _ARRAYS:
        values: FloatArray = getattr(model, name)
        if name in _IN_BYTES:
            scale = np.abs(values).max(axis=(1, 2), keepdims=True) / 127
            arrays[name] = np.round(values / scale).astype(np.int8)
            arrays[f"{name}_scale"] = scale.astype(np.float32)
        elif name == "texture_powers":  # its range is that of squares: half floats would underflow
            arrays[name] = np.log2(values).astype(np.float16)
        else:
            arrays[name] = values.astype(np.float16)
    head = {"format": FORMAT, "findings": model.findings, "films": model.films}
    arrays["head"] = np.frombuffer(json.dumps(head).encode(), np.uint8)
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    write_atomically(path, stream.getvalue())


def read_model(path: Path) -> FilmModel:
    """Read a model that `write_model` wrote.

    Raises
    ------
    FilmModelError
        The file is missing, is no film model, or its arrays do not fit together.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        head = json.loads(arrays["head"].tobytes())
        values = {name: _restored(name, arrays) for name in _ARRAYS}
        films = tuple(int(count) for count in head["films"])
        model = FilmModel(findings=tuple(head["findings"]), films=films, **values)
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise FilmModelError(
            f"{path} cannot be read as a film model ({error}); expected the NPZ that "
            "`thoracle examples fit` writes. Fit it again, or reinstall the package."
        ) from None
    _check(model, head.get("format"), path)
    return model


_ARRAYS = tuple(each.name for each in fields(FilmModel) if each.name not in {"findings", "films"})
_IN_BYTES = ("picture_means", "picture_parts")


def _restored(name: str, arrays: dict[str, NDArray[np.generic]]) -> FloatArray:
    values = np.asarray(arrays[name], np.float32)
    if name in _IN_BYTES:
        return values * np.asarray(arrays[f"{name}_scale"], np.float32)
    return np.exp2(values) if name == "texture_powers" else values


def _check(model: FilmModel, found_format: object, path: Path) -> None:
    count = len(model.findings)
    parts = len(model.outline_parts) + len(model.picture_parts) + len(model.tone_parts)
    expected = {
        "outline_mean": (2 * POINTS + 1,),
        "outline_parts": (len(model.outline_parts), 2 * POINTS + 1),
        "picture_means": (count, SIZE, SIZE),
        "picture_parts": (len(model.picture_parts), SIZE, SIZE),
        "tone_mean": (TONES,),
        "tone_parts": (len(model.tone_parts), TONES),
        "weight_means": (count, parts),
        "weight_factors": (count, parts, parts),
        "texture_powers": (count, BANDS, COARSE, COARSE),
    }
    wrong = [name for name in _ARRAYS if getattr(model, name).shape != expected[name]]
    if wrong or found_format != FORMAT:
        fault = f"{wrong[0]} has another shape" if wrong else f"its format is {found_format}"
        raise FilmModelError(
            f"{path} does not fit this version ({fault}); expected format {FORMAT}. "
            "Fit it again with `thoracle examples fit`."
        )
