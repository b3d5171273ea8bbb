"""Every module src/thoracle/a/b.py has its tests in tests/unit/a/test_b.py."""

import ast
from pathlib import Path, PurePosixPath


def _needs_a_test(module: PurePosixPath, tree: ast.Module) -> bool:
    """Return whether a module does anything.

    Migrations are tested by running all of them, the web's tables of texts by one test for all.
    """
    if "migrations" in module.parts or module.parent.name == "texts":
        return False
    return module.name != "__init__.py" or any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for node in tree.body
    )


def test_every_module_has_the_test_file_of_its_name(
    root: Path, modules: dict[str, ast.Module]
) -> None:
    missing = []
    for name, tree in modules.items():
        module = PurePosixPath(name)
        expected = root / "tests" / "unit" / module.with_name(f"test_{module.stem.strip('_')}.py")
        plain = expected.with_name(f"test_{module.stem}.py")
        if _needs_a_test(module, tree) and not (expected.exists() or plain.exists()):
            missing.append(f"{name} needs {expected.relative_to(root)}")
    assert missing == []


def test_a_package_file_holds_a_docstring_and_little_else(modules: dict[str, ast.Module]) -> None:
    without = [
        name
        for name, tree in modules.items()
        if name.endswith("__init__.py") and not ast.get_docstring(tree)
    ]
    assert without == []


def test_the_first_line_of_every_module_says_what_it_is_for(
    modules: dict[str, ast.Module],
) -> None:
    silent = [name for name, tree in modules.items() if not ast.get_docstring(tree)]
    assert silent == []
