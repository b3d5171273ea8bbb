"""Figures to JSON and back, so that a report or a model card can be made from a stored file."""

import dataclasses
import json
import math
import types
import typing
from typing import Any

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.figures import SCHEMA, EvaluationFigures

DIGITS = 6  # Significant; intervals of a few hundred films are good to two.


def figures_to_json(figures: EvaluationFigures) -> dict[str, Any]:
    """Turn figures into JSON objects: NaN and infinity become null, numbers keep 6 digits."""
    return typing.cast("dict[str, Any]", plain(dataclasses.asdict(figures)))


def plain(value: Any) -> Any:
    """Turn dicts, lists and numbers into JSON's: NaN and infinity become null, 6 digits stay."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value


def figures_from_json(content: bytes | str) -> EvaluationFigures:
    """Read figures that `figures_to_json` made.

    Parameters
    ----------
    content
        JSON text.

    Returns
    -------
    EvaluationFigures
        Equal to the figures written, up to rounding.

    Raises
    ------
    EvaluationError
        The text is not JSON, of another schema, or lacks a field.
    """
    try:
        raw = json.loads(content)
    except ValueError as error:
        raise EvaluationError(
            f"The figures are not JSON ({error}). Write them with `thoracle evaluate`.",
            code="evaluation-schema",
        ) from error
    schema = raw.get("schema") if isinstance(raw, dict) else None
    if schema != SCHEMA:
        raise EvaluationError(
            f"The figures have schema {schema!r}, expected {SCHEMA!r}. "
            "Run `thoracle evaluate` again with this version.",
            code="evaluation-schema",
        )
    try:
        figures = _read(EvaluationFigures, raw)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise EvaluationError(
            f"The figures lack or misuse a field ({error}), expected all of {SCHEMA}. "
            "Run `thoracle evaluate` again with this version.",
            code="evaluation-schema",
        ) from error
    return typing.cast("EvaluationFigures", figures)


def _read(wanted: Any, value: Any) -> Any:
    """Build a value of a type that the figures use from its JSON form.

    A field with a default may be absent: figures stored before it was thought of are read.

    Raises
    ------
    TypeError
        The value is of another type.
    """
    origin, inner = typing.get_origin(wanted), typing.get_args(wanted)
    if origin is types.UnionType:
        return None if value is None else _read(inner[0], value)
    if origin is tuple:
        return _read_tuple(inner, value)
    if origin is dict:
        return {key: _read(inner[1], item) for key, item in value.items()}
    if dataclasses.is_dataclass(wanted):
        return _read_dataclass(wanted, value)
    if wanted is float:
        return math.nan if value is None else float(value)
    if not isinstance(value, wanted):
        raise TypeError(f"{value!r} is not {wanted.__name__}")
    return value


def _read_tuple(inner: tuple[Any, ...], value: list[Any]) -> tuple[Any, ...]:
    kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
    return tuple(_read(kind, item) for kind, item in zip(kinds, value, strict=True))


def _read_dataclass(wanted: Any, value: dict[str, Any]) -> Any:
    hints = typing.get_type_hints(wanted)
    known = [
        one.name
        for one in dataclasses.fields(wanted)
        if one.name in value or one.default is dataclasses.MISSING
    ]
    return wanted(**{name: _read(hints[name], value[name]) for name in known})
