"""The source as syntax trees, and the files that belong to the repository."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def source(root: Path) -> Path:
    """Return the folder of the package."""
    return root / "src" / "thoracle"


@pytest.fixture(scope="session")
def modules(source: Path) -> dict[str, ast.Module]:
    """Return the syntax tree of every module, by its path below src/thoracle."""
    return {
        path.relative_to(source).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(source.rglob("*.py"))
    }


@pytest.fixture(scope="session")
def repository_files(root: Path) -> list[Path]:
    """Return the files that are, or would be, committed; skip outside a git work tree."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=root, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git work tree: what belongs to the repository is unknown")
    paths = [root / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]
