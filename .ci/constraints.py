"""Print constraints.txt: the exact version of all that pyproject.toml leads to."""

from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

HEADER = """\
# Exact versions of everything that pyproject.toml leads to; `make` installs these and no others.
# Written by `make constraints` from the environment that passed the tests. Do not edit by hand.
"""


def reachable(root: str) -> set[str]:
    """Return the canonical names of all distributions that a requirement leads to.

    Parameters
    ----------
    root
        A requirement with its extras, such as "thoracle[dev]"; it must be installed.

    Returns
    -------
    set of str
        The root itself is left out.
    """
    seen: set[tuple[str, str]] = set()
    waiting = [Requirement(root)]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        for extra in {"", *requirement.extras}:
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += _required_by(name, extra=extra)
    return {name for name, _ in seen} - {canonicalize_name(Requirement(root).name)}


def _required_by(name: str, *, extra: str) -> list[Requirement]:
    lines = [Requirement(line) for line in metadata.distribution(name).requires or ()]
    return [one for one in lines if one.marker is None or one.marker.evaluate({"extra": extra})]


def main() -> None:
    """Write the constraints to standard output, without local labels such as +cpu."""
    print(HEADER, end="")
    for name in sorted(reachable("thoracle[dev]")):
        print(f"{name}=={Version(metadata.version(name)).public}")


if __name__ == "__main__":
    main()
