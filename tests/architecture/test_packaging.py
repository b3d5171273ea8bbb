"""What pip installs is bounded in pyproject.toml, exact in constraints.txt and named once."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    """Return the table [project] of pyproject.toml."""
    content: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    found: dict[str, Any] = content["project"]
    return found


@pytest.fixture(scope="module")
def requirements(project: dict[str, Any]) -> list[Requirement]:
    """Return every direct requirement of another project, extras included."""
    lines = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        lines += extra
    parsed = [Requirement(line) for line in lines]
    return [one for one in parsed if canonicalize_name(one.name) != project["name"]]


@pytest.fixture(scope="module")
def pins(root: Path) -> dict[str, Version]:
    """Return the exact versions of constraints.txt."""
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def test_every_direct_dependency_has_a_floor_and_a_ceiling(
    requirements: list[Requirement],
) -> None:
    def is_bounded(requirement: Requirement) -> bool:
        operators = {one.operator for one in requirement.specifier}
        return operators == {"=="} or operators >= {">=", "<"}

    assert [str(one) for one in requirements if not is_bounded(one)] == []


def test_every_direct_dependency_is_pinned_inside_its_range(
    requirements: list[Requirement], pins: dict[str, Version]
) -> None:
    wrong = [
        f"{one}: pinned to {pins.get(canonicalize_name(one.name))}; run `make constraints`"
        for one in requirements
        if canonicalize_name(one.name) not in pins
        or pins[canonicalize_name(one.name)] not in one.specifier
    ]
    assert wrong == []


def test_no_pin_names_one_machines_build(pins: dict[str, Version]) -> None:
    assert [name for name, version in pins.items() if version.local] == []


def test_the_serving_set_has_nothing_of_training(project: dict[str, Any]) -> None:
    served = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    assert served.isdisjoint({"torch", "torchvision", "timm", "lightning", "monai", "pandas"})


def test_the_makefile_installs_the_torch_that_pyproject_asks_for(
    root: Path, requirements: list[Requirement]
) -> None:
    (torch,) = {str(one) for one in requirements if one.name == "torch"}
    assert f"$(PIP) {torch}\n" in (root / "Makefile").read_text(encoding="utf-8")


def test_the_citation_names_the_version(root: Path, project: dict[str, Any]) -> None:
    citation = (root / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (\S+)$", citation, re.MULTILINE) == [project["version"]]


def test_changelog_fragments_have_a_known_type(root: Path) -> None:
    content = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    types = {one["directory"] for one in content["tool"]["towncrier"]["type"]}
    kept = {"README.md", "template.md"}
    fragments = [path.name for path in (root / "changelog.d").iterdir() if path.name not in kept]
    wrong = [name for name in fragments if name.split(".")[1:] not in [[t, "md"] for t in types]]
    assert wrong == []
