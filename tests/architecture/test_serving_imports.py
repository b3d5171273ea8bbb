"""The serving install holds no torch: every module but training's imports without it."""

import json
import runpy
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from packaging.utils import canonicalize_name

NOT_SERVED = {"train", "cluster"}
KNOWN_TRAINING_ONLY = {
    "torch", "torchvision", "timm", "lightning", "pandas", "matplotlib", "sklearn", "statsmodels",
    "pyarrow", "onnx",
}  # fmt: skip

# Finders are wrapped, not made to raise: libraries look for optional packages with find_spec.
IMPORT_WITHOUT = """
import importlib, json, sys, traceback

modules, hidden = json.loads(sys.stdin.read())
hidden = set(hidden)
at_start = set(sys.modules)  # the environment's own .pth files

class Without:
    def __init__(self, finder):
        self.finder = finder
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            return None
        return self.finder.find_spec(name, path, target)
    def __getattr__(self, name):
        return getattr(self.finder, name)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
failed = {}
for name in modules:
    try:
        importlib.import_module(name)
    except BaseException as error:
        failed[name] = traceback.format_exception_only(error)[-1].strip()
print(json.dumps([failed, sorted(hidden & set(sys.modules) - at_start)]))
"""


def _serving_distributions(root: Path) -> set[str]:
    """Return the distributions that `pip install thoracle` brings, without any extra."""
    walk = runpy.run_path(str(root / ".ci" / "constraints.py"))["reachable"]
    return {"thoracle", *walk("thoracle")}


def _hidden_packages(root: Path) -> set[str]:
    """Return every importable top-level name that the serving install would not have."""
    serving = _serving_distributions(root)
    return {
        package
        for package, owners in metadata.packages_distributions().items()
        if serving.isdisjoint(canonicalize_name(owner) for owner in owners)
    }


def _served_modules(source: Path) -> list[str]:
    names = []
    for path in sorted(source.rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        # Alembic runs its migration scripts itself, in a context that a plain import lacks.
        if parts[0] in NOT_SERVED or "migrations" in parts or parts[-1] == "__main__":
            continue
        names.append(".".join(("thoracle", *parts)).removesuffix(".__init__"))
    return names


def test_the_hidden_packages_are_those_that_only_training_may_use(root: Path) -> None:
    hidden = _hidden_packages(root)
    assert hidden >= KNOWN_TRAINING_ONLY
    assert hidden.isdisjoint({"numpy", "scipy", "onnxruntime", "fastapi", "thoracle", "pydicom"})


def test_every_served_module_imports_without_what_only_training_needs(
    root: Path, source: Path
) -> None:
    modules = _served_modules(source)
    assert "thoracle.core.results" in modules
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_WITHOUT],
        input=json.dumps([modules, sorted(_hidden_packages(root))]),
        capture_output=True,
        text=True,
        check=True,
    )
    failed, loaded = json.loads(done.stdout.splitlines()[-1])
    assert failed == {}
    assert loaded == []
