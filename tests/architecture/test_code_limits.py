"""The tail: no file over 400 lines, no function over 30 statements or complexity 8."""

import ast
from pathlib import Path

LINES_MAX = 400
STATEMENTS_MAX = 30
COMPLEXITY_MAX = 8
BRANCHES = (
    ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.comprehension, ast.match_case,
)  # fmt: skip  # as mccabe counts them
Function = ast.FunctionDef | ast.AsyncFunctionDef


def statements_in(function: Function) -> int:
    """Count the statements of a body, those of inner functions included."""
    return sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1


def complexity_of(function: Function) -> int:
    """Count the ways through a function, after McCabe."""
    return 1 + sum(isinstance(node, BRANCHES) for node in ast.walk(function))


def test_no_file_is_longer_than_one_idea(source: Path) -> None:
    lengths = {
        path.relative_to(source).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in source.rglob("*.py")
    }
    assert {name: lines for name, lines in lengths.items() if lines > LINES_MAX} == {}


def test_no_function_is_longer_or_more_tangled_than_one_verb(
    modules: dict[str, ast.Module],
) -> None:
    tail = [
        f"{name}:{node.lineno} {node.name}: {statements_in(node)} statements, "
        f"complexity {complexity_of(node)}"
        for name, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, Function)
        if statements_in(node) > STATEMENTS_MAX or complexity_of(node) > COMPLEXITY_MAX
    ]
    assert tail == []


def test_the_measures_count_as_they_say() -> None:
    (function,) = ast.parse("def f(x):\n  for y in x:\n    if y:\n      return [z for z in y]").body
    assert isinstance(function, ast.FunctionDef)
    assert statements_in(function) == 3
    assert complexity_of(function) == 4
