"""From a TOML table to a frozen dataclass: every key known, every type right."""

import dataclasses
import tomllib
import types
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from thoracle.core.errors import RecipeError

T = TypeVar("T")


def recipe_text(path: Path) -> str:
    """Read the text of a recipe.

    Parameters
    ----------
    path
        A TOML file.

    Raises
    ------
    RecipeError
        The file is missing.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise RecipeError(
            f"found no recipe at {path} – expected a TOML file ({error.strerror}). Correct it."
        ) from error


def recipe_table(text: str) -> dict[str, Any]:
    """Read a recipe's text as TOML; its own text is the value of `text`.

    Parameters
    ----------
    text
        As in the file.

    Raises
    ------
    RecipeError
        It is not TOML.
    """
    try:
        return tomllib.loads(text) | {"text": text}
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"found a recipe that is not TOML: {error}. Mend that line.") from error


def from_table(cls: type[T], table: dict[str, Any], *, where: str) -> T:
    """Build a dataclass from a TOML table, and whatever dataclasses it holds.

    Parameters
    ----------
    cls
        A dataclass; tuples in it stand for TOML's arrays.
    table
        Its values by field name.
    where
        What messages call the table.

    Returns
    -------
    dataclass
        Defaults where the table has no value.

    Raises
    ------
    RecipeError
        A key is unknown or missing, or a value has another type.
    """
    hints = typing.get_type_hints(cls)
    unknown = sorted(set(table) - set(hints))
    if unknown:
        raise RecipeError(
            f"found unknown key {unknown[0]!r} in {where} – expected one of "
            f"{', '.join(sorted(hints))}. Remove or correct it."
        )
    values = {key: _convert(hints[key], value, f"{where}.{key}") for key, value in table.items()}
    try:
        return cls(**values)
    except TypeError as error:
        fields = dataclasses.fields(cls)  # type: ignore[arg-type]  # every cls here is a dataclass
        missing = [f.name for f in fields if f.name not in table and _is_required(f)]
        raise RecipeError(
            f"found no {', '.join(missing)} in {where} – expected it. Add it."
        ) from error


def checked_recipe(cls: type[T], text: str, *, problem: Callable[[T], str | None]) -> T:
    """Build a recipe from its text, and refuse values that no run can be made with.

    Parameters
    ----------
    cls
        A dataclass with the field `text`.
    text
        TOML.
    problem
        Says what was found and what was expected, or None where all is well.

    Returns
    -------
    dataclass
        With the text itself.

    Raises
    ------
    RecipeError
        A value is not one that it can be made with.
    """
    recipe = from_table(cls, recipe_table(text), where="recipe")
    found = problem(recipe)
    if found is not None:
        raise RecipeError(f"found {found}. Correct the value.")
    return recipe


def _is_required(one: dataclasses.Field[Any]) -> bool:
    return one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING


def _convert(hint: Any, value: Any, where: str) -> Any:
    if isinstance(hint, types.UnionType):
        hint = next(one for one in typing.get_args(hint) if one is not type(None))
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        return from_table(typing.cast("type[Any]", hint), value, where=where)
    if typing.get_origin(hint) is tuple and isinstance(value, list):
        inner = typing.get_args(hint)[0]
        return tuple(_convert(inner, one, where) for one in value)
    if hint is float and type(value) is int:
        return float(value)
    if not isinstance(hint, type) or type(value) is not hint:
        name = getattr(hint, "__name__", str(hint))
        raise RecipeError(f"found {where} = {value!r} – expected {name}. Correct the value.")
    return value
