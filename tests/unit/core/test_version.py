"""There is one source of the version: pyproject.toml."""

import tomllib
from pathlib import Path

from thoracle.core.version import version

ROOT = Path(__file__).parents[3]


def test_the_version_is_the_one_in_pyproject() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert version() == declared["project"]["version"]
