"""What untrusted bytes could turn against us, and what hides errors, is not in the package."""

import ast
from collections.abc import Iterator

FORBIDDEN_IMPORTS = {
    "pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "xml.etree",
    "xml.sax", "xml.dom",
    # What a decoder's child says is as untrusted as its file; these would unpickle it.
    "multiprocessing", "concurrent.futures.ProcessPoolExecutor", "concurrent.futures.process",
}  # fmt: skip
FORBIDDEN_CALLS = {
    "print", "eval", "exec", "breakpoint", "input", "os.system", "os.popen", "yaml.load",
    "yaml.unsafe_load", "tempfile.mktemp",
}  # fmt: skip
GLOBAL_STATE = {
    "warnings.filterwarnings", "warnings.simplefilter", "np.random.seed", "numpy.random.seed",
    "random.seed", "torch.manual_seed", "logging.basicConfig", "matplotlib.use",
}  # fmt: skip


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def _keywords(call: ast.Call) -> dict[str | None, object]:
    return {
        one.arg: one.value.value for one in call.keywords if isinstance(one.value, ast.Constant)
    }


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def forbidden_in(tree: ast.Module) -> list[str]:
    """Return what is forbidden in one module, with its line."""
    found = [
        f"line {node.lineno}: assert" for node in ast.walk(tree) if isinstance(node, ast.Assert)
    ]
    found += [
        f"line {getattr(node, 'lineno', 0)}: import {name}"
        for node in ast.walk(tree)
        for name in _imported(node)
        if any(name == one or name.startswith(f"{one}.") for one in FORBIDDEN_IMPORTS)
    ]
    for name, call in _calls(tree):
        found += [f"line {call.lineno}: {what}" for what in _wrong_with(name, _keywords(call))]
    return found


def _wrong_with(name: str, keywords: dict[str | None, object]) -> Iterator[str]:
    if name in FORBIDDEN_CALLS:
        yield f"{name}()"
    if name == "torch.load" and keywords.get("weights_only") is not True:
        yield "torch.load() without weights_only=True"
    for keyword in ("allow_pickle", "shell"):
        if keywords.get(keyword) is True:
            yield f"{keyword}=True"


def changed_at_import(tree: ast.Module) -> list[str]:
    """Return the calls that change the whole process as soon as the module is imported."""
    return [
        f"line {call.lineno}: {name}()"
        for statement in tree.body
        if isinstance(statement, ast.Expr | ast.Assign)
        for name, call in _calls(statement)
        if name in GLOBAL_STATE
    ]


def test_nothing_forbidden_occurs(modules: dict[str, ast.Module]) -> None:
    found = {name: forbidden_in(tree) for name, tree in modules.items()}
    assert {name: places for name, places in found.items() if places} == {}


def test_importing_changes_nothing_global(modules: dict[str, ast.Module]) -> None:
    found = {name: changed_at_import(tree) for name, tree in modules.items()}
    assert {name: places for name, places in found.items() if places} == {}


def test_the_search_finds_each_kind() -> None:
    tree = ast.parse(
        "import pickle\n"
        "from xml import etree\n"
        "assert x\n"
        "print(x)\n"
        "torch.load(f)\n"
        "torch.load(f, weights_only=True)\n"
        "np.load(f, allow_pickle=True)\n"
        "run(c, shell=True)\n"
        "warnings.simplefilter('ignore')\n"
    )
    assert sorted(forbidden_in(tree)) == [
        "line 1: import pickle",
        "line 2: import xml.etree",
        "line 3: assert",
        "line 4: print()",
        "line 5: torch.load() without weights_only=True",
        "line 7: allow_pickle=True",
        "line 8: shell=True",
    ]
    assert changed_at_import(tree) == ["line 9: warnings.simplefilter()"]
